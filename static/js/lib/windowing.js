// Window arithmetic. A window is { center, width, function?, lut? } in the series' unit. `function` is "exact"
// or "sigmoid", as addresses name them; without one it is the standard's LINEAR (PS3.3 C.11.2.1.2.1), which goes
// from center − 0.5 − (width − 1) / 2 (black) to center − 0.5 + (width − 1) / 2 (white). With a `lut` the picture
// is made by that VOI LUT of the file, and the numbers only say from where to where it reaches. With `own` each image
// of a stack has the window, or the VOI LUT, that it brings; the numbers are those of the image that is shown.

const PIXELS_PER_WIDTH = 200; // a drag of so many CSS pixels doubles the width

/** Round to what the unit can tell, width never below the function's least: 1 for LINEAR (the standard's). */
export function tidy({ center, width, ...more }, digits = 0) {
  const round = (value) => Number(value.toFixed(digits));
  const least = more.function ? 10 ** -digits : 1;
  return { center: round(center) + 0, width: Math.max(least, round(width)), ...named(more) };
}

/** Function, LUT and `own` of a window or preset, those that it has. */
function named({ function: name, lut, own }) {
  return { ...(name && { function: name }), ...(lut !== undefined && { lut }), ...(own && { own }) };
}

/** *window* without what else a preset holds, its numbers untouched. */
export function plainWindow({ center, width, ...more }) {
  return { center, width, ...named(more) };
}

/** The window after a drag of (byX, byY) CSS pixels from *start*: right is wider, down is a higher level. */
export function dragged(start, byX, byY, digits = 0) {
  const step = Math.max(start.width, 10 ** -digits * PIXELS_PER_WIDTH * 0.5) / PIXELS_PER_WIDTH;
  const moved = { center: start.center + byY * step, width: start.width + byX * step };
  // A table cannot be widened: the drag goes on from the window around it.
  return tidy({ ...moved, function: start.function }, digits);
}

export function sameWindow(one, other) {
  if (one.own || other.own) return one.own === other.own;
  return ["center", "width", "function", "lut"].every((name) => one[name] === other[name]);
}

/** What a picture's address says of a window. */
export function windowQuery({ center, width, function: name, lut, own }) {
  if (own) return {};
  if (lut !== undefined) return { lut };
  return { ww: width, wc: center, ...(name && { fn: name }) };
}

/** The values at which the picture becomes black and white; of a sigmoid, where the tangent in its middle does. */
export function bounds({ center, width, function: name }) {
  if (name) return [center - width / 2, center + width / 2];
  const half = (width - 1) / 2;
  return [center - 0.5 - half, center - 0.5 + half];
}

/** The window whose bounds these values are. */
export function windowOf(low, high, digits = 0) {
  return tidy({ center: (low + high) / 2 + 0.5, width: high - low + 1 }, digits);
}

/**
 * A window for these data: from the 1st to the 99th hundredth of the values, the lowest bin left out (air and
 * padding round the patient fill it).
 * @param histogram { counts, bin_edges }
 */
export function automatic({ counts, bin_edges: edges }, digits = 0) {
  const kept = counts.map((count, bin) => (bin === 0 && counts.length > 1 ? 0 : count));
  const total = kept.reduce((sum, count) => sum + count, 0);
  if (!total) return windowOf(edges[0], edges.at(-1), digits);
  const low = quantile(kept, total * 0.01);
  const high = quantile(kept, total * 0.99);
  return windowOf(edges[low], edges[high + 1], digits);
}

/** The first bin up to which *wanted* values lie. */
function quantile(counts, wanted) {
  let seen = 0;
  for (let bin = 0; bin < counts.length; bin += 1) {
    seen += counts[bin];
    if (seen >= wanted) return bin;
  }
  return counts.length - 1;
}
