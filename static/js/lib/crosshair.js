// A reference line with a free middle: the point itself must stay visible.

export const GAP = 18; // CSS pixels

/**
 * One line of the crosshair as an SVG path across the pane.
 * @param vertical  whether it runs from top to bottom
 * @param at        its place across, CSS pixels
 * @param middle    where along the line the crosshair's centre lies
 * @param length    the pane's extent along the line
 */
export function linePath(vertical, at, middle, length) {
  const across = Math.floor(at) + 0.5; // on the middle of a pixel: one sharp line instead of two grey ones
  const before = middle - GAP / 2;
  const after = middle + GAP / 2;
  const parts = [];
  if (before > 0) parts.push(segment(vertical, across, Math.min(before, length), 0));
  if (after < length) parts.push(segment(vertical, across, Math.max(after, 0), length));
  return parts.join("");
}

/** Drawn from the middle outwards, so that the dashes do not crawl while the pane is resized. */
function segment(vertical, across, from, to) {
  const start = Math.round(from * 10) / 10;
  return vertical ? `M${across} ${start}V${to}` : `M${start} ${across}H${to}`;
}
