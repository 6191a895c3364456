/* Keys of the role of an EC2 instance: IMDSv2. */
#pragma once

#include <gio/gio.h>

#include "credentials.h"
#include "transport.h"

G_BEGIN_DECLS

/**
 * kvs_instance_metadata_base:
 * AWS_EC2_METADATA_SERVICE_ENDPOINT, else what
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE says, else the address of IPv4;
 * without a slash at the end.
 *
 * Returns: NULL without an error where AWS_EC2_METADATA_DISABLED is true.
 * Errors: KVS_ERROR_CREDENTIALS.
 */
char *kvs_instance_metadata_base (char **environ, GError **error);

/**
 * kvs_instance_metadata_credentials_async:
 * @transport: for this alone; its proxy is not used
 *
 * Asks for a session, for the role's name, and for its keys. The first
 * question gets one second and one try, as most machines are no instances;
 * only version 2 of the service is asked.
 *
 * Amazon EC2 User Guide, "Use the Instance Metadata Service".
 *
 * Errors: G_IO_ERROR_NOT_FOUND with a part of a sentence where there is no
 * such service, or no role; KVS_ERROR_CREDENTIALS where what it says cannot
 * be used; cancelled.
 */
void kvs_instance_metadata_credentials_async (const char *base,
    KvsTransport *transport, GCancellable *cancellable,
    GAsyncReadyCallback callback, gpointer user_data);

KvsCredentials *kvs_instance_metadata_credentials_finish (GAsyncResult *result,
    GError **error);

G_END_DECLS
