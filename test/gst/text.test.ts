import { describe, expect, it } from 'vitest';
import {
  findSyntaxFault,
  findTextElements,
  findUnknownReference,
  maskSecrets,
} from '../../src/gst/text.ts';

describe('the elements of a text', () => {
  it.each<[string, string, ReturnType<typeof findTextElements>]>([
    ['none', 'videotestsrc ! fakesink', []],
    [
      'what is set on one',
      'videotestsrc pattern=ball ! kinesiswebrtcbin name=k channel=cam1 audiotestsrc wave=1 ! k.',
      [{ name: 'k', properties: { channel: 'cam1' } }],
    ],
    [
      'spaces around "="',
      'a ! kinesiswebrtcbin channel = cam1 role= viewer',
      [{ name: 'kinesiswebrtcbin0', properties: { channel: 'cam1', role: 'viewer' } }],
    ],
    [
      'quotes, escapes and types',
      `kinesiswebrtcbin channel="cam 1" region='r' endpoint=(string)http://h client-id=a\\ b`,
      [
        {
          name: 'kinesiswebrtcbin0',
          properties: { channel: 'cam 1', region: 'r', endpoint: 'http://h', 'client-id': 'a b' },
        },
      ],
    ],
    [
      'several, with and without names',
      'a ! kinesiswebrtcbin b ! kinesiswebrtcbin name=x c ! kinesiswebrtcbin',
      [
        { name: 'kinesiswebrtcbin0', properties: {} },
        { name: 'x', properties: {} },
        { name: 'kinesiswebrtcbin1', properties: {} },
      ],
    ],
    ['references', 'fakesrc ! kinesiswebrtcbin0. kinesiswebrtcbin.video_sink_0', []],
    ['its name in a value', 'textoverlay text="a ! kinesiswebrtcbin channel=x" ! fakesink', []],
    [
      'caps before it',
      'a ! video/x-raw, width=(int)64 , format = "I420" ! kinesiswebrtcbin channel=c',
      [{ name: 'kinesiswebrtcbin0', properties: { channel: 'c' } }],
    ],
    [
      'no spaces around "!"',
      'videotestsrc!kinesiswebrtcbin channel=c',
      [{ name: 'kinesiswebrtcbin0', properties: { channel: 'c' } }],
    ],
  ])('%s', (_, text, elements) => {
    expect(findTextElements(text)).toEqual(elements);
  });
});

describe('what keeps a text from being a pipeline', () => {
  it.each([
    ['', /empty/],
    ['   ', /empty/],
    ['a !', /ends with "!"/],
    ['! a', /starts with "!"/],
    ['a ! ! b', /between "!" and "!"/],
    ['( a ! b', /"\("/],
    ['a ! b )', /"\)"/],
    ['a text="x ! b', /"text="x"/],
  ])('%s', (text, fault) => {
    expect(findSyntaxFault(text)).toMatch(fault);
  });

  it.each([
    'a ! b',
    'a ! video/x-raw(memory:NVMM), width=64 ! b',
    `a text="it's" ! b name='x'`,
    '( a ! b ) c ! d',
    'a ! video/x-raw, framerate=(fraction){ 30/1, 25/1 } ! b',
    'a. ! b a.src_0 ! c.',
    'uridecodebin uri=rtsp://u:p@h/x?y=(1 ! b',
  ])('nothing: %s', (text) => {
    expect(findSyntaxFault(text)).toBeNull();
  });
});

describe('references', () => {
  it.each([
    ['a ! b name=k c ! k.', null],
    ['a ! b name=k c ! q.', 'q'],
    ['a ! b c ! b0.', null],
    ['a ! b name=k c ! k.sink_0 d ! q.sink_1', 'q'],
    ['filesrc location=/tmp/x.mp4 ! b', null],
  ])('%s', (text, name) => {
    expect(findUnknownReference(text)).toBe(name);
  });
});

describe('a text that is shown', () => {
  it.each([
    ['a secret-key=x b', 'a secret-key=*** b'],
    ['a session-token = "x y" b', 'a session-token=*** b'],
    ['a access-key=AKIA b', 'a access-key=AKIA b'],
    ['rtspsrc location=rtsp://u:p@h/x ! b', 'rtspsrc location=rtsp://u:***@h/x ! b'],
    ['a ! video/x-raw, width=1 ! b  c', 'a ! video/x-raw, width=1 ! b  c'],
  ])('%s', (text, shown) => {
    expect(maskSecrets(text)).toBe(shown);
  });
});
