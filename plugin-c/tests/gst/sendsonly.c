/* For tests whose element sends and never receives, so that it has no rtpbin:
 * every one there is a viewer's webrtcbin's. What that of GStreamer 1.22 has made
 * for a stream that just begins, it loses where its pipeline ends at that moment. */

/* Read by AddressSanitizer, beside lsan.supp. */
const char *__lsan_default_suppressions (void);

const char *
__lsan_default_suppressions (void)
{
  return "leak:libgstrtpmanager\n";
}
