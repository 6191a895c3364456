/* Which layer a frame is of, what a peer gets of them, and how it is numbered. */
#include "layers.h"

#include <string.h>

/* Bytes in hexadecimal, with blanks between them as one likes. */
static guint8 *
bytes_new (const char *text, gsize *size)
{
  GByteArray *bytes = g_byte_array_new ();

  while (*text) {
    guint8 byte;

    if (*text == ' ') {
      text++;
      continue;
    }
    byte = (guint8) (g_ascii_xdigit_value (text[0]) << 4
        | g_ascii_xdigit_value (text[1]));
    g_byte_array_append (bytes, &byte, 1);
    text += 2;
  }
  *size = bytes->len;
  /* Exactly as long as it says, so that reading beyond is seen. */
  if (bytes->len == 0)
    g_byte_array_set_size (bytes, 0);
  return g_byte_array_free (bytes, FALSE);
}

static void
free_payloads (gpointer data)
{
  g_ptr_array_unref (data);
}

/* Payloads with "|" between them. */
static RtcFrame *
frame_new (const char *text, gboolean is_key)
{
  g_auto (GStrv) parts = g_strsplit (text, "|", -1);
  GPtrArray *owned = g_ptr_array_new_with_free_func (g_free);
  RtcFrame *frame = rtc_frame_new (g_strv_length (parts));

  for (guint i = 0; i < frame->n_payloads; i++) {
    guint8 *data = bytes_new (parts[i], &frame->payloads[i].size);

    frame->payloads[i].data = data;
    g_ptr_array_add (owned, data);
  }
  frame->is_key = is_key;
  frame->owner = owned;
  frame->free_owner = free_payloads;
  return frame;
}

typedef struct {
  const char *what;
  RtcLayersKind kind;
  const char *payloads;
  gboolean is_key;
  guint8 temporal_id;
  gboolean is_layer_sync;
  gboolean is_discardable;
} Description;

static const Description descriptions[] = {
  { "VP8 without extensions", RTC_LAYERS_VP8, "10 01 02", FALSE, 0, 0, 0 },
  { "VP8, lowest layer", RTC_LAYERS_VP8, "90 e0 81 02 07 00 01", FALSE, 0, 0,
      0 },
  { "VP8, layer 1 in step with the lowest", RTC_LAYERS_VP8,
      "90 e0 81 02 07 60 01", FALSE, 1, 1, 0 },
  { "VP8, layer 2, of use to nobody", RTC_LAYERS_VP8, "b0 e0 81 02 07 80 01",
      FALSE, 2, 0, 1 },
  { "VP8, a picture id of 7 bits", RTC_LAYERS_VP8, "90 e0 01 07 a0 01", FALSE,
      2, 1, 0 },
  { "VP8, layers without a picture id", RTC_LAYERS_VP8, "90 60 07 40 01", FALSE,
      1, 0, 0 },
  { "VP8, a key index alone is no layer", RTC_LAYERS_VP8, "90 10 c7 01", FALSE,
      0, 0, 0 },
  { "VP8, of use to nobody, no layers", RTC_LAYERS_VP8, "b0 80 81 02 01", FALSE,
      1, 1, 1 },
  { "VP8, a key frame whatever it says", RTC_LAYERS_VP8, "90 e0 81 02 07 80 00",
      TRUE, 0, 1, 0 },
  { "VP8, cut in the extensions", RTC_LAYERS_VP8, "b0", FALSE, 0, 0, 0 },
  { "VP8, cut in the picture id", RTC_LAYERS_VP8, "b0 e0 81", FALSE, 0, 0, 0 },
  { "VP8, cut before the layer", RTC_LAYERS_VP8, "b0 e0 81 02 07", FALSE, 0, 0,
      0 },
  { "VP8, nothing", RTC_LAYERS_VP8, "", FALSE, 0, 0, 0 },
  /* Frame header: marker 10, profile 00, 0, inter 1, shown 1, resilient 1,
   * refresh_frame_flags */
  { "VP9, resilient, refreshes nothing", RTC_LAYERS_VP9, "cc 81 02 87 00 00",
      FALSE, 1, 1, 1 },
  { "VP9, refreshes one", RTC_LAYERS_VP9, "cc 81 02 87 01 00", FALSE, 0, 0, 0 },
  { "VP9, of profile 3, refreshes nothing", RTC_LAYERS_VP9, "cc 81 02 b3 80 00",
      FALSE, 1, 1, 1 },
  { "VP9, of profile 3, refreshes the last", RTC_LAYERS_VP9,
      "cc 81 02 b3 80 80", FALSE, 0, 0, 0 },
  { "VP9, not resilient", RTC_LAYERS_VP9, "cc 81 02 86 00 00", FALSE, 0, 0, 0 },
  { "VP9, hidden", RTC_LAYERS_VP9, "cc 81 02 85 00 00", FALSE, 0, 0, 0 },
  { "VP9, one shown again", RTC_LAYERS_VP9, "cc 81 02 88 00 00", FALSE, 0, 0,
      0 },
  { "VP9, a key frame by its header", RTC_LAYERS_VP9, "cc 81 02 83 00 00",
      FALSE, 0, 0, 0 },
  { "VP9, no frame at all", RTC_LAYERS_VP9, "cc 81 02 47 00 00", FALSE, 0, 0,
      0 },
  { "VP9, several in one", RTC_LAYERS_VP9, "cc 81 02 87 00 00|c4 81 02 00 c1",
      FALSE, 0, 0, 0 },
  { "VP9 with layers of its own", RTC_LAYERS_VP9, "ac 81 02 40 07 87 00 00",
      FALSE, 0, 0, 0 },
  { "VP9 with references", RTC_LAYERS_VP9, "dc 81 02 02 87 00 00", FALSE, 0, 0,
      0 },
  { "VP9, cut in its header", RTC_LAYERS_VP9, "cc 81 02 87 00", FALSE, 0, 0,
      0 },
  { "VP9, cut in the picture id", RTC_LAYERS_VP9, "cc 81", FALSE, 0, 0, 0 },
  { "VP9, nothing", RTC_LAYERS_VP9, "", FALSE, 0, 0, 0 },
  { "H264, a reference", RTC_LAYERS_H264, "41 9a 00", FALSE, 0, 0, 0 },
  { "H264, no reference", RTC_LAYERS_H264, "01 9a 00", FALSE, 1, 1, 1 },
  { "H264, no reference, in fragments", RTC_LAYERS_H264, "1c 81 9a|1c 41 00",
      FALSE, 1, 1, 1 },
  { "H264, a reference in fragments", RTC_LAYERS_H264, "5c 81 9a|5c 41 00",
      FALSE, 0, 0, 0 },
  { "H264, one slice of two is", RTC_LAYERS_H264, "01 9a 00|41 9a 00", FALSE, 0,
      0, 0 },
  { "H264, no reference, behind its SEI", RTC_LAYERS_H264,
      "18 0002 06 05 0003 01 9a 00", FALSE, 1, 1, 1 },
  { "H264, a reference behind another", RTC_LAYERS_H264,
      "18 0002 01 05 0003 41 9a 00", FALSE, 0, 0, 0 },
  { "H264, an aggregate that says too much", RTC_LAYERS_H264, "18 ffff 01",
      FALSE, 1, 1, 1 },
  { "H264, parameter sets alone", RTC_LAYERS_H264, "67 42|68 ce", FALSE, 0, 0,
      0 },
  { "H264, cut", RTC_LAYERS_H264, "1c", FALSE, 0, 0, 0 },
  { "H264, nothing", RTC_LAYERS_H264, "", FALSE, 0, 0, 0 },
  { "what tells nothing", RTC_LAYERS_NONE, "b0 e0 81 02 07 80 01", FALSE, 0, 0,
      0 },
};

static void
test_describing (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (descriptions); i++) {
    const Description *d = &descriptions[i];
    g_autoptr (RtcFrame) frame = frame_new (d->payloads, d->is_key);

    g_test_message ("%s", d->what);
    rtc_layers_describe (d->kind, frame);
    g_assert_cmpuint (frame->temporal_id, ==, d->temporal_id);
    g_assert_cmpint (frame->is_layer_sync, ==, d->is_layer_sync);
    g_assert_cmpint (frame->is_discardable, ==, d->is_discardable);
  }
}

static void
test_describing_no_payload (void)
{
  g_autoptr (RtcFrame) frame = rtc_frame_new (0);

  for (RtcLayersKind kind = RTC_LAYERS_NONE; kind <= RTC_LAYERS_H264; kind++) {
    rtc_layers_describe (kind, frame);
    g_assert_cmpuint (frame->temporal_id, ==, 0);
  }
}

/* A row of frames, and what is wanted of them from where on: "K" is a key
 * frame, a digit a layer, "'" behind it says it is in step with the lowest,
 * "<n" wants layers up to n. */
static char *
admit (const char *row)
{
  GString *admitted = g_string_new (NULL);
  RtcLayers layers;

  rtc_layers_init (&layers, RTC_LAYERS_NONE);
  for (; *row; row++) {
    RtcFrame frame = { .is_key = *row == 'K',
      .temporal_id = *row == 'K' ? 0 : (guint8) g_ascii_digit_value (*row),
      .is_layer_sync = row[1] == '\'' || *row == 'K' };

    if (*row == '<') {
      rtc_layers_set_target (&layers, (guint8) g_ascii_digit_value (*++row));
      continue;
    }
    if (rtc_layers_admit (&layers, &frame))
      g_string_append_c (admitted, *row);
    else
      g_string_append_c (admitted, '.');
    row += row[1] == '\'';
  }
  return g_string_free (admitted, FALSE);
}

static const struct {
  const char *frames, *admitted;
} rows[] = {
  { "K2'1'202'1'2", "K2120212" },
  /* Falls at once, at the next key frame there is no more of it. */
  { "K2'1'2<102'1'2K2'1'2", "K2120.1.K.1." },
  { "K2'1'2<002'1'2", "K2120..." },
  { "<0K2'1'202'1'2", "K...0..." },
  /* Rises where it is allowed, layer by layer. */
  { "<0K2'1'2<22", "K...." },
  { "<0K2'1'2<202'1'2", "K...0212" },
  { "<0K212<20212K212", "K...0...K212" },
  { "<0K2'12<202'12", "K...02.." },
  { "<0K21'2<2021'2", "K...0.1." },
  { "<0K21'2<2021'202'1'2", "K...0.1.0212" },
  { "<1K2'1'2<202'1'2", "K.1.0212" },
  /* Down and up between two frames is down all the same. */
  { "K21'2<0<22021'2", "K212.0.1." },
  /* More than there can be. */
  { "<9K7'9'", "K79" },
};

static void
test_admitting (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *admitted = admit (rows[i].frames);

    g_test_message ("%s", rows[i].frames);
    g_assert_cmpstr (admitted, ==, rows[i].admitted);
  }
}

typedef struct {
  RtcLayersKind kind;
  const char *frame;
  gboolean is_key;
  const char *written; /* NULL: left out */
} Step;

static void
walk (const Step *steps, guint n_steps, guint8 target)
{
  RtcLayers layers;

  rtc_layers_init (&layers, steps[0].kind);
  rtc_layers_set_target (&layers, target);
  for (guint i = 0; i < n_steps; i++) {
    g_autoptr (RtcFrame) frame = frame_new (steps[i].frame, steps[i].is_key);
    gsize size;
    g_autofree guint8 *expected = NULL;
    g_autofree guint8 *copy = NULL;

    rtc_layers_describe (steps[i].kind, frame);
    g_assert_cmpint (rtc_layers_admit (&layers, frame), ==,
        steps[i].written != NULL);
    if (!steps[i].written)
      continue;
    expected = bytes_new (steps[i].written, &size);
    copy = g_memdup2 (frame->payloads[0].data, frame->payloads[0].size);
    rtc_layers_rewrite (&layers, frame, copy, frame->payloads[0].size);
    g_assert_cmpmem (copy, frame->payloads[0].size, expected, size);
  }
}

static void
test_numbering_vp8 (void)
{
  const Step steps[] = {
    /* The first as it is; what was left out leaves no gap, over the wrap. */
    { RTC_LAYERS_VP8, "90 e0 ff fe 07 20 00", TRUE, "90 e0 ff fe 07 20 00" },
    { RTC_LAYERS_VP8, "b0 e0 ff ff 07 a0 01", FALSE, NULL },
    { RTC_LAYERS_VP8, "90 e0 80 00 07 60 01", FALSE, "90 e0 ff ff 07 60 01" },
    { RTC_LAYERS_VP8, "b0 e0 80 01 07 80 01", FALSE, NULL },
    { RTC_LAYERS_VP8, "90 e0 80 02 08 00 01", FALSE, "90 e0 80 00 08 00 01" },
    /* Of another stream in its place, whose numbers began elsewhere. */
    { RTC_LAYERS_VP8, "90 e0 91 23 ff 20 00", TRUE, "90 e0 80 01 09 20 00" },
    { RTC_LAYERS_VP8, "90 e0 91 24 ff 60 01", FALSE, "90 e0 80 02 09 60 01" },
    /* 7 bits; none; and a descriptor that is cut. */
    { RTC_LAYERS_VP8, "90 80 55 01", FALSE, "90 80 03 01" },
    { RTC_LAYERS_VP8, "10 55 01", FALSE, "10 55 01" },
    { RTC_LAYERS_VP8, "90 e0 81", FALSE, "90 e0 81" },
  };

  walk (steps, G_N_ELEMENTS (steps), 1);
}

static void
test_numbering_vp9 (void)
{
  const Step steps[] = {
    { RTC_LAYERS_VP9, "8e ff ff 82 49", TRUE, "8e ff ff 82 49" },
    { RTC_LAYERS_VP9, "cc 80 00 87 00 00", FALSE, NULL },
    { RTC_LAYERS_VP9, "cc 80 01 87 01 00", FALSE, "cc 80 00 87 01 00" },
    { RTC_LAYERS_VP9, "cc 05 87 01 00", FALSE, "cc 01 87 01 00" },
    /* What counts references by it keeps its own. */
    { RTC_LAYERS_VP9, "dc 91 23 02 87 01", FALSE, "dc 91 23 02 87 01" },
    { RTC_LAYERS_VP9, "ec 91 23 00 07 87 01", FALSE, "ec 91 23 00 07 87 01" },
    { RTC_LAYERS_VP9, "cc", FALSE, "cc" },
  };

  walk (steps, G_N_ELEMENTS (steps), 0);
}

static void
test_numbering_h264 (void)
{
  const Step steps[] = {
    { RTC_LAYERS_H264, "65 80 01 02 03", TRUE, "65 80 01 02 03" },
    { RTC_LAYERS_H264, "01 80 01 02 03", FALSE, NULL },
    { RTC_LAYERS_H264, "41 80 01 02 03", FALSE, "41 80 01 02 03" },
  };

  walk (steps, G_N_ELEMENTS (steps), 0);
}

/* A pacer may send a frame when the next has been admitted. */
static void
test_numbering_later (void)
{
  g_autoptr (RtcFrame) key = frame_new ("90 80 81 00 00", TRUE);
  g_autoptr (RtcFrame) next = frame_new ("90 80 81 05 01", FALSE);
  guint8 copy[] = { 0x90, 0x80, 0x81, 0x05, 0x01 };
  const guint8 expected[] = { 0x90, 0x80, 0x81, 0x01, 0x01 };
  RtcLayersIds kept;
  RtcLayers layers;

  rtc_layers_init (&layers, RTC_LAYERS_VP8);
  g_assert_true (rtc_layers_admit (&layers, key));
  g_assert_true (rtc_layers_admit (&layers, next));
  kept = layers.ids;
  g_assert_true (rtc_layers_admit (&layers, key));
  rtc_layers_write_ids (RTC_LAYERS_VP8, &kept, copy, sizeof copy);
  g_assert_cmpmem (copy, sizeof copy, expected, sizeof expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layers/describing", test_describing);
  g_test_add_func ("/layers/describing-no-payload", test_describing_no_payload);
  g_test_add_func ("/layers/admitting", test_admitting);
  g_test_add_func ("/layers/numbering-vp8", test_numbering_vp8);
  g_test_add_func ("/layers/numbering-vp9", test_numbering_vp9);
  g_test_add_func ("/layers/numbering-h264", test_numbering_h264);
  g_test_add_func ("/layers/numbering-later", test_numbering_later);
  return g_test_run ();
}
