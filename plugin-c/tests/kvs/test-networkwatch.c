/* Changes of a network of the test's own, which the kernel tells of. */
#define _GNU_SOURCE
#include "networkwatch.h"

#include <gst/gst.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wait.h"

typedef struct {
  KvsWorker *worker;
  KvsNetworkWatch *watch;
  int changes; /* atomic */
} Fixture;

static void
on_changed (gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_true (kvs_worker_is_current (self->worker));
  g_atomic_int_inc (&self->changes);
}

static void
begin (gpointer data, gpointer unused)
{
  Fixture *self = data;

  self->watch = kvs_network_watch_new (self->worker, on_changed, self);
}

static void
end (gpointer data, gpointer unused)
{
  Fixture *self = data;

  g_clear_pointer (&self->watch, kvs_network_watch_free);
}

static void
set_link (gboolean is_up)
{
  struct ifreq request = { .ifr_name = "lo" };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (ioctl (fd, SIOCGIFFLAGS, &request), ==, 0);
  if (is_up)
    request.ifr_flags |= IFF_UP;
  else
    request.ifr_flags &= ~IFF_UP;
  g_assert_cmpint (ioctl (fd, SIOCSIFFLAGS, &request), ==, 0);
  close (fd);
}

static void
setup (Fixture *self)
{
  *self = (Fixture){ kvs_worker_new ("test") };
  set_link (FALSE);
  kvs_worker_call_wait (self->worker, begin, self);
}

static void
teardown (Fixture *self)
{
  kvs_worker_call_wait (self->worker, end, self);
  kvs_worker_stop (self->worker);
  g_assert_finalize_object (self->worker);
}

/* More changes than a socket's buffer holds are two: at once, and later. */
static void
test_tells_at_a_measured_pace (void)
{
  Fixture f;

  setup (&f);
  set_link (TRUE);
  WAIT_UNTIL (g_atomic_int_get (&f.changes) == 1);
  for (guint i = 0; i < 500; i++)
    set_link (i % 2);
  WAIT_UNTIL (g_atomic_int_get (&f.changes) == 2);
  teardown (&f);
}

/* Neither what is about to be told. */
static void
test_tells_nothing_afterwards (void)
{
  Fixture f;

  setup (&f);
  set_link (TRUE);
  kvs_worker_call_wait (f.worker, end, &f);
  set_link (FALSE);
  teardown (&f);
  g_assert_cmpint (f.changes, ==, 0);
}

/* Before there is a second thread. */
static gboolean
has_network_of_its_own (void)
{
  return unshare (CLONE_NEWNET) == 0
      || unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

int
main (int argc, char *argv[])
{
  gboolean is_alone = has_network_of_its_own ();

  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  if (!is_alone) {
    g_print ("1..0 # SKIP no network of its own is to be had\n");
    return 0;
  }
  g_test_add_func ("/networkwatch/tells-at-a-measured-pace",
      test_tells_at_a_measured_pace);
  g_test_add_func ("/networkwatch/tells-nothing-afterwards",
      test_tells_nothing_afterwards);
  return g_test_run ();
}
