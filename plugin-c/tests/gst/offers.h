/* Offers as real peers write them, from the files in offers/. */
#pragma once

#include "choice.h"

G_BEGIN_DECLS

/* The file's text with the line ends of RFC 8866 (transfer full). */
char *test_offer_load (const char *name);

/* `text` with one `old`, or all of them, made `new`; there must be one. */
char *test_offer_edit (const char *text, const char *old, const char *new);
char *test_offer_edit_all (const char *text, const char *old, const char *new);

/* One choice for each m-line, all zero. Free with g_free. */
GstKvsSdpChoice *test_offer_choices_new (const GstKvsSdpOffer *offer);

G_END_DECLS
