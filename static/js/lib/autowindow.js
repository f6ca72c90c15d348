// Windows from the values themselves: what lies between two hundredths of a histogram { counts, bin_edges }.

import { windowOf } from "./windowing.js";

const OUTER = [0.01, 0.99];

/**
 * A window for a whole image or volume: from the 1st to the 99th hundredth of the values, the lowest bin left out
 * (air and padding round the patient fill it).
 */
export function automatic({ counts, bin_edges }, digits = 0) {
  const kept = counts.map((count, bin) => (bin === 0 && counts.length > 1 ? 0 : count));
  return between({ counts: kept, bin_edges }, OUTER, digits);
}

/** A window for a region that the reader chose: from the 1st to the 99th hundredth of all its values. */
export function fromRegion(histogram, digits = 0) {
  return between(histogram, OUTER, digits);
}

/** The window from one share of the values to another, 0 to 1; the whole range where there are no values. */
export function between({ counts, bin_edges: edges }, [low, high], digits = 0) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return windowOf(edges[0], edges.at(-1), digits);
  return windowOf(edges[quantile(counts, total * low)], edges[quantile(counts, total * high) + 1], digits);
}

/** The first bin up to which *wanted* values lie. */
function quantile(counts, wanted) {
  let seen = 0;
  for (let bin = 0; bin < counts.length; bin += 1) {
    seen += counts[bin];
    if (counts[bin] && seen >= wanted) return bin;
  }
  return counts.length - 1;
}
