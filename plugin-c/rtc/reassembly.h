/* Messages that come in pieces, put together up to a bound. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _RtcReassembly RtcReassembly;

/* @max: bytes of one message that are kept. */
RtcReassembly *rtc_reassembly_new (gsize max);
void rtc_reassembly_free (RtcReassembly *self);

/**
 * rtc_reassembly_add:
 * @stream: pieces of one stream follow each other; those of several may mix
 * @is_end: the message's last
 * @size: (out) of the whole message when it is complete, kept or not
 *
 * Returns the message when it is complete (transfer full), followed by a zero
 * that is not counted; NULL when there is more to come, with @size 0, or when
 * it was longer than may be.
 */
guint8 *rtc_reassembly_add (RtcReassembly *self, guint16 stream,
    const guint8 *piece, gsize piece_size, gboolean is_end, gsize *size);

/* The rest of the message that was begun does not come. */
void rtc_reassembly_abandon (RtcReassembly *self, guint16 stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtcReassembly, rtc_reassembly_free)

G_END_DECLS
