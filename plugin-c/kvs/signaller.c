#include "signaller.h"

#include <string.h>

G_DEFINE_INTERFACE (KvsSignaller, kvs_signaller, G_TYPE_OBJECT)

static void
kvs_signaller_default_init (KvsSignallerInterface *iface)
{
}

const char *
kvs_signaller_state_nick (KvsSignallerState state)
{
  switch (state) {
    case KVS_SIGNALLER_CONNECTING:
      return "connecting";
    case KVS_SIGNALLER_CONNECTED:
      return "connected";
    case KVS_SIGNALLER_RECONNECTING:
      return "reconnecting";
    case KVS_SIGNALLER_CLOSED:
      return "closed";
  }
  return "unknown";
}

void
kvs_signaller_start (KvsSignaller *self, const KvsSignallerEvents *events,
    gpointer user_data)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));
  g_return_if_fail (events != NULL);

  KVS_SIGNALLER_GET_IFACE (self)->start (self, events, user_data);
}

void
kvs_signaller_stop (KvsSignaller *self)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));

  KVS_SIGNALLER_GET_IFACE (self)->stop (self);
}

void
kvs_signaller_send_offer (KvsSignaller *self, const char *peer_id,
    const char *sdp)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));
  g_return_if_fail (peer_id != NULL && sdp != NULL);

  KVS_SIGNALLER_GET_IFACE (self)->send_offer (self, peer_id, sdp);
}

void
kvs_signaller_send_answer (KvsSignaller *self, const char *peer_id,
    const char *sdp)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));
  g_return_if_fail (peer_id != NULL && sdp != NULL);

  KVS_SIGNALLER_GET_IFACE (self)->send_answer (self, peer_id, sdp);
}

void
kvs_signaller_send_candidate (KvsSignaller *self, const char *peer_id,
    const char *candidate, const char *mid, int mline_index)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));
  g_return_if_fail (peer_id != NULL && candidate != NULL);

  KVS_SIGNALLER_GET_IFACE (self)->send_candidate (self, peer_id, candidate, mid,
      mline_index);
}

void
kvs_signaller_forget_peer (KvsSignaller *self, const char *peer_id)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));
  g_return_if_fail (peer_id != NULL);

  KVS_SIGNALLER_GET_IFACE (self)->forget_peer (self, peer_id);
}

void
kvs_signaller_get_ice_servers_async (KvsSignaller *self,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));

  KVS_SIGNALLER_GET_IFACE (self)->get_ice_servers_async (self, cancellable,
      callback, user_data);
}

GPtrArray *
kvs_signaller_get_ice_servers_finish (KvsSignaller *self, GAsyncResult *result,
    GError **error)
{
  g_return_val_if_fail (KVS_IS_SIGNALLER (self), NULL);

  return KVS_SIGNALLER_GET_IFACE (self)->get_ice_servers_finish (self, result,
      error);
}

void
kvs_signaller_get_times (KvsSignaller *self, KvsTimes *times)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));

  memset (times, 0, sizeof (*times));
  if (KVS_SIGNALLER_GET_IFACE (self)->get_times)
    KVS_SIGNALLER_GET_IFACE (self)->get_times (self, times);
}

void
kvs_signaller_set_credentials (KvsSignaller *self, const char *access_key,
    const char *secret_key, const char *session_token)
{
  g_return_if_fail (KVS_IS_SIGNALLER (self));

  KVS_SIGNALLER_GET_IFACE (self)->set_credentials (self, access_key, secret_key,
      session_token);
}
