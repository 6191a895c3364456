/* KvsSignaller over Amazon Kinesis Video Streams: REST, then the WebSocket. */
#pragma once

#include "config.h"
#include "signaller.h"
#include "worker.h"

G_BEGIN_DECLS

#define KVS_TYPE_AWS_SIGNALLER (kvs_aws_signaller_get_type ())
G_DECLARE_FINAL_TYPE (KvsAwsSignaller, kvs_aws_signaller, KVS, AWS_SIGNALLER,
    GObject)

/* `config` is copied. Missing values are looked up at start (environment, shared files). */
KvsSignaller *kvs_aws_signaller_new (KvsWorker *worker,
    const KvsConfig *config);

G_END_DECLS
