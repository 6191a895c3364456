#include "later.h"

typedef struct {
  GTask *task;
  void (*func) (GTask *task);
} Pause;

static void
pause_free (Pause *pause)
{
  g_clear_object (&pause->task);
  g_free (pause);
}

static gboolean
on_over (gpointer user_data)
{
  Pause *pause = user_data;

  if (!g_task_return_error_if_cancelled (pause->task))
    pause->func (g_steal_pointer (&pause->task));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
kvs_later (GTask *task, guint milliseconds, void (*func) (GTask *task))
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GSource) timer = g_timeout_source_new (milliseconds);
  Pause *pause = g_new (Pause, 1);

  *pause = (Pause){ task, func };
  if (cancellable != NULL) {
    g_autoptr (GSource) wakeup = g_cancellable_source_new (cancellable);

    g_source_set_callback (wakeup, G_SOURCE_FUNC (on_cancelled), NULL, NULL);
    g_source_add_child_source (timer, wakeup);
  }
  g_source_set_callback (timer, on_over, pause, (GDestroyNotify) pause_free);
  g_source_attach (timer, g_task_get_context (task));
}
