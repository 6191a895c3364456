/* A signaling channel in memory: a master and its viewers, each an element. */
#pragma once

#include "config.h"
#include "signaller.h"
#include "worker.h"

G_BEGIN_DECLS

#define TEST_TYPE_EXCHANGE (test_exchange_get_type ())
G_DECLARE_FINAL_TYPE (TestExchange, test_exchange, TEST, EXCHANGE, GObject)

TestExchange *test_exchange_new (void);

/* A GstKvsSignallerFactory; `exchange` is a TestExchange. */
KvsSignaller *test_exchange_signaller_new (KvsWorker *worker,
    const KvsConfig *config, gpointer exchange);

/* Any thread, all of these. */

/* Whether the last offer to a master that is not there waits for it, as with
 * the service; it does unless told otherwise. */
void test_exchange_keep_offers (TestExchange *self, gboolean keep);

/* Whether answers reach the viewers; they do unless told otherwise. */
void test_exchange_pass_answers (TestExchange *self, gboolean pass);

/* Everybody's connection to the channel is lost, and there again. */
void test_exchange_reconnect (TestExchange *self);

/* How many offers have been sent. */
guint test_exchange_count_offers (TestExchange *self);

/* The last offer and the last answer, or NULL (transfer full). */
char *test_exchange_get_offer (TestExchange *self);
char *test_exchange_get_answer (TestExchange *self);

/* Hands an answer to every viewer there is. */
void test_exchange_answer (TestExchange *self, const char *sdp);

G_END_DECLS
