/* One parser of what strangers or users write, fed any bytes.
 *
 * Each fuzz-*.c is built twice: with libFuzzer (scripts/build-plugin --fuzz),
 * which looks for bytes that break it, and with replay.c, which feeds it those
 * in corpus/ as a test. What a search finds goes into corpus/, named by what
 * it is. */
#pragma once

#include <glib.h>
#include <stdint.h>

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The bytes as the string a parser of strings is given (transfer full). */
static inline char *
fuzz_string (const uint8_t *data, size_t size)
{
  return size > 0 ? g_strndup ((const char *) data, size) : g_strdup ("");
}
