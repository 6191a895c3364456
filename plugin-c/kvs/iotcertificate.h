/* Keys for a device's certificate: the credentials provider of AWS IoT Core. */
#pragma once

#include <gio/gio.h>

#include "config.h"
#include "credentials.h"
#include "transport.h"

G_BEGIN_DECLS

/* What iot-certificate says, and the thing's name. */
typedef struct {
  char *endpoint; /* host, and perhaps a port */
  char *certificate;
  char *key;
  char *ca; /* (nullable): beside what is trusted anyway */
  char *role_alias;
  char *thing_name;
} KvsIotCertificate;

void kvs_iot_certificate_free (KvsIotCertificate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvsIotCertificate, kvs_iot_certificate_free)

/**
 * kvs_iot_certificate_parse:
 * Reads iot-certificate as kvssink writes it,
 * "iot-certificate,endpoint=…,cert-path=…,key-path=…,ca-path=…,role-aliases=…".
 * The thing is iot-thing-name, else the structure's iot-thing-name, else the
 * channel's name.
 *
 * Errors: KVS_ERROR_SETTINGS.
 */
KvsIotCertificate *kvs_iot_certificate_parse (const KvsConfig *config,
    GError **error);

/**
 * kvs_iot_certificate_credentials_async:
 * @transport: trusts the CA that is named
 *
 * AWS IoT Core Developer Guide, "Authorizing direct calls to AWS services
 * using AWS IoT Core credential provider".
 *
 * Errors: KVS_ERROR_SETTINGS for files that cannot be used,
 * KVS_ERROR_CREDENTIALS, cancelled.
 */
void kvs_iot_certificate_credentials_async (const KvsIotCertificate *self,
    KvsTransport *transport, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);

KvsCredentials *kvs_iot_certificate_credentials_finish (GAsyncResult *result,
    GError **error);

G_END_DECLS
