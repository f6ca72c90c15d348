// Patient space in letters. LPS: x grows to the left, y to the back, z to the head.

import { column } from "./matrix.js";
import { decimal } from "./numbers.js";

const LETTERS = [
  ["R", "L"],
  ["A", "P"],
  ["F", "H"],
];
const AXIS_OF_PLANE = { sagittal: 0, coronal: 1, axial: 2 };

/** One coordinate: "L 82.5", "F 456.5"; zero takes the positive letter. */
export function coordinate(axis, value, digits = 1) {
  const rounded = Number(value.toFixed(digits));
  return `${LETTERS[axis][rounded < 0 ? 0 : 1]} ${decimal(Math.abs(rounded), digits)}`;
}

/** A point in LPS mm: ["L 82.5", "A 204.7", "F 456.5"]. */
export function coordinates(pointLps) {
  return pointLps.map((value, axis) => coordinate(axis, value));
}

/**
 * Where a plane lies along its own normal: "F 456.5".
 * @param affine  decides for an image of a stack, which has no plane's name
 */
export function location(plane, pointLps, affine) {
  const axis = AXIS_OF_PLANE[plane] ?? normalAxis(affine);
  return coordinate(axis, pointLps[axis]);
}

/** The patient axis (0 = L, 1 = P, 2 = H) nearest to the normal of an affine's first two columns. */
function normalAxis(affine) {
  const [a, b] = [column(affine, 0), column(affine, 1)];
  const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const sizes = normal.map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}

const LEAST_PART = 0.1;

/** The letters of a direction for a screen edge: "L", or "LPF" on an oblique, largest part first; small parts are left out. */
export function directionLabel(vectorLps) {
  const size = Math.hypot(...vectorLps);
  const parts = vectorLps.map((part) => part / size);
  const weight = (axis) => Math.abs(Number(parts[axis].toFixed(9)));
  return [0, 1, 2]
    .sort((a, b) => weight(b) - weight(a) || a - b)
    .filter((axis) => Math.abs(parts[axis]) >= LEAST_PART)
    .map((axis) => LETTERS[axis][parts[axis] > 0 ? 1 : 0])
    .join("");
}
