/* A search for keys with a home and an environment of the test's own. */
#pragma once

#include "config.h"
#include "credentials.h"
#include "error.h"

G_BEGIN_DECLS

/* What the tests' keys have, and no message may show. */
#define SECRET "wJalrXUtnFEMI"
#define TOKEN "IQoJb3JpZ2luX2VjEXAMPLE"

typedef struct {
  KvsConfig config;
  char **env;
  char *directory; /* a home of the test's own */
} KeyFixture;

void key_fixture_setup (KeyFixture *f, gconstpointer unused);
void key_fixture_teardown (KeyFixture *f, gconstpointer unused);

/* A variable of its environment. */
void key_fixture_set (KeyFixture *f, const char *name, const char *value);
/* A file in its home; returns the path (transfer full). */
char *key_fixture_write (KeyFixture *f, const char *name, const char *text);

KvsCredentials *key_fixture_find (KeyFixture *f, GError **error);
void key_fixture_assert_found (KeyFixture *f, const char *access_key,
    const char *source);
/* That it fails, with these words and without secrets. */
void key_fixture_assert_fails (KeyFixture *f, KvsError code, const char *says,
    const char *also);

G_END_DECLS
