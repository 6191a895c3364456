/* Packets from one thread to another, in order, as a network's are in memory of their own. */
#pragma once

#include "worker.h"

typedef void (*CarryFunc) (gpointer taker, const guint8 *data, gsize size);

/* @take gets a copy, on the worker; @taker is still there then. Any thread. */
void carry (KvsWorker *to, CarryFunc take, gpointer taker, const guint8 *data,
    gsize size);
