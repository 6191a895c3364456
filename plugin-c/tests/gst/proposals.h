/* What a viewer offers, for tests, and how a master says where it is. */
#pragma once

#include "proposal.h"

G_BEGIN_DECLS

#define TEST_TRANSPORT                                            \
  "c=IN IP4 0.0.0.0\r\n"                                          \
  "a=ice-ufrag:abcd\r\n"                                          \
  "a=ice-pwd:abcdefghijklmnopqrstuv\r\n"                          \
  "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:" \
  "0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"

/* As gst_kvs_plan_proposal makes it: all of audio, `send_video` of video that
 * is preferred as H264 and then VP8, and a data channel. */
GstKvsSdpProposal *test_proposal_new (gboolean send_video);

#define TEST_PROPOSED_FINGERPRINT                   \
  "sha-256 A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:AA:AB:AC:" \
  "AD:AE:AF:B0:B1:B2:B3:B4:B5:B6:B7:B8:B9:BA:BB:BC:BD:BE:BF"

/* The offer (transfer full). What is sent on line 1 is 12, and again 13. */
char *test_proposal_write (const GstKvsSdpProposal *self);

G_END_DECLS
