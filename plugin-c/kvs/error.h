/* Errors of the protocol house. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * KvsError:
 * What a user can do something about, one code each. Every GError that leaves
 * kvs/ for good (see KvsSignallerEvents.failed) is in this domain; its message
 * says what failed, on what (channel, region, host), and what to do next. No
 * message ever holds a key, a token, a presigned URL or a TURN password.
 */
typedef enum {
  KVS_ERROR_SETTINGS,    /* a property is missing or not legal */
  KVS_ERROR_CREDENTIALS, /* none found, or the service knows no such key / wrong secret / expired token */
  KVS_ERROR_PERMISSION,  /* signed well, not allowed */
  KVS_ERROR_REGION,      /* no region, or a host for it does not exist */
  KVS_ERROR_CHANNEL, /* missing and create-channel=false, being deleted, refused name */
  KVS_ERROR_CLOCK, /* signature expired or not yet current, after correction */
  KVS_ERROR_NETWORK,   /* unreachable, refused, timed out */
  KVS_ERROR_TLS,       /* certificate not trusted */
  KVS_ERROR_THROTTLED, /* 429 / LimitExceeded, after retries */
  KVS_ERROR_SERVICE,   /* any other answer of the service */
  KVS_ERROR_PROTOCOL,  /* text from the network that is not what it should be */
  KVS_ERROR_DISPLACED, /* another master took the channel */
} KvsError;

#define KVS_ERROR (kvs_error_quark ())
GQuark kvs_error_quark (void);

/* The code as the nick users and the launcher see ("credentials", "tls", ...). Static string. */
const char *kvs_error_nick (KvsError code);

G_END_DECLS
