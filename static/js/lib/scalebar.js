// A scale bar of a round length that fits a width on the screen.

const LENGTHS_MM = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * The longest round length of at most *room* CSS pixels.
 * @returns {{mm, width, divisions, label}}
 */
export function scaleBar(pixelsPerMm, room) {
  const fitting = LENGTHS_MM.filter((mm) => mm * pixelsPerMm <= room);
  const mm = fitting.at(-1) ?? LENGTHS_MM[0];
  const label = mm >= 10 ? `${mm / 10} cm` : `${mm} mm`;
  return { mm, width: mm * pixelsPerMm, divisions: String(mm).includes("2") ? 4 : 5, label };
}

/** The bar as an SVG path: a line with ticks, the outer ones longer. */
export function scaleBarPath({ width, divisions }, x, y) {
  const ticks = Array.from({ length: divisions + 1 }, (_unused, n) => {
    const height = n === 0 || n === divisions ? 6 : 3.5;
    return `M${round(x + (width * n) / divisions)} ${round(y)}v${-height}`;
  });
  return `M${round(x)} ${round(y)}h${round(width)}${ticks.join("")}`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}
