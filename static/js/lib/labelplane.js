// The labels of a plane, read out of a layer of segments: along the voxels, of a slab of whole slices, or on the
// lattice of a turned plane (nearest voxel). The geometry is that of the pictures: localslice.js, localslab.js,
// localoblique.js and planelattice.js. Where several labels lie behind one pixel of a slab the highest is told: the
// one that is drawn last and lies on top.
//   layer { box: [[i0, j0, k0], [i1, j1, k1]] half open, labels: Uint8Array of the box, i fastest }
//   → { labels: Uint8Array, left, top, width, height }: the pixels of the plane that the layer can reach, or null

import { slabRange, spacingOf } from "./localslab.js";
import { latticeOf } from "./planelattice.js";
import { planeOf } from "./planequery.js";

/**
 * @param question  { frame, index, slab: { mm }|null } as pictures are asked for
 * @param affine    of the volume, (i, j, k) → LPS mm
 */
export function labelPlane(layer, { frame, index, slab }, affine) {
  if (!layer.labels.length) return null;
  if (frame.is_oblique) return turnedPlane(layer, latticeOf(affine, planeOf(frame, index), slab?.mm ?? 0));
  const spacing = spacingOf(affine, frame.axes_ijk[2]);
  const range = slab?.mm ? slabRange(index, frame.count, spacing, slab.mm) : [index, index];
  return straightPlane(layer, frame, range);
}

/** The label of a voxel; 0 where there is none. */
export function labelAt({ box: [low, high], labels }, voxel) {
  if (!voxel.every((value, axis) => value >= low[axis] && value < high[axis])) return 0;
  const [i, j, k] = voxel.map((value, axis) => value - low[axis]);
  return labels[(k * (high[1] - low[1]) + j) * (high[0] - low[0]) + i];
}

// --- along the voxels

function straightPlane({ box, labels }, frame, [first, last]) {
  const [low, high] = box;
  const strides = [1, high[0] - low[0], (high[0] - low[0]) * (high[1] - low[1])];
  const [across, downwards, through] = [0, 1, 2].map((column) => runOf(frame, column, low, high));
  const from = Math.max(first, through.first);
  const to = Math.min(last, through.end - 1);
  const [left, right] = [Math.max(0, across.first), Math.min(frame.width, across.end)];
  const [top, bottom] = [Math.max(0, downwards.first), Math.min(frame.height, downwards.end)];
  if (from > to || left >= right || top >= bottom) return null;
  // The voxel of the first pixel on the first slice, and what a step adds.
  const at = (run, value) => (run.sense * value + run.offset - low[run.axis]) * strides[run.axis];
  const start = at(across, left) + at(downwards, top) + at(through, from);
  const steps = [across, downwards, through].map((run) => run.sense * strides[run.axis]);
  const plane = { labels: new Uint8Array((right - left) * (bottom - top)), left, top, width: right - left, height: bottom - top };
  for (let slice = from; slice <= to; slice += 1) {
    copySlice(labels, start + (slice - from) * steps[2], steps, plane, slice === from);
  }
  return plane;
}

/** Along which axis of the volume a column of the frame's map runs, and where the box lies on it: [first, end). */
function runOf({ to_ijk: rows }, column, low, high) {
  const axis = [0, 1, 2].find((row) => rows[row][column] !== 0);
  const [sense, offset] = [rows[axis][column], rows[axis][3]];
  const [one, other] = [(low[axis] - offset) * sense, (high[axis] - 1 - offset) * sense];
  return { axis, sense, offset, first: Math.min(one, other), end: Math.max(one, other) + 1 };
}

function copySlice(labels, start, [right, down], { labels: out, width, height }, isFirst) {
  let place = 0;
  for (let y = 0; y < height; y += 1) {
    let at = start + y * down;
    if (isFirst && right === 1) {
      out.set(labels.subarray(at, at + width), place);
      place += width;
    } else if (isFirst) {
      for (let x = 0; x < width; x += 1, at += right, place += 1) out[place] = labels[at];
    } else {
      for (let x = 0; x < width; x += 1, at += right, place += 1) if (labels[at] > out[place]) out[place] = labels[at];
    }
  }
}

// --- turned

function turnedPlane({ box: [low, high], labels }, lattice) {
  const spans = spansOf(lattice, low, high);
  if (!spans) return null;
  const { left, right, top, bottom, steps } = spans;
  const width = right - left;
  const out = new Uint8Array(width * (bottom - top));
  const [ni, nj, nk] = [0, 1, 2].map((axis) => high[axis] - low[axis]);
  const { corner, right: r, down: d, through: t } = lattice;
  for (const { step, y, first, end } of steps) {
    // In the order of the picture's own sums, so that a pixel on a border has the voxel whose value it shows.
    const row = (y - top) * width - left;
    const [si, sj, sk] = [step * t[0], step * t[1], step * t[2]];
    for (let x = first; x < end; x += 1) {
      const i = Math.floor(corner[0] + y * d[0] + x * r[0] + si + 0.5) - low[0];
      const j = Math.floor(corner[1] + y * d[1] + x * r[1] + sj + 0.5) - low[1];
      const k = Math.floor(corner[2] + y * d[2] + x * r[2] + sk + 0.5) - low[2];
      if (i < 0 || j < 0 || k < 0 || i >= ni || j >= nj || k >= nk) continue;
      const label = labels[(k * nj + j) * ni + i];
      if (label > out[row + x]) out[row + x] = label;
    }
  }
  return { labels: out, left, top, width, height: bottom - top };
}

/** Which pixels of which rows, at which steps, may lie in the box; and the rectangle around all of them. */
function spansOf({ corner, right, down, through, size: [width, height], steps: count }, low, high) {
  const steps = [];
  const all = { left: width, right: 0, top: height, bottom: 0 };
  for (let step = 0; step < count; step += 1) {
    for (let y = 0; y < height; y += 1) {
      let [first, end] = [0, width];
      for (let axis = 0; axis < 3 && first < end; axis += 1) {
        const at = corner[axis] + y * down[axis] + step * through[axis];
        [first, end] = within(at, right[axis], low[axis] - 0.5, high[axis] - 0.5, first, end);
      }
      if (first >= end) continue;
      steps.push({ step, y, first, end });
      all.left = Math.min(all.left, first);
      all.right = Math.max(all.right, end);
      all.top = Math.min(all.top, y);
      all.bottom = Math.max(all.bottom, y + 1);
    }
  }
  return steps.length ? { ...all, steps } : null;
}

/** The x of [first, end) with low ≤ at + x·step < high, a pixel more at either end: the loop looks again. */
function within(at, step, low, high, first, end) {
  if (Math.abs(step) < 1e-12) return at >= low - 1e-6 && at < high + 1e-6 ? [first, end] : [0, 0];
  const [one, other] = [(low - at) / step, (high - at) / step];
  const from = Math.floor(Math.min(one, other)) - 1;
  const to = Math.ceil(Math.max(one, other)) + 2;
  return [Math.max(first, from), Math.min(end, to)];
}
