// Which mark, and which of its handles, lies under a CSS position of the pane.

import { distanceToSegment } from "./simplify.js";

/** How near a pointer must be, in CSS pixels: handles take 16 and strokes 8 in all; a finger needs more of both. */
export const REACH = { handle: 8, stroke: 4 };
export const TOUCH_REACH = { handle: 24, stroke: 12 };

/** The distance of a position from the strokes of a shape; Infinity where it is far beside its box. */
export function distanceToShape({ strokes, box: [left, top, right, bottom] }, [x, y], reach) {
  if (x < left - reach || x > right + reach || y < top - reach || y > bottom + reach) return Infinity;
  return Math.min(...strokes.map((stroke) => distanceToStroke(stroke, [x, y])));
}

function distanceToStroke({ points, closed }, at) {
  let least = closed ? distanceToSegment(at, points.at(-1), points[0]) : Infinity;
  if (points.length === 1) least = distanceToSegment(at, points[0], points[0]);
  for (let n = 1; n < points.length; n += 1) {
    const far = distanceToSegment(at, points[n - 1], points[n]);
    if (far < least) least = far;
  }
  return least;
}

/**
 * The nearest handle in reach, of the selected mark before those of others; else the nearest stroke in reach.
 * @param shown     [{ mark, shape }], what is drawn on the pane
 * @param at        CSS position
 * @param selected  id of the selected mark, or null
 * @returns {{ mark, handle: number|null } | null}
 */
export function hit(shown, at, { selected = null, reach = REACH } = {}) {
  let best = null;
  const offer = (mark, handle, far, rank) => {
    if (!best || rank < best.rank || (rank === best.rank && far < best.far)) best = { mark, handle, far, rank };
  };
  for (const { mark, shape } of shown) {
    shape.handles.forEach(([x, y], n) => {
      const far = Math.hypot(x - at[0], y - at[1]);
      if (far <= reach.handle) offer(mark, n, far, mark.id === selected ? 0 : 1);
    });
    const far = distanceToShape(shape, at, reach.stroke);
    if (far <= reach.stroke) offer(mark, null, far, mark.id === selected ? 2 : 3);
  }
  return best && { mark: best.mark, handle: best.handle };
}
