#include "correlations.h"

#define REMEMBERED 64

struct _KvsCorrelations {
  char *peers[REMEMBERED]; /* the message of number n at n % REMEMBERED */
  guint64 count;           /* numbers given out; the first is 1 */
};

KvsCorrelations *
kvs_correlations_new (void)
{
  return g_new0 (KvsCorrelations, 1);
}

void
kvs_correlations_free (KvsCorrelations *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < REMEMBERED; i++)
    g_free (self->peers[i]);
  g_free (self);
}

char *
kvs_correlations_add (KvsCorrelations *self, const char *peer_id)
{
  guint64 number = ++self->count;
  char **slot = &self->peers[number % REMEMBERED];

  g_free (*slot);
  *slot = g_strdup (peer_id);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
}

const char *
kvs_correlations_find (KvsCorrelations *self, const char *correlation_id)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (correlation_id, 10, 1, G_MAXUINT64, &number,
          NULL))
    return NULL;
  if (number > self->count || self->count - number >= REMEMBERED)
    return NULL;

  return self->peers[number % REMEMBERED];
}
