// A histogram as the outline of an SVG path.

const MAX_POINTS = 256;

/**
 * The part of a histogram that is worth showing: without the emptiest ten-thousandth at either end.
 * @returns {[number, number]} values
 */
export function shownRange({ counts, bin_edges: edges }) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const spare = total / 10_000;
  let low = 0;
  let high = counts.length - 1;
  for (let seen = counts[low]; low < high && seen <= spare; seen += counts[low]) low += 1;
  for (let seen = counts[high]; high > low && seen <= spare; seen += counts[high]) high -= 1;
  return [edges[low], edges[high + 1]];
}

/**
 * The closed outline of the counts within *range*, in a box of width × height.
 * @param limit  counts at which columns are cut off; 0: as much as suits
 */
export function outline(histogram, range, { width, height, logarithmic, limit = 0 }) {
  const columns = columnsOf(histogram, range, width);
  const heights = columns.map((count) => (logarithmic ? Math.log1p(count) : count));
  const top = limit > 0 ? (logarithmic ? Math.log1p(limit) : limit) : ceiling(heights, logarithmic);
  const step = width / columns.length;
  const points = heights.map((value, n) => {
    const y = height - Math.min(1, value / top) * height;
    return `L${((n + 0.5) * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M0 ${height}${points.join("")}L${width} ${height}Z`;
}

/** The highest column of such an outline, in counts. */
export function highest(histogram, range, width) {
  return Math.max(...columnsOf(histogram, range, width));
}

function columnsOf(histogram, range, width) {
  return rebinned(histogram, range, Math.min(MAX_POINTS, Math.max(1, Math.round(width))));
}

/** The counts in *size* equal columns; a bin between two is shared, or the curve would have a comb. */
function rebinned({ counts, bin_edges: edges }, [low, high], size) {
  const columns = new Array(size).fill(0);
  const step = (high - low) / size;
  counts.forEach((count, bin) => {
    const [from, to] = [(edges[bin] - low) / step, (edges[bin + 1] - low) / step];
    for (let n = Math.max(0, Math.floor(from)); n < Math.min(size, to); n += 1) {
      columns[n] += (count * (Math.min(n + 1, to) - Math.max(n, from))) / (to - from);
    }
  });
  return columns;
}

/** Linear: one tall peak (air) must not flatten the rest, so the second highest column counts double. */
function ceiling(heights, logarithmic) {
  const [first = 0, second = first] = [...heights].sort((one, other) => other - one);
  return Math.max(1e-9, logarithmic ? first : Math.min(first, second * 2));
}

/** Round values for an axis of *range*: about *count* of them. */
export function axisTicks([low, high], count = 6) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((candidate) => candidate >= rough) ?? rough;
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) ticks.push(n * step);
  return ticks;
}
