/* What the service answered to one HTTP request, and what that means. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * KvsAnswer:
 * A whole answer. On anything but 2xx, `error_type` and `error_text` hold
 * AWS's error as found in header and body, NULL where there was none.
 */
typedef struct {
  guint status;
  char *error_type; /* "AccessDeniedException", without its namespace */
  char *error_text;
  gint64 date; /* the Date header, seconds since 1970; 0 when unknown */
  GBytes *body;
} KvsAnswer;

/**
 * kvs_answer_new:
 * @error_header: (nullable): x-amzn-ErrorType as it came
 */
KvsAnswer *kvs_answer_new (guint status, const char *error_header, gint64 date,
    GBytes *body);
void kvs_answer_free (KvsAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsAnswer, kvs_answer_free)

gboolean kvs_answer_is_success (const KvsAnswer *answer);
/* The channel does not exist (ResourceNotFoundException). */
gboolean kvs_answer_is_missing (const KvsAnswer *answer);
/* Worth asking again soon: throttled, or the service's own trouble. */
gboolean kvs_answer_is_transient (const KvsAnswer *answer);
/* About the keys themselves: unknown, wrong, expired. */
gboolean kvs_answer_is_about_keys (const KvsAnswer *answer);
/* The signature's time is not the service's: see KvsClock. */
gboolean kvs_answer_is_clock_skew (const KvsAnswer *answer);

/**
 * KvsRequestInfo:
 * What was asked, in the words an error message needs.
 */
typedef struct {
  const char
      *action; /* IAM's name without prefix: "DescribeSignalingChannel" */
  const char *channel;
  const char *region;
  const char *keys; /* where they are from; may be NULL */
} KvsRequestInfo;

/* An unsuccessful answer as a KVS_ERROR: what failed, on what, what to do. */
GError *kvs_answer_to_error (const KvsAnswer *answer,
    const KvsRequestInfo *info);

G_END_DECLS
