// The points of any plane through a volume, as fractional indices (i, j, k): corner + x·right + y·down + step·through.
// Operation by operation the arithmetic of app/imaging/oblique.py and plainvectors.py; the order of additions and
// products decides the last bit, and that whose voxel a point on a border is.

import { spacingOf } from "./localslab.js";

const ROUNDING = 1e-6;

/**
 * @param affine  (i, j, k) → LPS mm, 3 or 4 rows
 * @param plane   { origin, row, column, size, spacing }, planequery.js
 * @param slabMm  thickness, 0 for none
 */
export function latticeOf(affine, plane, slabMm = 0) {
  const row = unit(plane.row);
  const column = unit(plane.column);
  const [steps, stepMm] = slabSteps(slabMm, Math.min(...[0, 1, 2].map((axis) => spacingOf(affine, axis))));
  const across = cross(row, column);
  const normal = scaled(across, stepMm / length(across));
  const first = added(plane.origin, normal, -((steps - 1) / 2));
  const toIndex = inverse(affine);
  return {
    corner: product(toIndex, added(first, [affine[0][3], affine[1][3], affine[2][3]], -1)),
    right: product(toIndex, scaled(row, plane.spacing)),
    down: product(toIndex, scaled(column, plane.spacing)),
    through: product(toIndex, normal),
    size: plane.size,
    steps,
  };
}

/** How many samples go through a slab, an odd number, and their distance: half of the least spacing at most. */
export function slabSteps(slabMm, leastSpacingMm) {
  const toEachSide = Math.ceil(slabMm / leastSpacingMm - ROUNDING);
  return toEachSide < 1 ? [1, 0] : [2 * toEachSide + 1, slabMm / (2 * toEachSide)];
}

/** The slices that the points of a lattice lie between, within the volume: [first, last]; first > last for none. */
export function slicesUnder({ corner, right, down, through, size: [width, height], steps }, slices) {
  let low = Infinity;
  let high = -Infinity;
  for (const x of [0, width - 1]) {
    for (const y of [0, height - 1]) {
      for (const step of [0, steps - 1]) {
        const k = corner[2] + y * down[2] + x * right[2] + step * through[2];
        low = Math.min(low, k);
        high = Math.max(high, k);
      }
    }
  }
  return [Math.max(0, Math.floor(low)), Math.min(slices - 1, Math.ceil(high))];
}

function length(a) {
  return Math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
}

function unit(a) {
  const size = length(a);
  return a.map((value) => value / size);
}

function scaled(a, by) {
  return a.map((value) => value * by);
}

function added(a, b, times) {
  return a.map((value, axis) => value + b[axis] * times);
}

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function product(rows, a) {
  return rows.map((row) => row[0] * a[0] + row[1] * a[1] + row[2] * a[2]);
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]) {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ].map((row) => row.map((value) => value / determinant));
}
