#include "stall.h"

#include <string.h>

void
gst_kvs_tries_note (GstKvsTries *self, const char *candidate)
{
  const char *type = strstr (candidate, " typ ");

  if (!type)
    return;
  type += strlen (" typ ");
  if (g_str_has_prefix (type, "host"))
    self->host++;
  else if (g_str_has_prefix (type, "srflx") || g_str_has_prefix (type, "prflx"))
    self->reflexive++;
  else if (g_str_has_prefix (type, "relay"))
    self->relay++;
}

const char *
gst_kvs_stage_name (GstKvsStage stage)
{
  static const char *const names[] = {
    [GST_KVS_STAGE_ANSWER] = "answer",
    [GST_KVS_STAGE_ICE] = "ICE",
    [GST_KVS_STAGE_DTLS] = "DTLS",
    [GST_KVS_STAGE_FRAME] = "key frame",
  };

  return names[stage];
}

static char *
explain_ice (const GstKvsStall *self)
{
  const GstKvsTries *local = &self->local;

  if (self->remote == 0)
    return g_strdup ("the peer sent no ICE candidate");
  return g_strdup_printf ("no pair works of our candidates (%u host, %u srflx, "
                          "%u relay) and the peer's %u%s%s",
      local->host, local->reflexive, local->relay, self->remote,
      self->trouble ? "; no relay over TLS: " : "",
      self->trouble ? self->trouble : "");
}

char *
gst_kvs_stall_explain (const GstKvsStall *self)
{
  switch (self->stage) {
    case GST_KVS_STAGE_ANSWER:
      return g_strdup ("the answer to its offer is not made yet");
    case GST_KVS_STAGE_ICE:
      return explain_ice (self);
    case GST_KVS_STAGE_DTLS:
      return g_strdup ("ICE found a path, and the DTLS handshake on it is not "
                       "done");
    case GST_KVS_STAGE_FRAME:
      return g_strdup_printf ("it is connected, and no %s has come from %s",
          self->missing, self->from);
  }
  g_return_val_if_reached (NULL);
}
