/* Frames of the signaling WebSocket. */
#include "error.h"
#include "fuzz.h"
#include "message.h"

static void
check (const KvsMessage *message)
{
  g_assert_nonnull (message->type);
  g_assert_true (g_utf8_validate (message->type, -1, NULL));
  if (message->peer_id != NULL)
    g_assert_true (g_utf8_validate (message->peer_id, -1, NULL));
  g_assert_true ((message->sdp != NULL)
      == (message->kind == KVS_MESSAGE_SDP_OFFER
          || message->kind == KVS_MESSAGE_SDP_ANSWER));
  g_assert_true ((message->candidate != NULL)
      == (message->kind == KVS_MESSAGE_ICE_CANDIDATE));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KvsMessage) message =
      kvs_message_parse ((const char *) data, size, &error);

  if (message != NULL)
    check (message);
  else
    g_assert_error (error, KVS_ERROR, KVS_ERROR_PROTOCOL);
  return 0;
}
