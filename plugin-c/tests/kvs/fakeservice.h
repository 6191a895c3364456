/* A signaling service in the test's own process: small, obedient, with a memory. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define FAKE_ARN \
  "arn:aws:kinesisvideo:eu-west-1:123456789012:channel/cam1/1700000000000"

#define FAKE_DESCRIBE "/describeSignalingChannel"
#define FAKE_CREATE "/createSignalingChannel"
#define FAKE_ENDPOINT "/getSignalingChannelEndpoint"
#define FAKE_ICE "/v1/get-ice-server-config"
#define FAKE_CONNECT "/"

typedef struct {
  char *path;
  char *query; /* as it was on the wire */
  char *body;
  char *authorization;
  char *amz_date;
  char *token;
} FakeRequest;

typedef struct {
  char *text;
  gint64 time; /* monotonic */
} FakeFrame;

typedef struct {
  SoupServer *server;
  char *url;

  GPtrArray *requests; /* of FakeRequest, in order */
  GPtrArray *frames;   /* of FakeFrame, in order */
  GPtrArray
      *sockets; /* of SoupWebsocketConnection, newest last; never removed */
  GHashTable *scripts; /* path → GQueue of refusals still to give */

  gboolean channel_exists;
  guint creating; /* how many more times describe says CREATING */
  gboolean deleting;
  const char *endpoint_url; /* where the endpoints are; NULL: at `url` */
  int ice_ttl;
  gboolean displaces;       /* a new connection closes the older one */
  gboolean plain_endpoints; /* http and ws, even from a TLS service */
  gint64 clock_offset;      /* of the Date header, seconds; 0 leaves it alone */
} FakeService;

FakeService *fake_service_new (void);
/* Over TLS, with a certificate (PEM) nobody trusts by default. */
FakeService *fake_service_new_tls (const char *certificate_file);
void fake_service_free (FakeService *self);

/* The next request for `path` is refused like this; can be queued. */
void fake_service_refuse (FakeService *self, const char *path, guint status,
    const char *type, const char *message);

guint fake_service_count (FakeService *self, const char *path);
FakeRequest *fake_service_last (FakeService *self, const char *path);

SoupWebsocketConnection *fake_service_socket (FakeService *self);
void fake_service_send (FakeService *self, const char *text);
/* An envelope around a payload, from `sender` (may be NULL). */
void fake_service_send_message (FakeService *self, const char *type,
    const char *sender, const char *payload);
/* Likewise, over one of its connections. */
void fake_service_send_message_on (SoupWebsocketConnection *socket,
    const char *type, const char *sender, const char *payload);

/* The action and the decoded payload of one frame received. */
char *fake_frame_action (const FakeFrame *frame);
char *fake_frame_recipient (const FakeFrame *frame);
char *fake_frame_payload (const FakeFrame *frame);
char *fake_frame_correlation_id (const FakeFrame *frame);

/* Breaks the newest connection without a word. */
void fake_service_cut (FakeService *self);

G_END_DECLS
