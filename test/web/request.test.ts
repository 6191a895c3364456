import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../web/request.ts';

describe("the page's address", () => {
  it('asks for picture and sound of a channel by default', () => {
    expect(parseRequest('?channel=demo', '0a1b2c3d')).toEqual({
      channel: 'demo',
      clientId: 'viewer-0a1b2c3d',
      video: true,
      audio: true,
      cameras: 1,
      codec: undefined,
      send: false,
      data: false,
      relay: false,
    });
  });

  it.each([
    ['?channel=a&video=0', { video: false }],
    ['?channel=a&audio=false', { audio: false }],
    ['?channel=a&cameras=3', { cameras: 3 }],
    ['?channel=a&cameras=9', { cameras: 4 }],
    ['?channel=a&cameras=many', { cameras: 1 }],
    ['?channel=a&codec=h264', { codec: 'H264' }],
    ['?channel=a&send=1&data=1&relay', { send: true, data: true, relay: true }],
    ['?channel=my%20cam', { channel: 'my cam' }],
    ['', { channel: '' }],
  ])('%s', (search, expected) => {
    expect(parseRequest(search, '0')).toMatchObject(expected);
  });
});
