/* Answers to offers: written as the element writes them, and held against the offer. */
#pragma once

#include "sdpanswer.h"

G_BEGIN_DECLS

/* What the tests' own side says of itself. */
#define TEST_UFRAG "oUrS"
#define TEST_PASSWORD "oursoursoursoursoursours"
#define TEST_FINGERPRINT                            \
  "sha-256 A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:AA:AB:AC:" \
  "AD:AE:AF:B0:B1:B2:B3:B4:B5:B6:B7:B8:B9:BA:BB:BC:BD:BE:BF"
#define TEST_CNAME "ours"

/* What each m-line is sent as: 1000, 1010 and so on, and 1001, 1011 again. */
#define TEST_SSRC(mline) (1000u + 10 * (mline))

/* The answer (transfer full). */
char *test_answer_write (const GstKvsSdpOffer *offer,
    const GstKvsSdpChoice *choices);

/* Asserts all that is true of every answer to that offer with those choices. */
void test_answer_assert (const GstKvsSdpOffer *offer,
    const GstKvsSdpChoice *choices, const char *text);

/* How many attributes of that name it has. */
guint test_answer_count (const GstSDPMedia *media, const char *key);

/**
 * test_offer_survives:
 * Parses any text and, where it is an offer, does all with it that the
 * element would: what comes out must be an answer to it. Whether it was one.
 */
gboolean test_offer_survives (const char *text);

G_END_DECLS
