import { describe, expect, it } from 'vitest';
import type { Result } from '../../bench/figure.ts';
import { markdown, svg } from '../../bench/report.ts';

const MACHINE = {
  cpu: 'A Processor',
  cores: 2,
  system: 'Linux 6',
  versions: ['GStreamer 1.22', 'Node v20'],
  date: '2026-01-02',
  load: 0.25,
};

const RESULT: Result = {
  title: 'A figure',
  about: 'What was done.',
  rows: [
    ['', 'ms'],
    ['one', '1'],
  ],
};

describe('the report', () => {
  it('begins with the machine', () => {
    expect(markdown(MACHINE, [])).toContain(
      '2026-01-02, 2 cores of A Processor, Linux 6, load 0.3 at the start; GStreamer 1.22, Node v20',
    );
  });

  it('has a table for each result', () => {
    expect(markdown(MACHINE, [RESULT])).toContain(
      '## A figure\n\nWhat was done.\n\n|  | ms |\n| --- | ---: |\n| one | 1 |\n',
    );
  });

  it('has no table for what failed', () => {
    expect(markdown(MACHINE, [{ ...RESULT, rows: [] }])).not.toContain('|');
  });

  it('has the targets of all results before them, and says which are not met', () => {
    const mark = { what: 'speed', wanted: '≤ 1', measured: '2', isMet: false };
    const text = markdown(MACHINE, [
      { ...RESULT, marks: [mark] },
      { ...RESULT, marks: [{ ...mark, what: 'size', isMet: true }] },
    ]);
    expect(text).toContain('| speed | ≤ 1 | 2 | **not met** |\n| size | ≤ 1 | 2 | met |');
    expect(text.indexOf('## Targets')).toBeLessThan(text.indexOf('## A figure'));
  });

  it('shows a plot below its table', () => {
    const plot = { file: 'plot.svg', x: 'x', y: 'y', series: [] };
    expect(markdown(MACHINE, [{ ...RESULT, plot }])).toMatch(
      /\| one \| 1 \|\n\n!\[A figure\]\(plot\.svg\)/,
    );
  });
});

describe('a plot', () => {
  const PLOT = {
    file: 'plot.svg',
    x: 'viewers',
    y: '%',
    series: [
      {
        name: 'one & only',
        points: [
          [0, 0],
          [10, 50],
        ],
      },
    ],
  } as const;

  it('has a line through the points, from the corner to the far end of both axes', () => {
    expect(svg(PLOT)).toContain('points="48.0,272.0 592.0,48.0"');
  });

  it('names axes and lines, in words that XML takes', () => {
    const text = svg(PLOT);
    for (const words of ['>viewers<', '>%<', '>one &amp; only<']) expect(text).toContain(words);
  });

  it('leaves out what is no number', () => {
    const points = [
      [1, NaN],
      [2, 3],
    ] as const;
    expect(svg({ ...PLOT, series: [{ name: 'a', points }] })).not.toContain('NaN');
  });
});
