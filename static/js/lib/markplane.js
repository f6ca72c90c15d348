// The plane in which a mark lies, as two axes. What is drawn on a plane is worked out on it: places are [u, v] in
// millimetres along its right and its down (of an image without a place in the patient: along its columns and rows),
// whatever the pixels' shape and however the plane lies. A basis is
//   { origin_lps, right_lps, down_lps }   right and down unit vectors, perpendicular
//   { scale: [x, y], image }              of an image: millimetres, or without calibration pixels, to a pixel

import { lpsAt } from "./frames.js";
import { add, dot } from "./vectors.js";

const PARALLEL = 1 - 1e-6; // cosine
const MM_PER_CM = 10;

/** What a mark keeps of the plane on which it was drawn: slice *index* of *frame*. */
export function planeAt(frame, index) {
  return {
    name: frame.plane,
    index,
    origin_lps: lpsAt(frame, [0, 0], index),
    right_lps: frame.right_lps,
    down_lps: frame.down_lps,
    normal_lps: frame.normal_lps,
    thickness_mm: frame.step_mm,
  };
}

/** The basis in which a mark is measured; without calibration the unit is a pixel. */
export function basisOf(mark) {
  if (mark.space === "patient") return mark.plane;
  return { scale: mark.spacing_mm ?? [1, 1], image: mark.image };
}

/** The basis in which a hand draws on image *index* of *frame*. */
export function imageBasis(frame, index) {
  return { scale: [frame.spacing_x_mm, frame.spacing_y_mm], image: index };
}

/** Points of a mark as [u, v]; what lies beside the plane is seen along its normal. */
export function flatten(basis, points) {
  if (basis.scale) return points.map(([x, y]) => [x * basis.scale[0], y * basis.scale[1]]);
  return points.map((point) => {
    const from = add(point, basis.origin_lps, -1);
    return [dot(from, basis.right_lps), dot(from, basis.down_lps)];
  });
}

/** [u, v] as points of a mark: LPS mm, or pixels. */
export function lift(basis, places) {
  if (basis.scale) return places.map(([u, v]) => [u / basis.scale[0], v / basis.scale[1]]);
  return places.map(([u, v]) => add(add(basis.origin_lps, basis.right_lps, u), basis.down_lps, v));
}

/** Whether two planes run the same way, so that nothing changes its size from one to the other. */
export function isParallel(plane, other) {
  return Math.abs(dot(plane.normal_lps, other.normal_lps)) > PARALLEL;
}

/** Whether the pixels of a frame are square, as angles in pixels take them to be. */
export function hasTrueAngles(frame) {
  return frame.is_calibrated !== false || Math.abs(frame.spacing_x_mm / frame.spacing_y_mm - 1) < 1e-3;
}

/**
 * Millimetres to a pixel at these pixels of an image, or null where they are not known. An ultrasound image tells
 * them for its regions only: a line that leaves the region has no length.
 */
export function spacingAt(frame, pixels) {
  if (!frame.is_calibrated) return null;
  const inPatient = (frame.regions ?? []).filter((region) => region.unit_x === "cm" && region.unit_y === "cm");
  if (!inPatient.length) return [frame.spacing_x_mm, frame.spacing_y_mm];
  const region = inPatient.find((one) => pixels.every((pixel) => holds(one, pixel)));
  // Scales may be negative, where an axis counts upwards: a pixel is as large.
  return region ? [region.per_pixel_x, region.per_pixel_y].map((cm) => Math.abs(cm) * MM_PER_CM) : null;
}

/** Pixel centres are at integers, so a region reaches half a pixel beyond its first and its last. */
function holds(region, [x, y]) {
  const isIn = (value, first, last) => value >= first - 0.5 && value <= last + 0.5;
  return isIn(x, region.min_x, region.max_x) && isIn(y, region.min_y, region.max_y);
}
