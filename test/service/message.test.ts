import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../src/service/message.ts';

const payload = Buffer.from('{"type":"offer","sdp":"v=0"}').toString('base64');
const parse = (value: unknown) =>
  parseMessage(typeof value === 'string' ? value : JSON.stringify(value), 100);

describe('a client message', () => {
  it.each([
    [
      "the JavaScript SDK's",
      { action: 'SDP_OFFER', messagePayload: payload, recipientClientId: 'v', correlationId: 'c' },
    ],
    [
      "the C SDK's",
      {
        action: 'SDP_OFFER',
        MessagePayload: payload,
        RecipientClientId: 'v',
        CorrelationId: 'c',
        IceServerList: [],
      },
    ],
  ])('is read in %s spelling', (_, value) => {
    expect(parse(value)).toEqual({
      message: { action: 'SDP_OFFER', recipient: 'v', payload, correlationId: 'c' },
    });
  });

  it.each([{}, { recipientClientId: '' }, { recipientClientId: null, correlationId: '' }])(
    'may name nobody: %j',
    (more) => {
      expect(parse({ action: 'ICE_CANDIDATE', messagePayload: payload, ...more })).toEqual({
        message: {
          action: 'ICE_CANDIDATE',
          recipient: undefined,
          payload,
          correlationId: undefined,
        },
      });
    },
  );

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['no action', { messagePayload: payload }],
    ['an unknown action', { action: 'GO_AWAY', messagePayload: payload }],
    ['an action inherited from nowhere', { action: 'toString', messagePayload: payload }],
    ['no payload', { action: 'SDP_OFFER' }],
    ['an empty payload', { action: 'SDP_OFFER', messagePayload: '' }],
    ['a payload of another type', { action: 'SDP_OFFER', messagePayload: { a: 1 } }],
    ['a payload that is no base64', { action: 'SDP_OFFER', messagePayload: 'ü' }],
    ['a payload too long', { action: 'SDP_OFFER', messagePayload: 'A'.repeat(101) }],
    ['a bad recipient', { action: 'SDP_OFFER', messagePayload: payload, recipientClientId: 'a b' }],
    [
      'a recipient too long',
      {
        action: 'SDP_OFFER',
        messagePayload: payload,
        recipientClientId: 'a'.repeat(257),
      },
    ],
    ['a bad correlation id', { action: 'SDP_OFFER', messagePayload: payload, correlationId: 7 }],
  ])('is refused with %s', (_, value) => {
    expect(parse(value)).toMatchObject({
      refusal: { errorType: 'InvalidArgumentException', statusCode: '400' },
    });
  });

  it('keeps the correlation id of a refused one, for its status', () => {
    expect(parse({ action: 'no', messagePayload: payload, correlationId: 'c' })).toMatchObject({
      correlationId: 'c',
    });
  });
});
