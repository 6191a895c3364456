/* A row of readings as a line to draw. Pure. */

/** The top of a scale: 1, 2 or 5 times a power of ten, no less than the highest reading or `least`. */
export function niceTop(readings: readonly (number | null)[], least: number): number {
  const highest = Math.max(least, ...readings.map((reading) => reading ?? 0));
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].find((one) => one * power >= highest) ?? 10;
  return step * power;
}

/**
 * The path of an SVG, the newest reading at x = `width` - 1 and each older one a step to its left;
 * `top` is drawn at y = 0 and zero at `height`. A null is a gap.
 */
export function linePath(
  readings: readonly (number | null)[],
  width: number,
  height: number,
  top: number,
): string {
  const left = width - readings.length;
  let isDown = false;
  return readings
    .map((reading, place) => {
      if (reading === null) {
        isDown = false;
        return '';
      }
      const y = Math.round((height - (Math.min(reading, top) / top) * height) * 10) / 10;
      const at = `${left + place} ${y}`;
      // a line of no length, with round ends, is a dot: a single reading is seen too
      const drawn = isDown ? `L${at}` : `M${at}L${at}`;
      isDown = true;
      return drawn;
    })
    .join('');
}
