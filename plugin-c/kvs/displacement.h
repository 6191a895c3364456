/* Whether somebody else keeps taking our place on the channel. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * KvsDisplacement:
 * The service closes a master's connection when a newer master connects
 * (ConnectAsMaster: the most recent request takes precedence), and no
 * document says with which code. So it is recognised by how it goes on: we
 * connect again, which displaces the other, who connects again. Counting
 * closes lets the older of two such programs give up first, since it began
 * to count one close earlier.
 */
typedef struct {
  guint votes;
} KvsDisplacement;

/**
 * kvs_displacement_closed:
 * @close_code: of RFC 6455, 7.4; 0 for a connection that broke
 * @lived_us: how long it had been open, in microseconds
 *
 * Returns: TRUE when it is time to give up.
 */
gboolean kvs_displacement_closed (KvsDisplacement *self, guint close_code,
    gint64 lived_us);

G_END_DECLS
