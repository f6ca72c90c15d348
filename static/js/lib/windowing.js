// Window arithmetic. A window is { center, width } in the series' unit; PS3.3 C.11.2.1.2.1: from
// center − 0.5 − (width − 1) / 2 (black) to center − 0.5 + (width − 1) / 2 (white).

const PIXELS_PER_WIDTH = 200; // a drag of so many CSS pixels doubles the width

/** Round to what the unit can tell, width never below 1 (the standard's least). */
export function tidy({ center, width }, digits = 0) {
  const round = (value) => Number(value.toFixed(digits));
  return { center: round(center) + 0, width: Math.max(1, round(width)) };
}

/** The window after a drag of (byX, byY) CSS pixels from *start*: right is wider, down is a higher level. */
export function dragged(start, byX, byY, digits = 0) {
  const step = Math.max(start.width, 10 ** -digits * PIXELS_PER_WIDTH * 0.5) / PIXELS_PER_WIDTH;
  return tidy({ center: start.center + byY * step, width: start.width + byX * step }, digits);
}

export function sameWindow(one, other) {
  return one.center === other.center && one.width === other.width;
}

/** The values at which the picture becomes black and white. */
export function bounds({ center, width }) {
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
