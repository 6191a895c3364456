#include "networkwatch.h"

#include <errno.h>
#include <gst/gst.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

GST_DEBUG_CATEGORY_STATIC (kvs_network_debug);
#define GST_CAT_DEFAULT kvs_network_debug

/* An address that goes is often followed by one that comes. */
#define SETTLE_MS 300

/* Between one that was told and the next: what is asked of the service then is
 * to be no burden to it where a link flaps, or virtual ones come and go. */
#define PACE_MS 5000

#define GROUPS                                                               \
  (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR \
      | RTMGRP_IPV6_ROUTE)

struct _KvsNetworkWatch {
  KvsWorker *worker;
  void (*changed) (gpointer user_data);
  gpointer user_data;

  int socket;
  GSource *source;
  GSource *timer; /* a change is about to be told */
  gint64 told;    /* monotonic; 0 for never */
};

static gboolean
on_timer (gpointer data)
{
  KvsNetworkWatch *self = data;

  kvs_worker_clear_timer (&self->timer);
  self->told = g_get_monotonic_time ();
  self->changed (self->user_data);
  return G_SOURCE_REMOVE;
}

static guint
find_delay_ms (KvsNetworkWatch *self)
{
  gint64 since_ms =
      (g_get_monotonic_time () - self->told) / G_TIME_SPAN_MILLISECOND;

  if (self->told == 0 || since_ms > PACE_MS - SETTLE_MS)
    return SETTLE_MS;
  return (guint) (PACE_MS - since_ms);
}

/* What it says is not looked at: whether the service still answers says more.
 * ENOBUFS is a change, too: more came than was read. */
static gboolean
read_all (int socket)
{
  char buffer[4096];
  gboolean has_read = FALSE;

  while (recv (socket, buffer, sizeof buffer, MSG_DONTWAIT) >= 0
      || errno == ENOBUFS || errno == EINTR)
    has_read = TRUE;
  return has_read;
}

static gboolean
on_readable (int socket, GIOCondition condition, gpointer data)
{
  KvsNetworkWatch *self = data;

  if (!read_all (socket)) {
    GST_WARNING ("the network is not watched any more: %s", g_strerror (errno));
    return G_SOURCE_REMOVE;
  }
  if (self->timer == NULL)
    self->timer = kvs_worker_call_delayed (self->worker, find_delay_ms (self),
        on_timer, self, NULL);
  return G_SOURCE_CONTINUE;
}

static void
register_category (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (kvs_network_debug, "kvsnetwork", 0,
        "changes of this machine's network");
    g_once_init_leave (&once, 1);
  }
}

static int
open_netlink (void)
{
  const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
    .nl_groups = GROUPS };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
      NETLINK_ROUTE);

  if (fd >= 0
      && bind (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  GST_INFO ("the network is not watched: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

KvsNetworkWatch *
kvs_network_watch_new (KvsWorker *worker, void (*changed) (gpointer user_data),
    gpointer user_data)
{
  KvsNetworkWatch *self = g_new0 (KvsNetworkWatch, 1);

  register_category ();
  self->worker = g_object_ref (worker);
  self->changed = changed;
  self->user_data = user_data;
  self->socket = open_netlink ();
  if (self->socket < 0)
    return self;
  self->source = g_unix_fd_source_new (self->socket, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, kvs_worker_get_context (worker));
  return self;
}

void
kvs_network_watch_free (KvsNetworkWatch *self)
{
  kvs_worker_clear_timer (&self->timer);
  kvs_worker_clear_timer (&self->source);
  if (self->socket >= 0)
    close (self->socket);
  g_object_unref (self->worker);
  g_free (self);
}
