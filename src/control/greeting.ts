/* Texts that every peer is sent once it can be. */
import type { BusMessage, ElementHandle } from '../gst/runtime.ts';

/**
 * Sees every message of the bus: a peer that opens its first data channel gets `texts`, in order, and again
 * when it comes anew.
 */
export function createGreeter(
  elements: readonly ElementHandle[],
  texts: readonly string[],
): (message: BusMessage) => void {
  const greeted = new Set<string>();
  return (message) => {
    if (message.type !== 'element' || texts.length === 0) return;
    const { name, fields } = message.details;
    const peerId = String(fields['peer-id']);
    const key = JSON.stringify([message.source, peerId]);
    if (name === 'kinesiswebrtc-peer-disconnected') greeted.delete(key);
    if (name !== 'kinesiswebrtc-data-channel' || greeted.has(key)) return;
    greeted.add(key);
    const element = elements.find((one) => one.name === message.source);
    for (const text of texts) element?.emit('send-data', peerId, text);
  };
}
