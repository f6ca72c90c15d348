// From a pixel of a plane to the voxel and back, with the matrices of the server's PlaneGeometry:
// to_ijk: (x, y, index, 1) → (i, j, k); from_ijk: (i, j, k, 1) → (x, y, index). A point is three integers,
// the voxel in which the three planes meet; each plane's index is one of them.

import { transform } from "./matrix.js";

/** Which slice of *plane* holds the voxel. */
export function sliceOf(plane, point) {
  return point[plane.axes_ijk[2]];
}

/** The voxel, with *plane* on its slice *index*. */
export function withSlice(plane, point, index) {
  const moved = [...point];
  moved[plane.axes_ijk[2]] = Math.min(plane.count - 1, Math.max(0, Math.round(index)));
  return moved;
}

/** The voxel shown at pixel (x, y) of slice *index*. */
export function voxelAt(plane, [x, y], index) {
  return transform(plane.to_ijk, [x, y, index]);
}

/** The pixel (x, y) of *plane* that shows the voxel, whichever slice is shown. */
export function pixelOf(plane, point) {
  return transform(plane.from_ijk, point).slice(0, 2);
}

/** A stack's images from what the page gives: of each but the first, what differs from the one before. */
export function wholeImages(changes) {
  let image = {};
  return changes?.map((change) => (image = { ...image, ...change }));
}

/** The map of slice *k* to the patient: a stack's images each have their own, or none. */
export function affineOf(series, k) {
  return series.images?.[k]?.affine ?? series.affine;
}

/** Voxel centre in patient space, LPS mm; null where the series does not say. */
export function positionOf(affine, point) {
  return affine ? transform(affine, point) : null;
}
