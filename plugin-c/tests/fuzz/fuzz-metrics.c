/* Texts of a data channel that may be Amazon's test page asking for times. */
#include <json-glib/json-glib.h>

#include "fuzz.h"
#include "metrics.h"

static void
check (char **answers)
{
  g_assert_nonnull (answers[0]);
  for (char **a = answers; *a; a++) {
    g_autoptr (JsonNode) node = json_from_string (*a, NULL);

    g_assert_true (node && JSON_NODE_HOLDS_OBJECT (node));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const GstKvsMetrics metrics = { .now = 1000, .now_ms = 1700000000000 };
  g_autofree char *text = fuzz_string (data, size);
  g_auto (GStrv) answers = NULL;

  if (!gst_kvs_metrics_is_question (text))
    return 0;
  answers = gst_kvs_metrics_answer (text, &metrics);
  if (answers)
    check (answers);
  return 0;
}
