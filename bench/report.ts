/* RESULTS.md and its plots. Pure. */
import type { Mark, Plot, Result } from './figure.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly versions: readonly string[];
  readonly date: string;
  /** Work that waited at the start, 1-minute average. */
  readonly load: number;
}

export function markdown(machine: Machine, results: readonly Result[]): string {
  const { cpu, cores, system, versions, date, load } = machine;
  return [
    '# What the bench measured',
    '',
    `${date}, ${cores} cores of ${cpu}, ${system}, load ${load.toFixed(1)} at the start; ${versions.join(', ')}. \`npm run bench\` measures anew.`,
    ...targets(results.flatMap(({ marks = [] }) => marks)),
    ...results.flatMap(section),
    '',
  ].join('\n');
}

function targets(marks: readonly Mark[]): readonly string[] {
  if (marks.length === 0) return [];
  const rows = marks.map(({ what, wanted, measured, isMet }) => [
    what,
    wanted,
    measured,
    isMet ? 'met' : '**not met**',
  ]);
  return ['', '## Targets', '', ...table([['', 'wanted', 'measured', ''], ...rows])];
}

function section({ title, about, rows, plot }: Result): readonly string[] {
  return [
    '',
    `## ${title}`,
    '',
    about,
    ...(rows.length === 0 ? [] : ['', ...table(rows)]),
    ...(plot === undefined ? [] : ['', `![${title}](${plot.file})`]),
  ];
}

function table([head = [], ...body]: readonly (readonly string[])[]): readonly string[] {
  return [
    cells(head),
    cells(head.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...body.map(cells),
  ];
}

function cells(row: readonly string[]): string {
  return `| ${row.join(' | ')} |`;
}

const WIDTH = 640;
const HEIGHT = 320;
const MARGIN = 48;
const COLOURS = ['#1b6ac9', '#d9480f', '#2b8a3e', '#862e9c'] as const;

const escape = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Lines through points, axes from 0. */
export function svg({ x, y, series }: Plot): string {
  const lines = series.map((one) => ({
    ...one,
    points: one.points.filter(([, value]) => Number.isFinite(value)),
  }));
  const points = lines.flatMap((one) => one.points);
  const right = Math.max(1, ...points.map(([value]) => value));
  const top = Math.max(1, ...points.map(([, value]) => value));
  const atX = (value: number) => MARGIN + (value / right) * (WIDTH - 2 * MARGIN);
  const atY = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN);
  const text = (left: number, up: number, words: string, more = '') =>
    `<text x="${left.toFixed(1)}" y="${up.toFixed(1)}" ${more}>${escape(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<path d="M${MARGIN} ${MARGIN}V${HEIGHT - MARGIN}H${WIDTH - MARGIN}" fill="none" stroke="#444"/>`,
    text(WIDTH / 2, HEIGHT - 8, x, 'text-anchor="middle"'),
    text(MARGIN, MARGIN - 24, y),
    text(atX(right), HEIGHT - MARGIN + 16, right.toFixed(0), 'text-anchor="middle"'),
    text(MARGIN - 6, atY(top) + 4, top.toFixed(0), 'text-anchor="end"'),
    text(MARGIN - 6, atY(0) + 4, '0', 'text-anchor="end"'),
    ...lines.flatMap(({ name, points: own }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? '#000';
      const line = own.map(([a, b]) => `${atX(a).toFixed(1)},${atY(b).toFixed(1)}`).join(' ');
      return [
        `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        text(WIDTH - MARGIN, MARGIN + 16 * index, name, `fill="${colour}" text-anchor="end"`),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}
