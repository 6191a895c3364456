#include "net.h"

#include <gst/gst.h>

GST_DEBUG_CATEGORY (rtc_debug);

/* A relay that was just asked for has a second, and then is asked three times
 * to let go, by libnice, within two: what is left in the middle of it would
 * never be freed. */
#define GOODBYE_MS 4000

typedef struct {
  GObject *taker;
  RtcFrameFunc func;
  guint track;
  RtcFrame *frame;
  guint8 orientation;
} Post;

struct _RtcNet {
  GObject parent;

  KvsWorker *worker;
  GSource *source; /* ready while there are posts */

  GMutex lock;
  GArray *posts; /* of Post, under lock */
  GArray *spare; /* empty; the other half of a pair, net thread only */
  RtcCertificate *certificate; /* under lock, made when it is asked for */
};

G_DEFINE_FINAL_TYPE (RtcNet, rtc_net, G_TYPE_OBJECT)

static void
post_clear (gpointer data)
{
  Post *post = data;

  g_object_unref (post->taker);
  rtc_frame_unref (post->frame);
}

static void
rtc_net_finalize (GObject *object)
{
  RtcNet *self = RTC_NET (object);

  rtc_net_stop (self);
  g_source_unref (self->source);
  g_array_unref (self->posts);
  g_array_unref (self->spare);
  g_clear_pointer (&self->certificate, rtc_certificate_unref);
  g_object_unref (self->worker);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (rtc_net_parent_class)->finalize (object);
}

static void
rtc_net_class_init (RtcNetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rtc_net_finalize;
  GST_DEBUG_CATEGORY_INIT (rtc_debug, "kvsrtc", 0, "The network path of peers");
}

typedef struct {
  GSource source;
  RtcNet *net; /* which destroys the source before it goes */
} NetSource;

static gboolean
on_posts (GSource *source, GSourceFunc unused, gpointer user_data)
{
  RtcNet *self = ((NetSource *) source)->net;
  GArray *posts;

  g_source_set_ready_time (source, -1);
  g_mutex_lock (&self->lock);
  posts = self->posts;
  self->posts = self->spare;
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < posts->len; i++) {
    Post *post = &g_array_index (posts, Post, i);

    post->func (post->taker, post->track, post->frame, post->orientation);
  }
  g_array_set_size (posts, 0);
  self->spare = posts;
  return G_SOURCE_CONTINUE;
}

static GArray *
posts_new (void)
{
  GArray *posts = g_array_new (FALSE, FALSE, sizeof (Post));

  g_array_set_clear_func (posts, post_clear);
  return posts;
}

static void
rtc_net_init (RtcNet *self)
{
  static GSourceFuncs funcs = { .dispatch = on_posts };

  g_mutex_init (&self->lock);
  self->posts = posts_new ();
  self->spare = posts_new ();
  self->source = g_source_new (&funcs, sizeof (NetSource));
  ((NetSource *) self->source)->net = self;
}

RtcNet *
rtc_net_new (void)
{
  RtcNet *self = g_object_new (RTC_TYPE_NET, NULL);

  self->worker = kvs_worker_new ("kvs-net");
  kvs_worker_set_patience (self->worker, GOODBYE_MS);
  g_source_attach (self->source, kvs_worker_get_context (self->worker));
  return self;
}

KvsWorker *
rtc_net_get_worker (RtcNet *self)
{
  return self->worker;
}

RtcCertificate *
rtc_net_ref_certificate (RtcNet *self)
{
  RtcCertificate *certificate;

  g_mutex_lock (&self->lock);
  if (self->certificate && rtc_certificate_is_old (self->certificate))
    g_clear_pointer (&self->certificate, rtc_certificate_unref);
  if (!self->certificate)
    self->certificate = rtc_certificate_new ();
  certificate =
      self->certificate ? rtc_certificate_ref (self->certificate) : NULL;
  g_mutex_unlock (&self->lock);
  return certificate;
}

void
rtc_net_post (RtcNet *self, gpointer taker, RtcFrameFunc func, guint track,
    RtcFrame *frame, guint8 orientation)
{
  Post post = { g_object_ref (taker), func, track, rtc_frame_ref (frame),
    orientation };
  gboolean was_empty;

  g_mutex_lock (&self->lock);
  was_empty = self->posts->len == 0;
  g_array_append_val (self->posts, post);
  g_mutex_unlock (&self->lock);
  if (was_empty)
    g_source_set_ready_time (self->source, 0);
}

void
rtc_net_stop (RtcNet *self)
{
  kvs_worker_stop (self->worker);
  g_source_destroy (self->source);
  g_array_set_size (self->posts, 0);
}
