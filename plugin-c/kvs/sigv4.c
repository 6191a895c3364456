#include "sigv4.h"

#include <string.h>

#include "secret.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define DIGEST_LENGTH 32

/* A KvsParam of our own: encoded for the query, lower-cased and trimmed for
 * the headers. */
typedef struct {
  char *name;
  char *value;
} Pair;

static void
pair_free (Pair *pair)
{
  g_free (pair->name);
  kvs_secret_free (pair->value);
  g_free (pair);
}

static GPtrArray *
pairs_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) pair_free);
}

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *left = *(const Pair *const *) a;
  const Pair *right = *(const Pair *const *) b;
  int order = strcmp (left->name, right->name);

  return order != 0 ? order : strcmp (left->value, right->value);
}

static void
add_pair (GPtrArray *pairs, char *name, char *value)
{
  Pair *pair = g_new (Pair, 1);

  pair->name = name;
  pair->value = value;
  g_ptr_array_add (pairs, pair);
}

char *
kvs_sigv4_date (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);

  return g_date_time_format (date, "%Y%m%dT%H%M%SZ");
}

/* "20150830/us-east-1/service/aws4_request" */
static char *
scope_text (const KvsSigv4Scope *scope)
{
  g_autofree char *date = kvs_sigv4_date (scope->time);

  return g_strdup_printf ("%.8s/%s/%s/aws4_request", date, scope->region,
      scope->service);
}

/* RFC 3986: everything but the unreserved characters, "/" too. */
static char *
encode (const char *text)
{
  return g_uri_escape_string (text, NULL, FALSE);
}

static void
add_param (GPtrArray *pairs, const char *name, const char *value)
{
  add_pair (pairs, encode (name), encode (value));
}

static GPtrArray *
encoded_params (const KvsSigv4Request *request)
{
  GPtrArray *pairs = pairs_new ();
  const KvsParam *param = request->params;

  for (; param != NULL && param->name != NULL; param++)
    add_param (pairs, param->name, param->value);

  return pairs;
}

static char *
join_params (GPtrArray *pairs)
{
  GString *query = g_string_new (NULL);

  g_ptr_array_sort (pairs, compare_pairs);
  for (guint i = 0; i < pairs->len; i++) {
    const Pair *pair = pairs->pdata[i];

    g_string_append_printf (query, "%s%s=%s", i > 0 ? "&" : "", pair->name,
        pair->value);
  }

  return g_string_free (query, FALSE);
}

/* White space around a header's value goes, runs of it inside become one. */
static char *
trim_header (const char *value)
{
  GString *trimmed = g_string_new (NULL);

  for (const char *c = value; *c != '\0'; c++) {
    gboolean space = *c == ' ' || *c == '\t';

    if (space && (trimmed->len == 0 || trimmed->str[trimmed->len - 1] == ' '))
      continue;
    g_string_append_c (trimmed, space ? ' ' : *c);
  }

  return g_strchomp (g_string_free (trimmed, FALSE));
}

static void
add_header (GPtrArray *pairs, const char *name, const char *value)
{
  add_pair (pairs, g_ascii_strdown (name, -1), trim_header (value));
}

static GPtrArray *
host_header (const KvsSigv4Request *request)
{
  GPtrArray *pairs = pairs_new ();

  add_header (pairs, "host", request->host);
  return pairs;
}

static GPtrArray *
all_headers (const KvsSigv4Request *request, const KvsSigv4Scope *scope,
    const KvsCredentials *credentials)
{
  GPtrArray *pairs = host_header (request);
  g_autofree char *date = kvs_sigv4_date (scope->time);
  const KvsParam *header = request->headers;

  add_header (pairs, "x-amz-date", date);
  if (credentials->session_token != NULL)
    add_header (pairs, "x-amz-security-token", credentials->session_token);
  for (; header != NULL && header->name != NULL; header++)
    add_header (pairs, header->name, header->value);

  g_ptr_array_sort (pairs, compare_pairs);
  return pairs;
}

static char *
join_headers (GPtrArray *pairs)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < pairs->len; i++) {
    const Pair *pair = pairs->pdata[i];

    g_string_append_printf (lines, "%s:%s\n", pair->name, pair->value);
  }

  return g_string_free (lines, FALSE);
}

static char *
join_names (GPtrArray *pairs)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < pairs->len; i++) {
    const Pair *pair = pairs->pdata[i];

    g_string_append_printf (names, "%s%s", i > 0 ? ";" : "", pair->name);
  }

  return g_string_free (names, FALSE);
}

/* Step 1: the request in the one form both sides agree on, hashed. */
static char *
canonical_hash (const KvsSigv4Request *request, const char *query,
    GPtrArray *headers)
{
  g_autofree char *payload = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
      (const guchar *) (request->body != NULL ? request->body : ""),
      request->body_length);
  g_autofree char *lines = join_headers (headers);
  g_autofree char *names = join_names (headers);
  char *canonical = g_strdup_printf ("%s\n%s\n%s\n%s\n%s\n%s", request->method,
      request->path, query, lines, names, payload);
  char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);

  kvs_secret_free (canonical);
  return hash;
}

static void
hmac (const guint8 *key, gsize key_length, const char *text,
    guint8 digest[DIGEST_LENGTH])
{
  GHmac *state = g_hmac_new (G_CHECKSUM_SHA256, key, key_length);
  gsize length = DIGEST_LENGTH;

  g_hmac_update (state, (const guchar *) text, strlen (text));
  g_hmac_get_digest (state, digest, &length);
  g_hmac_unref (state);
}

/* Step 3: a key that is good for one day, one region, one service. */
static void
derive_key (const KvsSigv4Scope *scope, const char *secret_key,
    guint8 key[DIGEST_LENGTH])
{
  g_autofree char *date = kvs_sigv4_date (scope->time);
  char *seed = g_strconcat ("AWS4", secret_key, NULL);

  date[8] = '\0';
  hmac ((const guint8 *) seed, strlen (seed), date, key);
  hmac (key, DIGEST_LENGTH, scope->region, key);
  hmac (key, DIGEST_LENGTH, scope->service, key);
  hmac (key, DIGEST_LENGTH, "aws4_request", key);

  kvs_secret_free (seed);
}

static char *
hex (const guint8 digest[DIGEST_LENGTH])
{
  GString *text = g_string_sized_new (2 * DIGEST_LENGTH);

  for (guint i = 0; i < DIGEST_LENGTH; i++)
    g_string_append_printf (text, "%02x", digest[i]);

  return g_string_free (text, FALSE);
}

static char *
sign (const KvsSigv4Request *request, const KvsSigv4Scope *scope,
    const char *secret_key, const char *query, GPtrArray *headers)
{
  g_autofree char *hash = canonical_hash (request, query, headers);
  g_autofree char *date = kvs_sigv4_date (scope->time);
  g_autofree char *where = scope_text (scope);
  g_autofree char *to_sign =
      g_strjoin ("\n", ALGORITHM, date, where, hash, NULL);
  guint8 key[DIGEST_LENGTH], digest[DIGEST_LENGTH];

  derive_key (scope, secret_key, key);
  hmac (key, sizeof key, to_sign, digest);
  explicit_bzero (key, sizeof key);

  return hex (digest);
}

char *
kvs_sigv4_authorization (const KvsSigv4Request *request,
    const KvsSigv4Scope *scope, const KvsCredentials *credentials)
{
  g_autoptr (GPtrArray) headers = all_headers (request, scope, credentials);
  g_autoptr (GPtrArray) params = encoded_params (request);
  g_autofree char *query = join_params (params);
  g_autofree char *names = join_names (headers);
  g_autofree char *where = scope_text (scope);
  g_autofree char *signature =
      sign (request, scope, credentials->secret_key, query, headers);

  return g_strdup_printf (ALGORITHM " Credential=%s/%s, SignedHeaders=%s, "
                                    "Signature=%s",
      credentials->access_key, where, names, signature);
}

static void
add_signing_params (GPtrArray *params, const KvsSigv4Scope *scope,
    const KvsCredentials *credentials, guint expires)
{
  g_autofree char *where = scope_text (scope);
  g_autofree char *date = kvs_sigv4_date (scope->time);
  g_autofree char *credential =
      g_strjoin ("/", credentials->access_key, where, NULL);
  g_autofree char *seconds = g_strdup_printf ("%u", expires);

  add_param (params, "X-Amz-Algorithm", ALGORITHM);
  add_param (params, "X-Amz-Credential", credential);
  add_param (params, "X-Amz-Date", date);
  add_param (params, "X-Amz-Expires", seconds);
  add_param (params, "X-Amz-SignedHeaders", "host");
  if (credentials->session_token != NULL)
    add_param (params, "X-Amz-Security-Token", credentials->session_token);
}

char *
kvs_sigv4_presign (const KvsSigv4Request *request, const KvsSigv4Scope *scope,
    const KvsCredentials *credentials, guint expires)
{
  g_autoptr (GPtrArray) headers = host_header (request);
  g_autoptr (GPtrArray) params = encoded_params (request);
  g_autofree char *query = NULL;
  g_autofree char *signature = NULL;

  add_signing_params (params, scope, credentials, expires);
  query = join_params (params);
  signature = sign (request, scope, credentials->secret_key, query, headers);

  return g_strdup_printf ("%s&X-Amz-Signature=%s", query, signature);
}
