/* What ICE leaves behind at TURN servers, whenever it is closed. */
#include <gst/gst.h>

#include "faketurn.h"
#include "ice.h"

typedef struct {
  RtcIce *ice;
  guint relays; /* candidates */
  gboolean is_closed;
} Fixture;

static void
on_candidate (gpointer user_data, const char *candidate)
{
  Fixture *self = user_data;

  g_assert_false (self->ice == NULL);
  self->relays += strstr (candidate, "typ relay") != NULL;
}

static void
on_gathered (gpointer user_data)
{
}

static void
on_ready (gpointer user_data)
{
  g_assert_not_reached ();
}

static void
on_packet (gpointer user_data, guint8 *data, gsize size)
{
  g_assert_not_reached ();
}

static const RtcIceEvents events = { on_candidate, on_gathered, on_ready,
  on_ready, on_packet };

static void
on_closed (gpointer user_data)
{
  Fixture *self = user_data;

  self->is_closed = TRUE;
}

static void
fixture_init (Fixture *self, FakeTurn *const *turns, guint n)
{
  static const RtcIceConfig config;

  *self = (Fixture){ NULL };
  self->ice = rtc_ice_new (g_main_context_default (), &config, &events, self);
  for (guint i = 0; i < n; i++)
    rtc_ice_add_relay (self->ice, fake_turn_get_host (turns[i]),
        fake_turn_get_port (turns[i]), FALSE, FAKE_TURN_USER,
        FAKE_TURN_PASSWORD);
  rtc_ice_gather (self->ice);
}

static void
begin_close (Fixture *self)
{
  rtc_ice_close (g_steal_pointer (&self->ice), on_closed, self);
}

#define WAIT(condition)                      \
  G_STMT_START                               \
  {                                          \
    while (!(condition))                     \
      g_main_context_iteration (NULL, TRUE); \
  }                                          \
  G_STMT_END

static void
test_gives_back (void)
{
  g_autoptr (FakeTurn) turn = fake_turn_new ();
  Fixture fixture;

  fixture_init (&fixture, &turn, 1);
  WAIT (fixture.relays > 0);
  begin_close (&fixture);
  WAIT (fixture.is_closed);
  g_assert_cmpuint (fake_turn_count_left (turn), ==, 0);
}

static void
test_answered_after_the_end (void)
{
  g_autoptr (FakeTurn) turn = fake_turn_new ();
  Fixture fixture;

  fake_turn_hold (turn, TRUE);
  fixture_init (&fixture, &turn, 1);
  WAIT (fake_turn_count_held (turn) > 0);
  begin_close (&fixture);
  fake_turn_hold (turn, FALSE);
  WAIT (fixture.is_closed);
  g_assert_cmpuint (fake_turn_count_made (turn), >, 0);
  g_assert_cmpuint (fake_turn_count_left (turn), ==, 0);
}

/* The one's answer comes while the other is being given back. */
static void
test_answered_after_the_end_beside_another (void)
{
  FakeTurn *turns[] = { fake_turn_new (), fake_turn_new () };
  Fixture fixture;

  fake_turn_hold (turns[1], TRUE);
  fixture_init (&fixture, turns, 2);
  WAIT (fixture.relays > 0 && fake_turn_count_held (turns[1]) > 0);
  begin_close (&fixture);
  fake_turn_hold (turns[1], FALSE);
  WAIT (fixture.is_closed);
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++) {
    g_assert_cmpuint (fake_turn_count_made (turns[i]), >, 0);
    g_assert_cmpuint (fake_turn_count_left (turns[i]), ==, 0);
    fake_turn_free (turns[i]);
  }
}

/* Nor is one waited for for ever; what others had is given back. */
static void
test_never_answered (void)
{
  FakeTurn *turns[] = { fake_turn_new (), fake_turn_new () };
  Fixture fixture;

  fake_turn_hold (turns[1], TRUE);
  fixture_init (&fixture, turns, 2);
  WAIT (fixture.relays > 0 && fake_turn_count_held (turns[1]) > 0);
  begin_close (&fixture);
  WAIT (fixture.is_closed);
  g_assert_cmpuint (fake_turn_count_left (turns[0]), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    fake_turn_free (turns[i]);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ice/gives-back", test_gives_back);
  g_test_add_func ("/ice/answered-after-the-end", test_answered_after_the_end);
  g_test_add_func ("/ice/answered-after-the-end-beside-another",
      test_answered_after_the_end_beside_another);
  g_test_add_func ("/ice/never-answered", test_never_answered);
  return g_test_run ();
}
