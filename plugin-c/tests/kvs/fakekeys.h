/* Whoever hands out keys over HTTP, in the test's own process: paths and what they answer. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct {
  SoupServer *server;
  char *url;

  /* Over TLS, in place of the server. */
  GSocketService *service;
  GTlsCertificate *certificate;
  GTlsCertificate *client; /* who alone is let in */
  GTlsDatabase *clients;   /* a small one: the system's takes long to search */

  GHashTable *pages;   /* path → what it answers */
  GPtrArray *requests; /* of char *: "GET /path", in order */
  GHashTable *headers; /* of the last request, in small letters */
  gboolean is_silent;  /* takes requests, never answers */
} FakeKeys;

FakeKeys *fake_keys_new (void);
/* Over TLS; asks for a certificate, and lets nobody in but who has `client`. */
FakeKeys *fake_keys_new_tls (const char *certificate, const char *client);
void fake_keys_free (FakeKeys *self);

/* From now on `path` answers this. */
void fake_keys_set (FakeKeys *self, const char *path, guint status,
    const char *body);

guint fake_keys_count (FakeKeys *self, const char *request);
const char *fake_keys_header (FakeKeys *self, const char *name);

/* Keys as a container or an instance gets them; `seconds` 0: without an end. */
char *fake_keys_json (const char *access_key, int seconds);

G_END_DECLS
