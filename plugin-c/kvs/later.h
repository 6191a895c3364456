/* A pause inside an asynchronous task. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * kvs_later:
 * @task: (transfer full): handed to `func`
 *
 * Calls `func` after `milliseconds` in the task's context. Where the task's
 * cancellable is cancelled by then, which ends the pause, the task returns
 * that instead.
 */
void kvs_later (GTask *task, guint milliseconds, void (*func) (GTask *task));

G_END_DECLS
