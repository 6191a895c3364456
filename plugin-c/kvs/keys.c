#include "keys.h"

#include <gst/gst.h>

#include "keychain.h"
#include "renewal.h"

GST_DEBUG_CATEGORY_STATIC (kvs_keys_debug);
#define GST_CAT_DEFAULT kvs_keys_debug

/* Clocks are set and machines sleep: the time is looked at this often. */
#define LONGEST_NAP_S 60

struct _KvsKeys {
  GObject parent;

  KvsConfig *config; /* its keys change with kvs_keys_set */
  char **environ;
  char *home;
  KvsClock clock;

  KvsCredentials *keys;
  guint failures; /* in a row, since the keys were found */

  GPtrArray *waiting; /* of GTask; a search is under way while not empty */
  GCancellable *cancellable;
  gboolean overtaken; /* by kvs_keys_set: the search finds old keys */

  void (*due) (gpointer user_data);
  gpointer user_data;
  gint64 renew_at; /* seconds since 1970, by the service's clock */
  GSource *timer;  /* not NULL while there is a time to wait for */
};

G_DEFINE_FINAL_TYPE (KvsKeys, kvs_keys, G_TYPE_OBJECT)

static void search_done (GObject *source, GAsyncResult *result,
    gpointer user_data);
static void schedule (KvsKeys *self);
static void nap (KvsKeys *self);
static void renew_now (KvsKeys *self);

static void
clear_timer (KvsKeys *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
kvs_keys_finalize (GObject *object)
{
  KvsKeys *self = (KvsKeys *) object;

  clear_timer (self);
  kvs_config_free (self->config);
  kvs_credentials_free (self->keys);
  g_strfreev (self->environ);
  g_free (self->home);
  g_ptr_array_unref (self->waiting);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (kvs_keys_parent_class)->finalize (object);
}

static void
kvs_keys_class_init (KvsKeysClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = kvs_keys_finalize;
  GST_DEBUG_CATEGORY_INIT (kvs_keys_debug, "kvskeys", 0,
      "KVS signaling: credentials and their renewal");
}

static void
kvs_keys_init (KvsKeys *self)
{
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

KvsKeys *
kvs_keys_new (const KvsConfig *config, char **environ, const char *home,
    GCancellable *cancellable)
{
  KvsKeys *self = g_object_new (KVS_TYPE_KEYS, NULL);

  self->config = kvs_config_copy (config);
  self->environ = g_strdupv (environ);
  self->home = g_strdup (home);
  g_set_object (&self->cancellable, cancellable);

  return self;
}

const KvsCredentials *
kvs_keys_get (KvsKeys *self)
{
  return self->keys;
}

/* --- Looking for them --- */

static void
search (KvsKeys *self)
{
  self->overtaken = FALSE;
  kvs_keychain_find_async (self->config, self->environ, self->home,
      self->cancellable, search_done, g_object_ref (self));
}

void
kvs_keys_refresh_async (KvsKeys *self, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, kvs_keys_refresh_async);
  g_ptr_array_add (self->waiting, task);
  if (self->waiting->len == 1)
    search (self);
}

gboolean
kvs_keys_refresh_finish (KvsKeys *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
answer_all (KvsKeys *self, const GError *error)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++) {
    if (error != NULL)
      g_task_return_error (waiting->pdata[i], g_error_copy (error));
    else
      g_task_return_boolean (waiting->pdata[i], TRUE);
  }
}

/* A source that hands out the old keys a little longer has brought nothing. */
static gboolean
is_progress (KvsKeys *self, const KvsCredentials *found)
{
  return self->keys == NULL || found->expiration != self->keys->expiration
      || !kvs_credentials_equal (found, self->keys);
}

/* Takes the keys. */
static void
adopt (KvsKeys *self, KvsCredentials *found)
{
  self->failures = is_progress (self, found) ? 0 : self->failures + 1;
  kvs_credentials_free (self->keys);
  self->keys = found;
  GST_INFO_OBJECT (self, "credentials from %s%s", found->source,
      found->expiration != 0 ? ", which expire" : "");
  schedule (self);
}

static void
search_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (KvsKeys) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsCredentials) found = kvs_keychain_find_finish (result, &error);

  if (self->overtaken) {
    /* Those who wait want the newest keys, whatever was found. */
    search (self);
    return;
  }

  if (found != NULL) {
    adopt (self, g_steal_pointer (&found));
  } else {
    self->failures++;
    schedule (self);
  }
  answer_all (self, error);
}

void
kvs_keys_set (KvsKeys *self, const char *access_key, const char *secret_key,
    const char *session_token)
{
  KvsCredentials *keys;

  kvs_config_set_credentials (self->config, access_key, secret_key,
      session_token);
  self->overtaken = TRUE;
  if (access_key == NULL || secret_key == NULL) {
    renew_now (self);
    return;
  }

  keys = kvs_credentials_new (access_key, secret_key, session_token);
  kvs_credentials_take_source (keys, g_strdup ("the properties"));
  adopt (self, keys);
}

/* --- Keeping them good --- */

static gint64
time_left (KvsKeys *self)
{
  return self->keys->expiration - kvs_clock_now (&self->clock);
}

static gboolean
on_nap_over (gpointer user_data)
{
  KvsKeys *self = user_data;

  clear_timer (self);
  if (kvs_clock_now (&self->clock) < self->renew_at)
    nap (self);
  else
    self->due (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
nap (KvsKeys *self)
{
  gint64 wait = self->renew_at - kvs_clock_now (&self->clock);

  clear_timer (self);
  self->timer = g_timeout_source_new_seconds (CLAMP (wait, 1, LONGEST_NAP_S));
  g_source_set_callback (self->timer, on_nap_over, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

/* Keys without an end are looked for again when they are refused. */
static void
schedule (KvsKeys *self)
{
  clear_timer (self);
  if (self->due == NULL || self->keys == NULL || self->keys->expiration == 0)
    return;

  self->renew_at = kvs_clock_now (&self->clock)
      + kvs_renewal_delay (time_left (self), self->failures,
          g_random_double ());
  nap (self);
}

/* The properties were emptied: what comes after them is asked. */
static void
renew_now (KvsKeys *self)
{
  if (self->due == NULL)
    return;

  self->renew_at = 0;
  nap (self);
}

void
kvs_keys_watch (KvsKeys *self, void (*due) (gpointer user_data),
    gpointer user_data)
{
  self->due = due;
  self->user_data = user_data;
  schedule (self);
}

void
kvs_keys_set_clock (KvsKeys *self, const KvsClock *clock)
{
  self->clock = *clock;
  schedule (self);
}

gboolean
kvs_keys_have_expired (KvsKeys *self)
{
  return self->keys != NULL && self->keys->expiration != 0
      && time_left (self) <= 0;
}
