/* The small ones: back-off, clock, displacement, correlations, config, names. */
#include <glib.h>

#include "backoff.h"
#include "clock.h"
#include "config.h"
#include "correlations.h"
#include "displacement.h"
#include "error.h"
#include "iceserver.h"
#include "signaller.h"

static void
test_backoff_doubles_to_its_cap (void)
{
  static const guint bounds[] = { 100, 200, 400, 800, 1600, 3200, 6400, 10000,
    10000, 10000, 10000, 10000 };
  KvsBackoff all = { 0 }, none = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++) {
    g_assert_cmpuint (kvs_backoff_next (&all, 1.0), ==, bounds[i]);
    g_assert_cmpuint (kvs_backoff_next (&none, 0.0), ==, 0);
  }
  kvs_backoff_reset (&all);
  g_assert_cmpuint (kvs_backoff_next (&all, 0.5), ==, 50);
}

static void
test_clock_is_corrected (void)
{
  KvsClock clock = { 0 };
  gint64 local = g_get_real_time () / G_USEC_PER_SEC;

  g_assert_cmpint (ABS (kvs_clock_now (&clock) - local), <=, 1);
  kvs_clock_correct (&clock, local - 7200);
  g_assert_cmpint (ABS (kvs_clock_now (&clock) - (local - 7200)), <=, 1);
}

#define LONG (60 * G_USEC_PER_SEC)
#define SHORT (1 * G_USEC_PER_SEC)

static void
test_the_older_gives_up_first (void)
{
  KvsDisplacement older = { 0 }, newer = { 0 };

  g_assert_false (kvs_displacement_closed (&older, 1008, LONG));
  g_assert_false (kvs_displacement_closed (&newer, 1008, SHORT));
  g_assert_true (kvs_displacement_closed (&older, 1008, SHORT));
}

static void
test_broken_connections_are_no_fight (void)
{
  KvsDisplacement self = { 0 };

  for (guint i = 0; i < 20; i++)
    g_assert_false (kvs_displacement_closed (&self, 0, SHORT));
  for (guint i = 0; i < 20; i++)
    g_assert_false (kvs_displacement_closed (&self, 1000, LONG));
}

static void
test_other_codes_take_longer (void)
{
  KvsDisplacement self = { 0 };

  for (guint i = 0; i < 3; i++)
    g_assert_false (kvs_displacement_closed (&self, 1001, SHORT));
  g_assert_true (kvs_displacement_closed (&self, 1001, SHORT));
}

static void
test_correlations (void)
{
  g_autoptr (KvsCorrelations) self = kvs_correlations_new ();
  g_autofree char *first = kvs_correlations_add (self, "a");
  g_autofree char *second = kvs_correlations_add (self, "b");

  g_assert_cmpstr (kvs_correlations_find (self, first), ==, "a");
  g_assert_cmpstr (kvs_correlations_find (self, second), ==, "b");
  for (guint i = 0; i < 63; i++)
    g_free (kvs_correlations_add (self, "c"));
  g_assert_null (kvs_correlations_find (self, first));
  g_assert_null (kvs_correlations_find (self, "0"));
  g_assert_null (kvs_correlations_find (self, "999"));
  g_assert_null (kvs_correlations_find (self, "-1"));
  g_assert_null (kvs_correlations_find (self, "nonsense"));
  g_assert_null (kvs_correlations_find (self, ""));
}

static void
test_config_is_copied_whole (void)
{
  KvsConfig config = { .channel = (char *) "cam1",
    .region = (char *) "",
    .secret_key = (char *) "s",
    .create_channel = TRUE,
    .fips = TRUE };
  g_autoptr (KvsConfig) copy = kvs_config_copy (&config);

  g_assert_cmpstr (copy->channel, ==, "cam1");
  g_assert_null (copy->region);
  g_assert_true (copy->create_channel && copy->fips);
  kvs_config_set_credentials (copy, "a", "b", NULL);
  g_assert_cmpstr (copy->secret_key, ==, "b");
  g_assert_null (copy->session_token);
}

static void
test_ice_server_is_copied_whole (void)
{
  const char *uris[] = { "turn:a", "turns:a", NULL };
  g_autoptr (KvsIceServer) server = kvs_ice_server_new (uris, "u", "p");

  g_assert_cmpuint (g_strv_length (server->uris), ==, 2);
  g_assert_cmpstr (server->password, ==, "p");
}

static void
test_names (void)
{
  for (guint code = 0; code <= KVS_ERROR_DISPLACED; code++)
    g_assert_cmpstr (kvs_error_nick (code), !=, "unknown");
  g_assert_cmpstr (kvs_error_nick (999), ==, "unknown");
  g_assert_cmpstr (kvs_signaller_state_nick (KVS_SIGNALLER_RECONNECTING), ==,
      "reconnecting");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/doubles-to-its-cap",
      test_backoff_doubles_to_its_cap);
  g_test_add_func ("/clock/is-corrected", test_clock_is_corrected);
  g_test_add_func ("/displacement/the-older-gives-up-first",
      test_the_older_gives_up_first);
  g_test_add_func ("/displacement/broken-connections-are-no-fight",
      test_broken_connections_are_no_fight);
  g_test_add_func ("/displacement/other-codes-take-longer",
      test_other_codes_take_longer);
  g_test_add_func ("/correlations/remember", test_correlations);
  g_test_add_func ("/config/is-copied-whole", test_config_is_copied_whole);
  g_test_add_func ("/iceserver/is-copied-whole",
      test_ice_server_is_copied_whole);
  g_test_add_func ("/names", test_names);
  return g_test_run ();
}
