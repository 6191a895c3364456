/* A TURN server (RFC 8656) on an address of this machine that allocates and
 * lets go, relays nothing, and answers an allocation only when it is told to.
 *
 * It runs on the default context; all here on its thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FAKE_TURN_USER "user"
#define FAKE_TURN_PASSWORD "password"

typedef struct _FakeTurn FakeTurn;

FakeTurn *fake_turn_new (void);
void fake_turn_free (FakeTurn *self);

const char *fake_turn_get_host (FakeTurn *self);
guint16 fake_turn_get_port (FakeTurn *self);

/* From now on allocations are made, but their answers wait; FALSE sends them. */
void fake_turn_hold (FakeTurn *self, gboolean is_holding);
/* Answers that wait. */
guint fake_turn_count_held (FakeTurn *self);

/* So far, and those of them that were not let go. */
guint fake_turn_count_made (FakeTurn *self);
guint fake_turn_count_left (FakeTurn *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeTurn, fake_turn_free)

G_END_DECLS
