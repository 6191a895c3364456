import { badRequest, deliveryFrame } from './message.ts';
import type { Action, ClientMessage, Refusal } from './message.ts';

/** One connected client: a master has no id. */
export interface Seat {
  readonly channelArn: string;
  readonly viewerId: string | undefined;
  /** Sends one text frame. */
  deliver(frame: string): void;
  /** A newer connection of the same client has taken the place. */
  displace(): void;
  /** The channel is gone. */
  evict(): void;
}

export interface ChannelView {
  readonly master: boolean;
  /** Client ids, in order of connection. */
  readonly viewers: readonly string[];
  /** Messages waiting for somebody to connect. */
  readonly held: number;
}

/**
 * Who is connected to which channel, and who gets whose messages. No sockets, no timers: frames
 * leave by the seats, and what is held for an absent client is dropped when it is next looked at.
 */
export interface Switchboard {
  /** Whether there is room for the seat, counting one it would displace as gone. */
  hasRoom(channelArn: string, viewerId: string | undefined): boolean;
  /** Takes the seat, displaces an older one of the same client, delivers what was held for it. */
  join(seat: Seat, now: number): void;
  leave(seat: Seat): void;
  /** Delivers or holds a message; a refusal where it names nobody to send it to. */
  route(from: Seat, message: ClientMessage, ttlMs: number, now: number): Refusal | undefined;
  /** Forgets a channel: everybody is evicted, nothing stays held. */
  drop(channelArn: string): void;
  view(channelArn: string, now: number): ChannelView;
}

interface Held {
  readonly action: Action;
  readonly from: string;
  readonly frame: string;
  readonly expires: number;
}

interface Room {
  readonly seats: Map<string, Seat>;
  readonly mail: Map<string, Held[]>;
}

/** The master's key in a room; client ids are never empty. */
const masterKey = '';

export function createSwitchboard(limits: {
  readonly viewersPerChannel: number;
  readonly heldMessages: number;
}): Switchboard {
  const rooms = new Map<string, Room>();
  const roomOf = (arn: string): Room => {
    const room = rooms.get(arn) ?? emptyRoom();
    rooms.set(arn, room);
    return room;
  };
  return {
    hasRoom: (arn, viewerId) => {
      const seats = rooms.get(arn)?.seats;
      if (viewerId === undefined || seats === undefined || seats.has(viewerId)) return true;
      return viewerIds(seats).length < limits.viewersPerChannel;
    },
    join: (seat, now) => {
      const { seats, mail } = roomOf(seat.channelArn);
      const key = seat.viewerId ?? masterKey;
      const older = seats.get(key);
      seats.delete(key);
      seats.set(key, seat);
      older?.displace();
      const waiting = fresh(mail.get(key), now);
      mail.delete(key);
      for (const { frame } of waiting) seat.deliver(frame);
    },
    leave: (seat) => {
      const seats = rooms.get(seat.channelArn)?.seats;
      const key = seat.viewerId ?? masterKey;
      // a displaced connection closes after its successor took the place
      if (seats?.get(key) === seat) seats.delete(key);
    },
    route: (from, { action, recipient, payload }, ttlMs, now) => {
      const key = from.viewerId === undefined ? recipient : masterKey;
      if (key === undefined) {
        return badRequest('A message from the master needs a recipientClientId.');
      }
      const { seats, mail } = roomOf(from.channelArn);
      const frame = deliveryFrame(action, payload, from.viewerId);
      const to = seats.get(key);
      if (to !== undefined) {
        to.deliver(frame);
        return undefined;
      }
      const sender = from.viewerId ?? masterKey;
      const held = { action, from: sender, frame, expires: now + ttlMs };
      mail.set(key, hold(fresh(mail.get(key), now), held, limits.heldMessages));
      sweep(mail, now);
      return undefined;
    },
    drop: (arn) => {
      const seats = [...(rooms.get(arn)?.seats.values() ?? [])];
      rooms.delete(arn);
      for (const seat of seats) seat.evict();
    },
    view: (arn, now) => {
      const { seats, mail } = rooms.get(arn) ?? emptyRoom();
      const held = [...mail.values()].reduce((sum, list) => sum + fresh(list, now).length, 0);
      return { master: seats.has(masterKey), viewers: viewerIds(seats), held };
    },
  };
}

function emptyRoom(): Room {
  return { seats: new Map(), mail: new Map() };
}

function viewerIds(seats: ReadonlyMap<string, Seat>): readonly string[] {
  return [...seats.keys()].filter((key) => key !== masterKey);
}

function fresh(list: readonly Held[] | undefined, now: number): readonly Held[] {
  return (list ?? []).filter(({ expires }) => expires > now);
}

/** A newer offer or answer of the same sender overwrites the waiting one; candidates gather. */
function hold(list: readonly Held[], held: Held, most: number): Held[] {
  const kept = list.filter(
    ({ action, from }) =>
      held.action === 'ICE_CANDIDATE' || action !== held.action || from !== held.from,
  );
  return [...kept, held].slice(-most);
}

/** A master may write to any number of viewers that never come. */
function sweep(mail: Map<string, Held[]>, now: number): void {
  for (const [key, list] of mail) {
    if (fresh(list, now).length === 0) mail.delete(key);
  }
}
