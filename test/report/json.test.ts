import { describe, expect, it } from 'vitest';
import { LaunchError } from '../../src/errors.ts';
import type { EventFields } from '../../src/events.ts';
import { createJsonReport } from '../../src/report/json.ts';

const time = new Date('2026-01-02T03:04:05.678Z');
const report = createJsonReport(() => time);

function parsed(fields: EventFields): unknown {
  const [line = ''] = report.event({ time, event: 'peer-connected', element: 'k', fields }).out;
  return JSON.parse(line);
}

describe('a line for programs', () => {
  it('is one object: time, event, element, and the fields beside them', () => {
    expect(parsed({ peerId: 'x', setupMs: 812 })).toEqual({
      time: '2026-01-02T03:04:05.678Z',
      event: 'peer-connected',
      element: 'k',
      peerId: 'x',
      setupMs: 812,
    });
  });

  it('keeps its head whatever the fields are called', () => {
    expect(parsed({ event: 'eos', time: 'now' })).toMatchObject({ event: 'peer-connected' });
  });

  it('stays one line whatever is in it', () => {
    const fields = { peerId: 'a\nb\u2028' };
    const { out } = report.event({ time, event: 'data', element: 'k', fields });
    expect(out).toHaveLength(1);
    expect(out[0]).not.toContain('\n');
  });

  it('moves nothing on a terminal, and says the same to a program', () => {
    const peerId = '\u001b[2J\u009b2J\u202e\u2028x';
    const { out } = report.event({ time, event: 'data', element: 'k', fields: { peerId } });
    expect(out[0]).toMatch(/\\u001b\[2J\\u009b2J\\u202e\\u2028x/);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ peerId });
  });
});

describe('a failure', () => {
  it('is an event on stdout with code and exit code, and a sentence on stderr', () => {
    const error = new LaunchError('permission', 'not allowed', { hint: 'ask', element: 'k' });
    const { out, err } = report.failure(error);
    expect(JSON.parse(out[0] ?? '')).toEqual({
      time: '2026-01-02T03:04:05.678Z',
      event: 'error',
      element: 'k',
      code: 'permission',
      message: 'not allowed',
      hint: 'ask',
      exitCode: 3,
    });
    expect(err).toEqual(['kvswebrtc-launch: error: not allowed; ask']);
  });
});
