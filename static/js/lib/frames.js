// A frame is a plane in which pictures lie: a family of parallel slices with pixels, placed in the patient.
//   { plane, width, height, count, spacing_x_mm, spacing_y_mm, step_mm, letters, is_acquired, is_calibrated, is_oblique,
//     to_lps, from_lps: (x, y, index, 1) ↔ LPS mm, right_lps, down_lps, normal_lps: unit vectors }
// Pixel centres are at integers; the normal points to where the index grows. Where an image does not say where it
// lies, to_lps and what follows from it are null. The frames of a volume are its planes along the voxels, until they
// are turned: then they are oblique, with square pixels of the least voxel spacing, and one pixel of each slice is
// the point about which they were turned.

import { directionLabel } from "./letters.js";
import { column, compose, inverse, transform } from "./matrix.js";
import { add, cross, dot, length, turnAbout, unit } from "./vectors.js";

const MOST_PIXELS = 1 << 20; // of an oblique plane: a larger one gets coarser pixels
const MOST_SIDE = 2048; // what the server makes

/** Patient place of pixel (x, y) of slice *index*. */
export function lpsAt(frame, [x, y], index) {
  return transform(frame.to_lps, [x, y, index]);
}

/** [x, y, index] of a place in the patient, not rounded. */
export function placeOf(frame, pointLps) {
  return transform(frame.from_lps, pointLps);
}

/** How far a place lies from slice *index*, in mm along the normal. */
export function distanceFrom(frame, pointLps, index) {
  return (placeOf(frame, pointLps)[2] - index) * frame.step_mm;
}

/** The frames of a series as it comes: a volume's three planes, or a stack's one. */
export function framesOf(series) {
  return series.planes.map((plane) => ({
    is_oblique: false,
    ...plane,
    ...placed(series.affine && plane.to_ijk ? compose(series.affine, plane.to_ijk) : null),
  }));
}

/** The frame of image *index* of a stack: images may differ in size and place. */
export function imageFrame(frame, image, index) {
  if (!image) return frame;
  let map = null;
  if (image.affine) {
    // One millimetre from image to image: what lies between them is not known.
    const [right, down] = [column(image.affine, 0), column(image.affine, 1)];
    const normal = unit(cross(right, down));
    const corner = add(column(image.affine, 3), normal, -index);
    map = [0, 1, 2].map((row) => [right[row], down[row], normal[row], corner[row]]);
  }
  return { ...frame, ...image, ...placed(map) };
}

/** What follows from the map of a frame to the patient. */
function placed(toLps) {
  const fromLps = toLps && inverse(toLps);
  if (!fromLps) return { to_lps: null, from_lps: null, right_lps: null, down_lps: null, normal_lps: null, step_mm: 1 };
  const [right, down, normal] = [0, 1, 2].map((n) => column(toLps, n));
  return {
    to_lps: toLps,
    from_lps: fromLps,
    right_lps: unit(right),
    down_lps: unit(down),
    normal_lps: unit(normal),
    step_mm: length(normal),
  };
}

/** The directions of frames, for a later :func:`framesAlong`: { axial: [right, down, normal], … } */
export function axesOf(frames) {
  return Object.fromEntries(
    frames.map((frame) => [frame.plane, [frame.right_lps, frame.down_lps, frame.normal_lps]]),
  );
}

/** Those axes with the two planes other than *name* turned about its normal; they stay perpendicular. */
export function turnedAxes(axes, name, radians) {
  const about = axes[name][2];
  const turned = ([plane, vectors]) => [
    plane,
    plane === name ? vectors : vectors.map((vector) => unit(turnAbout(vector, about, radians))),
  ];
  return Object.fromEntries(Object.entries(axes).map(turned));
}

/**
 * The axes turned all together so that those of *name* are a plane's own { right_lps, down_lps, normal_lps }; null where
 * they are already, or would have to be mirrored for it.
 */
export function axesLike(axes, name, plane) {
  const own = axes[name];
  const wanted = [plane?.right_lps, plane?.down_lps, plane?.normal_lps];
  if (!own || !wanted.every((vector) => vector?.length === 3)) return null;
  if (own.every((vector, n) => dot(vector, wanted[n]) > 1 - 1e-9)) return null;
  const hand = ([right, down, normal]) => dot(cross(right, down), normal);
  if (hand(own) * hand(wanted) < 0) return null;
  // What a vector is along the old axes it becomes along the new ones.
  const turn = (vector) =>
    unit(wanted.reduce((sum, axis, n) => add(sum, axis, dot(vector, own[n])), [0, 0, 0]));
  return Object.fromEntries(Object.entries(axes).map(([one, vectors]) => [one, vectors.map(turn)]));
}

/** The frames along *axes*, with *pivot* (LPS mm) on a pixel of each; those that lie along the voxels are the volume's. */
export function framesAlong(series, axes, pivot) {
  return framesOf(series).map((frame) => {
    const [right, down, normal] = axes[frame.plane];
    const isAlong = [[right, frame.right_lps], [down, frame.down_lps]].every(([one, other]) => dot(one, other) > 1 - 1e-9);
    return isAlong ? frame : obliqueFrame(series, frame, [right, down, normal], pivot);
  });
}

function obliqueFrame(series, straight, axes, pivot) {
  const corners = cornersOf(series);
  const reach = axes.map((axis) => {
    const along = corners.map((corner) => dot(add(corner, pivot, -1), axis));
    return [Math.min(...along), Math.max(...along)];
  });
  const least = Math.min(...[0, 1, 2].map((n) => length(column(series.affine, n))));
  const [width, height] = reach.map(([low, high]) => high - low);
  const spacing = Math.max(
    least,
    Math.sqrt((width * height) / MOST_PIXELS),
    Math.max(width, height) / (MOST_SIDE - 4),
  );
  const steps = [spacing, spacing, least];
  const first = reach.map(([low], n) => Math.floor(low / steps[n]));
  const counts = reach.map(([, high], n) => Math.ceil(high / steps[n]) - first[n] + 1);
  const corner = axes.reduce((point, axis, n) => add(point, axis, first[n] * steps[n]), pivot);
  const toLps = [0, 1, 2].map((row) => [...axes.map((axis, n) => axis[row] * steps[n]), corner[row]]);
  const middle = series.shape_ijk.map((count) => (count - 1) / 2);
  const frame = {
    plane: straight.plane,
    count: counts[2],
    width: counts[0],
    height: counts[1],
    spacing_x_mm: spacing,
    spacing_y_mm: spacing,
    letters: lettersOf(axes[0], axes[1]),
    is_calibrated: straight.is_calibrated,
    low_is_bright: straight.low_is_bright,
    is_acquired: false,
    is_oblique: true,
    ...placed(toLps),
  };
  // The picture must neither jump nor change its scale while it is turned: its box does both.
  const centre = placeOf(frame, transform(series.affine, middle)).slice(0, 2);
  const fit = [straight.width * straight.spacing_x_mm, straight.height * straight.spacing_y_mm];
  return { ...frame, centre_px: centre, fit_mm: fit };
}

/** The outermost voxel centres, LPS mm. */
function cornersOf({ affine, shape_ijk: [i, j, k] }) {
  const ends = [[0, i - 1], [0, j - 1], [0, k - 1]];
  return [0, 1, 2, 3, 4, 5, 6, 7].map((n) => transform(affine, ends.map((end, axis) => end[(n >> axis) & 1])));
}

/** The letters at the edges of a picture whose axes run so. */
export function lettersOf(right, down) {
  const negative = (vector) => vector.map((value) => -value);
  return {
    left: directionLabel(negative(right)),
    right: directionLabel(right),
    top: directionLabel(negative(down)),
    bottom: directionLabel(down),
  };
}

/** The point nearest to *pointLps* at which a slice of each of three perpendicular frames meet, and their indices. */
export function meetingPoint(frames, pointLps) {
  const indices = frames.map((frame) =>
    Math.min(frame.count - 1, Math.max(0, Math.round(placeOf(frame, pointLps)[2]))),
  );
  return { point: meetingOf(frames, indices), indices };
}

/** Where slices *indices* of three perpendicular frames meet, LPS mm. */
export function meetingOf(frames, indices) {
  return frames.reduce((point, frame, n) => {
    const onSlice = lpsAt(frame, [0, 0], indices[n]);
    return add(point, frame.normal_lps, dot(onSlice, frame.normal_lps));
  }, [0, 0, 0]);
}

/** The other planes as they cut *frame* at a point: { plane, at: [x, y], along: [dx, dy] } in its pixels. */
export function linesOn(frame, frames, pointLps) {
  const [x, y] = placeOf(frame, pointLps);
  return frames
    .filter((other) => other.plane !== frame.plane)
    .map((other) => {
      const along = cross(frame.normal_lps, other.normal_lps);
      const dx = dot(along, frame.right_lps) / frame.spacing_x_mm;
      const dy = dot(along, frame.down_lps) / frame.spacing_y_mm;
      return { plane: other.plane, at: [x, y], along: [dx, dy] };
    });
}

// Slices are read from head to feet, from front to back and from right to left: the patient axis (L, P, S) of
// each plane's normal, and the sense in which "next" runs along it.
const READING = { axial: [2, -1], coronal: [1, +1], sagittal: [0, +1] };

/** +1 when the next slice in reading order has the next index, −1 when it has the one before. */
export function readingSense(frame) {
  const rule = READING[frame.plane];
  if (!rule || !frame.normal_lps) return 1;
  const [axis, sense] = rule;
  return frame.normal_lps[axis] * sense < 0 ? -1 : 1;
}
