#include "answer.h"

#include <string.h>

#include "error.h"
#include "json.h"

#define ERROR_BODY_MAX (64 * 1024)
#define ERROR_TEXT_MAX \
  400 /* characters of the service's own words we pass on */

/* "com.amazon.x#FooException:http://internal/" → "FooException" */
static char *
bare_type (const char *text)
{
  const char *hash = strchr (text, '#');
  const char *start = hash != NULL ? hash + 1 : text;

  return g_strndup (start,
      strspn (start, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_."));
}

/* The service's words go to a terminal: one line, not endless. */
static char *
one_line (const char *text)
{
  GString *line = g_string_new (NULL);
  glong count = 0;

  for (const char *c = text; *c != '\0' && count < ERROR_TEXT_MAX;
       c = g_utf8_next_char (c), count++) {
    gunichar character = g_utf8_get_char (c);

    g_string_append_unichar (line,
        g_unichar_iscntrl (character) ? ' ' : character);
  }

  return g_strstrip (g_string_free (line, FALSE));
}

static void
read_error_body (KvsAnswer *answer)
{
  gsize length;
  const char *data = g_bytes_get_data (answer->body, &length);
  g_autoptr (JsonNode) node =
      kvs_json_parse (data, length, ERROR_BODY_MAX, NULL);
  JsonObject *object;
  const char *type, *text;

  if (node == NULL)
    return;

  object = json_node_get_object (node);
  type = kvs_json_string (object, "__type/code/Code");
  text = kvs_json_string (object, "message/Message/errorMessage");
  if (answer->error_type == NULL && type != NULL)
    answer->error_type = bare_type (type);
  if (text != NULL)
    answer->error_text = one_line (text);
}

KvsAnswer *
kvs_answer_new (guint status, const char *error_header, gint64 date,
    GBytes *body)
{
  KvsAnswer *answer = g_new0 (KvsAnswer, 1);

  answer->status = status;
  answer->date = date;
  answer->body = g_bytes_ref (body);
  if (kvs_answer_is_success (answer))
    return answer;

  if (error_header != NULL)
    answer->error_type = bare_type (error_header);
  read_error_body (answer);
  return answer;
}

void
kvs_answer_free (KvsAnswer *answer)
{
  if (answer == NULL)
    return;

  g_free (answer->error_type);
  g_free (answer->error_text);
  g_bytes_unref (answer->body);
  g_free (answer);
}

static gboolean
is_one_of (const char *type, const char *const *names)
{
  return type != NULL && g_strv_contains (names, type);
}

static gboolean
says (const KvsAnswer *answer, const char *words)
{
  return answer->error_text != NULL
      && strstr (answer->error_text, words) != NULL;
}

gboolean
kvs_answer_is_success (const KvsAnswer *answer)
{
  return answer->status >= 200 && answer->status < 300;
}

gboolean
kvs_answer_is_missing (const KvsAnswer *answer)
{
  if (answer->error_type == NULL)
    return answer->status == 404;
  return g_str_equal (answer->error_type, "ResourceNotFoundException");
}

static gboolean
is_throttled (const KvsAnswer *answer)
{
  static const char *const types[] = {
    "ClientLimitExceededException",
    "LimitExceededException",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    NULL,
  };

  return answer->status == 429 || is_one_of (answer->error_type, types);
}

gboolean
kvs_answer_is_transient (const KvsAnswer *answer)
{
  return answer->status >= 500 || answer->status == 408
      || is_throttled (answer);
}

gboolean
kvs_answer_is_clock_skew (const KvsAnswer *answer)
{
  static const char *const types[] = {
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
    NULL,
  };

  return is_one_of (answer->error_type, types)
      || says (answer, "Signature expired")
      || says (answer, "Signature not yet current");
}

static gboolean
is_bad_credentials (const KvsAnswer *answer)
{
  static const char *const types[] = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidClientTokenIdException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "ExpiredTokenException",
    "ExpiredToken",
    NULL,
  };

  /* The WebSocket endpoint says "the token has expired" as AccessDenied. */
  return is_one_of (answer->error_type, types)
      || says (answer, "security token") || says (answer, "signature we");
}

static gboolean
is_wrong_region (const KvsAnswer *answer)
{
  return says (answer, "scoped to a valid region")
      || says (answer, "scoped to correct region");
}

static gboolean
is_refused_channel (const KvsAnswer *answer)
{
  static const char *const types[] = {
    "InvalidArgumentException",
    "InvalidResourceFormatException",
    "ResourceInUseException",
    "AccountChannelLimitExceededException",
    "ValidationException",
    NULL,
  };

  return is_one_of (answer->error_type, types);
}

static KvsError
error_code (const KvsAnswer *answer)
{
  if (kvs_answer_is_clock_skew (answer))
    return KVS_ERROR_CLOCK;
  if (is_wrong_region (answer))
    return KVS_ERROR_REGION;
  if (is_throttled (answer))
    return KVS_ERROR_THROTTLED;
  if (kvs_answer_is_missing (answer) || is_refused_channel (answer))
    return KVS_ERROR_CHANNEL;
  if (is_bad_credentials (answer))
    return KVS_ERROR_CREDENTIALS;
  if (answer->status == 401 || answer->status == 403)
    return KVS_ERROR_PERMISSION;
  return KVS_ERROR_SERVICE;
}

/* The first part of the sentence: what, on what. */
static char *
what_failed (const KvsAnswer *answer, const KvsRequestInfo *info, KvsError code)
{
  if (code == KVS_ERROR_PERMISSION)
    return g_strdup_printf ("No permission for kinesisvideo:%s on channel %s "
                            "in %s",
        info->action, info->channel, info->region);
  if (kvs_answer_is_missing (answer))
    return g_strdup_printf ("Channel %s does not exist in %s (%s)",
        info->channel, info->region, info->action);

  return g_strdup_printf ("%s was refused for channel %s in %s", info->action,
      info->channel, info->region);
}

static const char *
remedy (const KvsAnswer *answer, KvsError code)
{
  switch (code) {
    case KVS_ERROR_CLOCK:
      return "set this machine's clock";
    case KVS_ERROR_REGION:
      return "check the region";
    case KVS_ERROR_THROTTLED:
      return "too many requests for this account or channel, wait a little";
    case KVS_ERROR_CHANNEL:
      return kvs_answer_is_missing (answer)
          ? "create it, let create-channel=true do so, or check name and region"
          : "check the channel's name and state";
    case KVS_ERROR_CREDENTIALS:
      return "check the access key, the secret key and the session token, "
             "or get new ones";
    case KVS_ERROR_PERMISSION:
      return "allow this action in the IAM policy of these credentials";
    default:
      return "try again later";
  }
}

static char *
in_service_words (const KvsAnswer *answer)
{
  if (answer->error_text != NULL && *answer->error_text != '\0')
    return g_strdup_printf ("%u %s, %s", answer->status,
        answer->error_type != NULL ? answer->error_type : "error",
        answer->error_text);
  if (answer->error_type != NULL)
    return g_strdup_printf ("%u %s", answer->status, answer->error_type);
  return g_strdup_printf ("HTTP status %u", answer->status);
}

gboolean
kvs_answer_is_about_keys (const KvsAnswer *answer)
{
  return !kvs_answer_is_success (answer)
      && error_code (answer) == KVS_ERROR_CREDENTIALS;
}

GError *
kvs_answer_to_error (const KvsAnswer *answer, const KvsRequestInfo *info)
{
  KvsError code = error_code (answer);
  g_autofree char *what = what_failed (answer, info, code);
  g_autofree char *words = in_service_words (answer);
  gboolean names_keys = code == KVS_ERROR_CREDENTIALS && info->keys != NULL;

  return g_error_new (KVS_ERROR, code, "%s: %s (%s%s%sthe service said: %s)",
      what, remedy (answer, code), names_keys ? "they are from " : "",
      names_keys ? info->keys : "", names_keys ? "; " : "", words);
}
