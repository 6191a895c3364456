import { beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '../../src/service/message.ts';
import { createSwitchboard } from '../../src/service/switchboard.ts';
import type { Seat, Switchboard } from '../../src/service/switchboard.ts';

interface TestSeat extends Seat {
  /** `sender:ACTION:payload` of what was delivered. */
  readonly got: string[];
  readonly ends: string[];
}

const seat = (viewerId?: string, channelArn = 'arn'): TestSeat => {
  const got: string[] = [];
  const ends: string[] = [];
  return {
    channelArn,
    viewerId,
    got,
    ends,
    deliver: (frame) => {
      const { senderClientId, messageType, messagePayload } = JSON.parse(frame) as Record<
        string,
        string
      >;
      got.push(`${senderClientId ?? 'master'}:${messageType}:${messagePayload}`);
    },
    displace: () => ends.push('displaced'),
    evict: () => ends.push('evicted'),
  };
};

const message = (action: Action, payload: string, recipient?: string) => ({
  action,
  payload,
  recipient,
  correlationId: undefined,
});

let board: Switchboard;
const ttl = 60_000;

beforeEach(() => {
  board = createSwitchboard({ viewersPerChannel: 2, heldMessages: 4 });
});

describe('the switchboard', () => {
  it("brings a viewer's message to the master, whatever its recipient says", () => {
    const [master, v1, v2] = [seat(), seat('v1'), seat('v2')];
    for (const one of [master, v1, v2]) board.join(one, 0);
    expect(board.route(v1, message('SDP_OFFER', 'o', 'v2'), ttl, 0)).toBeUndefined();
    expect(master.got).toEqual(['v1:SDP_OFFER:o']);
    expect(v2.got).toEqual([]);
  });

  it("brings a master's message to the viewer it names, and refuses one that names none", () => {
    const [master, v1, v2] = [seat(), seat('v1'), seat('v2')];
    for (const one of [master, v1, v2]) board.join(one, 0);
    board.route(master, message('SDP_ANSWER', 'a', 'v1'), ttl, 0);
    expect(board.route(master, message('SDP_ANSWER', 'b'), ttl, 0)).toMatchObject({
      errorType: 'InvalidArgumentException',
    });
    expect([v1.got, v2.got]).toEqual([['master:SDP_ANSWER:a'], []]);
  });

  it('keeps channels apart', () => {
    const [master, other] = [seat(), seat(undefined, 'arn2')];
    board.join(master, 0);
    board.join(other, 0);
    board.route(seat('v1', 'arn2'), message('SDP_OFFER', 'o'), ttl, 0);
    expect([master.got, other.got]).toEqual([[], ['v1:SDP_OFFER:o']]);
  });

  it('holds messages for an absent recipient as long as the channel says', () => {
    const v1 = seat('v1');
    board.join(v1, 0);
    board.route(v1, message('SDP_OFFER', 'o'), 5000, 0);
    board.route(v1, message('ICE_CANDIDATE', 'c'), 5000, 3000);
    expect(board.view('arn', 4999).held).toBe(2);
    const master = seat();
    board.join(master, 5000);
    expect(master.got).toEqual(['v1:ICE_CANDIDATE:c']);
    expect(board.view('arn', 5000).held).toBe(0);
  });

  it('overwrites a waiting offer of the same sender alone, and gathers candidates', () => {
    const [v1, v2] = [seat('v1'), seat('v2')];
    board.route(v1, message('SDP_OFFER', 'old'), ttl, 0);
    board.route(v2, message('SDP_OFFER', 'other'), ttl, 0);
    board.route(v1, message('SDP_OFFER', 'new'), ttl, 0);
    board.route(v1, message('ICE_CANDIDATE', 'c'), ttl, 0);
    const master = seat();
    board.join(master, 1);
    expect(master.got).toEqual(['v2:SDP_OFFER:other', 'v1:SDP_OFFER:new', 'v1:ICE_CANDIDATE:c']);
  });

  it('forgets the oldest when too much waits', () => {
    for (const payload of ['1', '2', '3', '4', '5']) {
      board.route(seat('v1'), message('ICE_CANDIDATE', payload), ttl, 0);
    }
    expect(board.view('arn', 0).held).toBe(4);
  });

  it('gives the place to the newer connection, and keeps it when the older leaves', () => {
    const [first, second, v1] = [seat(), seat(), seat('v1')];
    board.join(first, 0);
    board.join(second, 1);
    board.leave(first);
    board.route(v1, message('SDP_OFFER', 'o'), ttl, 2);
    expect([first.ends, first.got]).toEqual([['displaced'], []]);
    expect([second.ends, second.got]).toEqual([[], ['v1:SDP_OFFER:o']]);
    expect(board.view('arn', 2).master).toBe(true);
  });

  it('has room for so many viewers, and always for one that is there already', () => {
    board.join(seat('v1'), 0);
    board.join(seat('v2'), 0);
    expect(board.hasRoom('arn', 'v3')).toBe(false);
    expect(board.hasRoom('arn', 'v2')).toBe(true);
    expect(board.hasRoom('arn', undefined)).toBe(true);
    expect(board.hasRoom('arn2', 'v3')).toBe(true);
  });

  it('evicts everybody from a channel that is dropped', () => {
    const [master, v1] = [seat(), seat('v1')];
    board.join(master, 0);
    board.join(v1, 0);
    board.drop('arn');
    expect([master.ends, v1.ends]).toEqual([['evicted'], ['evicted']]);
    expect(board.view('arn', 0)).toEqual({ master: false, viewers: [], held: 0 });
  });
});
