#include "carry.h"

typedef struct {
  CarryFunc take;
  gpointer taker;
  GBytes *packet;
} Delivery;

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  g_bytes_unref (delivery->packet);
  g_free (delivery);
}

static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;

  delivery->take (delivery->taker, g_bytes_get_data (delivery->packet, NULL),
      g_bytes_get_size (delivery->packet));
  return G_SOURCE_REMOVE;
}

void
carry (KvsWorker *to, CarryFunc take, gpointer taker, const guint8 *data,
    gsize size)
{
  Delivery *delivery = g_new0 (Delivery, 1);

  delivery->take = take;
  delivery->taker = taker;
  delivery->packet = g_bytes_new (data, size);
  kvs_worker_call (to, deliver, delivery, delivery_free);
}
