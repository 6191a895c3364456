#include "stun.h"

#include <string.h>
#include <zlib.h>

#define HEADER_SIZE 20
#define MAGIC_COOKIE 0x2112a442u
#define TYPE_REQUEST 0x0001
#define TYPE_SUCCESS 0x0101

#define ATTR_USERNAME 0x0006
#define ATTR_INTEGRITY 0x0008
#define ATTR_XOR_MAPPED_ADDRESS 0x0020
#define ATTR_PRIORITY 0x0024
#define ATTR_USE_CANDIDATE 0x0025
#define ATTR_FINGERPRINT 0x8028
#define ATTR_ICE_CONTROLLING 0x802a

#define SHA1_SIZE 20
#define FINGERPRINT_XOR 0x5354554eu
/* A peer-reflexive candidate of type preference 110 (RFC 8445 5.1.2). */
#define PRIORITY 0x6e7f00ffu

typedef struct {
  guint8 *data;
  gsize size;
} Writer;

static void
put16 (Writer *writer, guint16 value)
{
  value = GUINT16_TO_BE (value);
  memcpy (writer->data + writer->size, &value, sizeof value);
  writer->size += sizeof value;
}

static void
put32 (Writer *writer, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (writer->data + writer->size, &value, sizeof value);
  writer->size += sizeof value;
}

static void
put_attribute (Writer *writer, guint16 type, const void *value, gsize size)
{
  put16 (writer, type);
  put16 (writer, size);
  if (size > 0)
    memcpy (writer->data + writer->size, value, size);
  writer->size += size;
  while (writer->size % 4 != 0)
    writer->data[writer->size++] = 0;
}

/* The length as the header tells it, with `more` bytes that are to come. */
static void
set_length (Writer *writer, gsize more)
{
  guint16 length = GUINT16_TO_BE (writer->size + more - HEADER_SIZE);

  memcpy (writer->data + 2, &length, sizeof length);
}

static Writer
begin (guint8 *out, guint16 type, const guint8 id[STUN_ID_SIZE])
{
  Writer writer = { out, 0 };

  put16 (&writer, type);
  put16 (&writer, 0);
  put32 (&writer, MAGIC_COOKIE);
  memcpy (out + writer.size, id, STUN_ID_SIZE);
  writer.size += STUN_ID_SIZE;
  return writer;
}

static void
put_integrity (Writer *writer, const char *password)
{
  guint8 sum[SHA1_SIZE];
  gsize size = sizeof sum;

  set_length (writer, 4 + SHA1_SIZE);
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA1,
      (const guchar *) password, strlen (password));
  g_hmac_update (hmac, writer->data, writer->size);
  g_hmac_get_digest (hmac, sum, &size);
  put_attribute (writer, ATTR_INTEGRITY, sum, sizeof sum);
}

static gsize
finish (Writer *writer, const char *password)
{
  put_integrity (writer, password);
  set_length (writer, 8);
  guint32 sum = crc32 (0, writer->data, writer->size) ^ FINGERPRINT_XOR;
  put16 (writer, ATTR_FINGERPRINT);
  put16 (writer, sizeof sum);
  put32 (writer, sum);
  return writer->size;
}

static guint16
get16 (const guint8 *data)
{
  return data[0] << 8 | data[1];
}

gboolean
stun_is (const guint8 *data, gsize size)
{
  return size >= HEADER_SIZE && data[0] < 4;
}

gboolean
stun_is_request (const guint8 *data)
{
  return get16 (data) == TYPE_REQUEST;
}

gboolean
stun_is_success (const guint8 *data)
{
  return get16 (data) == TYPE_SUCCESS;
}

gsize
stun_write_request (guint8 out[STUN_MAX_SIZE], const guint8 id[STUN_ID_SIZE],
    const char *username, const char *password, guint64 tie_breaker)
{
  Writer writer = begin (out, TYPE_REQUEST, id);
  guint32 priority = GUINT32_TO_BE (PRIORITY);

  put_attribute (&writer, ATTR_USERNAME, username, strlen (username));
  put_attribute (&writer, ATTR_PRIORITY, &priority, sizeof priority);
  put_attribute (&writer, ATTR_ICE_CONTROLLING, &tie_breaker,
      sizeof tie_breaker);
  put_attribute (&writer, ATTR_USE_CANDIDATE, NULL, 0);
  return finish (&writer, password);
}

gsize
stun_write_response (guint8 out[STUN_MAX_SIZE], const guint8 *request,
    const struct sockaddr_in *from, const char *password)
{
  Writer writer = begin (out, TYPE_SUCCESS, request + 8);

  put16 (&writer, ATTR_XOR_MAPPED_ADDRESS);
  put16 (&writer, 8);
  /* IPv4. */
  put16 (&writer, 1);
  put16 (&writer, g_ntohs (from->sin_port) ^ (MAGIC_COOKIE >> 16));
  put32 (&writer, g_ntohl (from->sin_addr.s_addr) ^ MAGIC_COOKIE);
  return finish (&writer, password);
}
