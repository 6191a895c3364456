import { describe, expect, it } from 'vitest';
import { play, takeDown } from '../../src/gst/pipeline.ts';
import type { Ending, PlayOptions } from '../../src/gst/pipeline.ts';
import type { BusMessage } from '../../src/gst/runtime.ts';
import { createFakeGst } from '../helpers/fakegst.ts';
import type { FakeGst, FakeOptions } from '../helpers/fakegst.ts';

interface Played {
  readonly gst: FakeGst;
  readonly stop: AbortController;
  readonly seen: readonly BusMessage[];
  readonly ending: Promise<Ending>;
}

function played(fake: FakeOptions = {}, options: Partial<PlayOptions> = {}): Played {
  const gst = createFakeGst(fake);
  const stop = new AbortController();
  const seen: BusMessage[] = [];
  const ending = play(gst.parse('text'), {
    signal: stop.signal,
    eosLimitMs: null,
    onStopping: () => undefined,
    onMessage: (message) => seen.push(message),
    ...options,
  });
  return { gst, stop, seen, ending };
}

const trouble = { debug: '', details: null };

function elementError(code: string, message = 'a sentence') {
  const details = { name: 'kinesiswebrtc-error', fields: { code } };
  return { type: 'error', source: 'k', message, debug: '', details } as const;
}

describe('a pipeline that is played', () => {
  it('goes to playing by way of paused', async () => {
    const { gst, ending } = played();
    gst.post({ type: 'eos' });
    expect(await ending).toEqual({ kind: 'eos' });
    expect(gst.asked).toEqual(['parse text', 'state paused', 'state playing']);
  });

  it('hands on every message in order', async () => {
    const { gst, seen, ending } = played();
    gst.post({ type: 'other' });
    gst.post({ type: 'latency' });
    gst.post({ type: 'eos' });
    await ending;
    expect(seen.map(({ type }) => type)).toEqual(['other', 'latency', 'eos']);
  });

  it('has its latency and its clock looked after', async () => {
    const { gst, ending } = played();
    gst.post({ type: 'latency' });
    gst.post({ type: 'clock-lost' });
    gst.post({ type: 'eos' });
    await ending;
    expect(gst.asked.slice(3)).toEqual(['latency', 'state paused', 'state playing']);
  });

  it('is paused while it buffers', async () => {
    const { gst, ending } = played();
    for (const percent of [10, 50, 100]) gst.post({ type: 'buffering', percent });
    gst.post({ type: 'eos' });
    await ending;
    expect(gst.asked.slice(3)).toEqual(['state paused', 'state playing']);
  });

  it('is not paused for buffering when it is live', async () => {
    const { gst, ending } = played({ states: { paused: 'live' } });
    gst.post({ type: 'buffering', percent: 10 });
    gst.post({ type: 'eos' });
    await ending;
    expect(gst.asked.slice(3)).toEqual([]);
  });

  it('rejects with what a listener throws', async () => {
    const onMessage = () => {
      throw new Error('a bug');
    };
    const { gst, ending } = played({}, { onMessage });
    gst.post({ type: 'other' });
    await expect(ending).rejects.toThrow('a bug');
  });
});

describe('an interrupt', () => {
  it('ends it at once', async () => {
    const { stop, ending } = played();
    stop.abort();
    expect(await ending).toEqual({ kind: 'stopped' });
  });

  it('sends end-of-stream first where that is wanted', async () => {
    const { gst, stop, ending } = played({}, { eosLimitMs: 10_000 });
    stop.abort();
    expect(gst.asked.at(-1)).toBe('eos');
    gst.post({ type: 'eos' });
    expect(await ending).toEqual({ kind: 'stopped' });
  });

  it('waits for end-of-stream no longer than the limit', async () => {
    const { stop, ending } = played({}, { eosLimitMs: 30 });
    stop.abort();
    expect(await ending).toEqual({ kind: 'stopped' });
  });

  it('waits for no end of what has not begun', async () => {
    const { gst, stop, ending } = played({ untouched: true }, { eosLimitMs: 600_000 });
    stop.abort();
    expect(await ending).toEqual({ kind: 'stopped' });
    expect(gst.asked).toContain('eos');
  });

  it('that came before the start ends it as well', async () => {
    expect(await played({}, { signal: AbortSignal.abort() }).ending).toEqual({ kind: 'stopped' });
  });
});

describe('an error', () => {
  it('of the element keeps its code and its words', async () => {
    const { gst, ending } = played();
    gst.post(elementError('tls'));
    expect(await ending).toMatchObject({
      kind: 'failed',
      error: { code: 'tls', message: 'a sentence', element: 'k' },
    });
  });

  it('of another element names it, with the last of the debug text', async () => {
    const { gst, ending } = played();
    const debug = 'gstfilesrc.c(553): start (): /GstPipeline:p/GstFileSrc:f:\nNo such file "x"';
    gst.post({ ...trouble, type: 'error', source: 'f', message: 'Not found.', debug });
    expect(await ending).toMatchObject({
      error: { code: 'pipeline', message: 'f: Not found. No such file "x"' },
    });
  });

  it('that names a cause speaks for those that came with it', async () => {
    const { gst, ending } = played();
    gst.post({ ...trouble, type: 'error', source: 'src', message: 'Internal data stream error.' });
    gst.post(elementError('credentials'));
    expect(await ending).toMatchObject({ error: { code: 'credentials' } });
  });

  it('with a code nobody knows is one of the pipeline', async () => {
    const { gst, ending } = played();
    gst.post(elementError('weather'));
    expect(await ending).toMatchObject({ error: { code: 'pipeline' } });
  });

  it('on the way to playing is told', async () => {
    const { ending } = played({
      states: { paused: 'failed' },
      onAsked: (asked, gst) => {
        if (asked === 'state paused') gst.post(elementError('settings'));
      },
    });
    expect(await ending).toMatchObject({ kind: 'failed', error: { code: 'settings' } });
  });

  it('is made up where a pipeline does not start and says nothing', async () => {
    const { ending } = played({ states: { playing: 'failed' } });
    expect(await ending).toMatchObject({ error: { code: 'pipeline' } });
  });
});

describe('a pipeline that is taken down', () => {
  it('still tells what its elements say of their peers', () => {
    const gst = createFakeGst();
    const pipeline = gst.parse('text');
    const details = { name: 'kinesiswebrtc-peer-disconnected', fields: {} };
    const goodbye = { type: 'element', source: 'k', details } as const;
    gst.post(goodbye);
    gst.post({ type: 'latency' });
    const seen: BusMessage[] = [];
    takeDown(pipeline, (message) => seen.push(message));
    expect(seen).toMatchObject([goodbye]);
    expect(gst.asked).toEqual(['parse text', 'state ready']);
  });
});
