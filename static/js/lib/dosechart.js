// The geometry of a chart of dose–volume histograms: paths in the units of its viewBox, and round steps of its axes.

export const CHART = { width: 640, height: 320, left: 44, right: 12, top: 10, bottom: 34 };

/** Round numbers from 0 to *most*, about *count* of them. */
export function ticks(most, count = 6) {
  if (!(most > 0)) return [0];
  const rough = most / count;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * ten).find((one) => one >= rough);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_unused, n) => Number((n * step).toPrecision(12)));
}

/** Where a dose and a share (0 to 1) stand. */
export function placeOn(mostGy, { width, height, left, right, top, bottom } = CHART) {
  return {
    x: (dose) => left + (dose / mostGy) * (width - left - right),
    y: (share) => height - bottom - share * (height - top - bottom),
  };
}

/** "M … L …" of a cumulative histogram: the share that gets at least each edge's dose. */
export function dvhPath({ edges, cumulative }, place) {
  return cumulative.map((share, n) => `${n ? "L" : "M"}${place.x(edges[n]).toFixed(1)} ${place.y(share).toFixed(1)}`).join("");
}

/** The share of the volume that gets at least a dose, between the edges as the line runs. */
export function shareAt({ edges, cumulative }, dose) {
  if (dose <= edges[0]) return cumulative[0] ?? 0;
  const n = edges.findIndex((edge) => edge >= dose);
  if (n < 0 || n >= cumulative.length) return 0;
  const part = (dose - edges[n - 1]) / (edges[n] - edges[n - 1]);
  return cumulative[n - 1] + part * (cumulative[n] - cumulative[n - 1]);
}
