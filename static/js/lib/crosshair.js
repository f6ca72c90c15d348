// A reference line with a free middle: the point itself must stay visible.

export const GAP = 18; // CSS pixels

/**
 * One line of the crosshair as an SVG path across the pane.
 * @param at      the crosshair's centre, CSS pixels
 * @param along   the line's direction on the screen, of any length
 * @param size    { width, height } of the pane
 */
export function linePath([x, y], [alongX, alongY], { width, height }) {
  const size = Math.hypot(alongX, alongY);
  if (!(size > 0)) return "";
  const [dx, dy] = [alongX / size, alongY / size];
  // Straight lines on the middle of a pixel: one sharp line instead of two grey ones.
  const isDown = Math.abs(dx) < 1e-9;
  const isAcross = Math.abs(dy) < 1e-9;
  const from = [isDown ? Math.floor(x) + 0.5 : x, isAcross ? Math.floor(y) + 0.5 : y];
  const clipped = clip(from, [dx, dy], width, height);
  if (!clipped) return "";
  const [low, high] = clipped;
  const parts = [];
  // Drawn from the middle outwards, so that the dashes do not crawl while the pane is resized.
  if (low < -GAP / 2) parts.push(segment(from, [dx, dy], Math.min(-GAP / 2, high), low));
  if (high > GAP / 2) parts.push(segment(from, [dx, dy], Math.max(GAP / 2, low), high));
  return parts.join("");
}

/** From where to where a line through *from* runs inside the pane, in pixels along it; null where it passes by. */
function clip([x, y], [dx, dy], width, height) {
  let [low, high] = [-Infinity, Infinity];
  for (const [start, step, end] of [[x, dx, width], [y, dy, height]]) {
    if (Math.abs(step) < 1e-9) {
      if (start < 0 || start > end) return null;
      continue;
    }
    const [one, other] = [-start / step, (end - start) / step].sort((a, b) => a - b);
    low = Math.max(low, one);
    high = Math.min(high, other);
  }
  return low < high ? [low, high] : null;
}

function segment([x, y], [dx, dy], from, to) {
  const place = (along) => `${round(x + along * dx)} ${round(y + along * dy)}`;
  return `M${place(from)}L${place(to)}`;
}

const round = (value) => Math.round(value * 10) / 10;
