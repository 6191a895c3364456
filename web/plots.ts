import { linePath, niceTop } from './line.ts';
import type { ViewerStats } from './stats.ts';

/** How many readings a plot shows: two minutes of one a second. */
const mostReadings = 120;
const height = 40;

interface Curve {
  readonly label: string;
  readonly unit: string;
  /** The top of an empty plot, so that noise does not fill it. */
  readonly leastTop: number;
  /** Null where there is no reading: the line has a gap. */
  readonly read: (stats: ViewerStats) => number | null;
  readonly digits: number;
}

const curves: readonly Curve[] = [
  {
    label: 'Bitrate',
    unit: 'kbit/s',
    leastTop: 100,
    read: ({ kbps, passedMs }) => (passedMs > 0 ? kbps : null),
    digits: 0,
  },
  {
    label: 'Frame rate',
    unit: 'fps',
    leastTop: 10,
    read: ({ fps, width }) => (width > 0 ? fps : null),
    digits: 0,
  },
  {
    label: 'Round trip',
    unit: 'ms',
    leastTop: 10,
    read: ({ roundTripMs }) => roundTripMs,
    digits: 0,
  },
  { label: 'Loss', unit: '%', leastTop: 1, read: ({ lossPercent }) => lossPercent, digits: 1 },
];

/** Draws each reading at the right edge of its plots, the older ones left of it. */
export interface Plots {
  readonly add: (stats: ViewerStats) => void;
}

export function createPlots(parent: HTMLElement): Plots {
  const plots = curves.map((curve) => createPlot(parent, curve));
  return {
    add: (stats) => {
      for (const add of plots) add(stats);
    },
  };
}

function createPlot(parent: HTMLElement, curve: Curve): (stats: ViewerStats) => void {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const [now, most] = [document.createElement('b'), document.createElement('small')];
  const svg = create('svg', {
    // room for the width of a line at zero and at the top
    viewBox: `0 -2 ${mostReadings - 1} ${height + 4}`,
    preserveAspectRatio: 'none',
    role: 'img',
  });
  const line = create('path', { class: 'line' });
  svg.append(create('path', { class: 'grid', d: `M0 ${height / 2}H${mostReadings - 1}` }), line);
  caption.append(`${curve.label} `, now);
  figure.append(caption, svg, most);
  parent.append(figure);
  const readings: (number | null)[] = [];
  return (stats) => {
    const reading = curve.read(stats);
    readings.push(reading);
    readings.splice(0, readings.length - mostReadings);
    const top = niceTop(readings, curve.leastTop);
    const said = reading === null ? '–' : `${reading.toFixed(curve.digits)} ${curve.unit}`;
    now.textContent = said;
    most.textContent = String(top);
    line.setAttribute('d', linePath(readings, mostReadings, height, top));
    svg.setAttribute('aria-label', `${curve.label} of the last two minutes, now ${said}`);
  };
}

function create<Name extends 'svg' | 'path'>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
