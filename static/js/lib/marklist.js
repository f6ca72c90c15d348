// What lists and sliders tell of marks, without words. A mark is what state/marks.js keeps: { id, kind, space,
// points, plane, label, color, hidden, statistics, created_at … }.

import { placeOf } from "./frames.js";
import { add } from "./vectors.js";

const REGULAR = 1e-3; // of a step: so near to a slice of the volume is that slice
const HALF = 0.5 + 1e-6; // of a slice's step: on the border between two slices a mark lies on both

// The colours that a mark may have: far from each other for all kinds of eyes, bright enough for black and grey, and
// none of them a plane's (red, yellow, green). The first is the usual one, --measure of tokens.css.
export const MARK_COLOURS = ["#7fd4ff", "#ffa24a", "#ff8fd8", "#b9a2ff", "#ffffff", "#35e0c8", "#ffc9a3", "#6f9bff"];

/** Measurements and arrows, in the order of their making; key images are a list of their own. */
export function measurementsOf(marks) {
  return marks.filter(({ kind }) => kind !== "keyimage");
}

export function keyImagesOf(marks) {
  return marks.filter(({ kind }) => kind === "keyimage");
}

/** Of how many of its kind this is which one, from 1: "Length 3". */
export function numberOf(mark, marks) {
  return marks.filter(({ kind }) => kind === mark.kind).findIndex(({ id }) => id === mark.id) + 1;
}

/** Which slices of *frame* hold a mark that is not hidden, in rising order, each once. */
export function markedSlices(marks, frame) {
  const slices = new Set();
  for (const mark of marks) {
    if (mark.hidden) continue;
    for (const index of slicesOf(mark, frame)) if (index >= 0 && index < frame.count) slices.add(index);
  }
  return [...slices].sort((one, other) => one - other);
}

function slicesOf(mark, frame) {
  if (mark.kind === "keyimage") return mark.plane?.name === frame.plane ? [mark.plane.index] : [];
  if (mark.space === "image") return [mark.image ?? mark.plane?.index ?? -1];
  // Images of a stack lie anywhere: only the one that it was drawn on surely holds it.
  if (frame.plane === "stack" || !frame.from_lps) return mark.plane?.name === frame.plane ? [mark.plane.index] : [];
  const along = mark.points.map((point) => placeOf(frame, point)[2]);
  const [low, high] = [Math.min(...along), Math.max(...along)];
  const first = Math.ceil(high - HALF);
  const last = Math.floor(low + HALF);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_unused, n) => first + n);
}

/**
 * Whether the plane of a mark is the slice that its name and number say: turned planes count in other steps, and have
 * other names for one who looks from the volume's own.
 * @param frames  those of the volume, not turned
 */
export function isOwnSlice({ plane }, frames) {
  const frame = frames.find((one) => one.plane === plane?.name);
  if (!frame?.from_lps || !plane.origin_lps || !plane.normal_lps) return true;
  const reach = [[0, 0], [frame.width * frame.spacing_x_mm, 0], [0, frame.height * frame.spacing_y_mm]];
  const corners = reach.map(([u, v]) => add(add(plane.origin_lps, plane.right_lps, u), plane.down_lps, v));
  return corners.every((corner) => Math.abs(placeOf(frame, corner)[2] - plane.index) <= REGULAR);
}

/** The middle of a mark's points: where the crosshair goes when one jumps to it. */
export function middleOf({ points }) {
  return points[0].map((_unused, axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
}

/** Bars of a histogram as one SVG path, the highest as tall as the box. */
export function barsPath(counts, width, height) {
  const most = Math.max(...counts, 1);
  const step = width / counts.length;
  return counts
    .map((count, n) => {
      const tall = (height * count) / most;
      return count ? `M${round(n * step)} ${round(height)}v${-round(tall)}h${round(step)}v${round(tall)}z` : "";
    })
    .join("");
}

/** At most *bins* bars, neighbours put together. */
export function fewerBins(counts, bins) {
  const by = Math.ceil(counts.length / bins);
  const sums = [];
  for (let n = 0; n < counts.length; n += by) sums.push(counts.slice(n, n + by).reduce((sum, count) => sum + count, 0));
  return sums;
}

/** Rows as text with tabs, for a spreadsheet or a letter; breaks within a cell would make new rows. */
export function tabbed(rows) {
  return rows.map((row) => row.map((cell) => String(cell ?? "").replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
}

function round(value) {
  return Math.round(value * 100) / 100;
}
