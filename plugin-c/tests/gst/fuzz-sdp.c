/* What a stranger may write, from libFuzzer: offers and candidates.
 *
 *   CC=clang-14 meson setup build-fuzz -Db_sanitize=address -Db_lundef=false
 *   ninja -C build-fuzz tests/gst/fuzz-sdp
 *   mkdir corpus
 *   ASAN_OPTIONS=detect_leaks=0 \
 *     build-fuzz/tests/gst/fuzz-sdp -max_len=12000 corpus tests/gst/offers
 *
 * What GLib keeps for ever looks like a leak here; test-sdp-refusals looks for
 * the true ones.
 */
#include <gst/gst.h>
#include <stdint.h>

#include "candidate.h"
#include "offers.h"

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  gst_init (NULL, NULL);
  return 0;
}

static void
clean_candidate (const char *text)
{
  const char *why = NULL;
  g_autofree char *clean = gst_kvs_sdp_candidate_clean (text, &why);
  g_autofree char *again =
      clean ? gst_kvs_sdp_candidate_clean (clean, &why) : NULL;

  g_assert_true ((clean == NULL) == (why != NULL));
  g_assert_cmpstr (again, ==, clean);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);

  test_offer_survives (text);
  clean_candidate (text);
  return 0;
}
