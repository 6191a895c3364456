/* How one tells ThreadSanitizer of orders it cannot see. */
#pragma once

#include <dlfcn.h>

/* What is written before the one is seen after the other, of the same address. */
void __tsan_acquire (void *addr);
void __tsan_release (void *addr);

/* The library's function of this name, found once. */
#define REAL(name)                                                      \
  static __typeof__ (&name) found;                                      \
  __typeof__ (&name) real = __atomic_load_n (&found, __ATOMIC_RELAXED); \
                                                                        \
  if (!real)                                                            \
  __atomic_store_n (&found,                                             \
      real = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name), __ATOMIC_RELAXED)

/* Of what is counted: the last one to let go frees what others have written. */
static inline void
tell_let_go (void *counted)
{
  __tsan_release (counted);
  __tsan_acquire (counted);
}
