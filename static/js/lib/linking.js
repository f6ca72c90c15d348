// What follows in one series from what is seen in another: the same place, the same scale, the line at which two
// pictures cut each other. Points are LPS mm; a side is { frame, index, size, view } of one pane.

import { distanceFrom, lpsAt, placeOf } from "./frames.js";
import { add, dot } from "./vectors.js";
import { centred, place, toImage } from "./viewtransform.js";

const PARALLEL = 0.95; // cosine, from which two planes count as the same

/** The image of a stack whose plane is nearest to a point: { index, distance_mm }; null where none says its place. */
export function nearestImage(count, frameOf, pointLps) {
  let nearest = null;
  for (let index = 0; index < count; index += 1) {
    const frame = frameOf(index);
    if (!frame.to_lps) continue;
    const distance = Math.abs(distanceFrom(frame, pointLps, index));
    if (!nearest || distance < nearest.distance_mm) nearest = { index, distance_mm: distance };
  }
  return nearest;
}

/** A point moved along the normal onto the plane of a picture: within the plane it stays where it is. */
export function ontoPlane(frame, index, pointLps) {
  return add(pointLps, frame.normal_lps, -distanceFrom(frame, pointLps, index));
}

/** The middle of a picture, LPS mm. */
export function middleOf(frame, index) {
  return lpsAt(frame, [(frame.width - 1) / 2, (frame.height - 1) / 2], index);
}

/** Whether a point lies in a volume, to half a voxel beyond the outermost centres. */
export function isInside(voxel, shape) {
  return voxel.every((value, axis) => value >= -0.5 && value <= shape[axis] - 0.5);
}

/** The frame among *frames* in which a picture looks the same way round, or null. */
export function sameWay(frame, frames) {
  const named = frames.find((one) => one.plane === frame.plane);
  if (named && (!frame.to_lps || !named.to_lps)) return named;
  const agrees = (one) =>
    one.to_lps &&
    frame.to_lps &&
    dot(one.right_lps, frame.right_lps) > PARALLEL &&
    dot(one.down_lps, frame.down_lps) > PARALLEL;
  return frames.find(agrees) ?? null;
}

/**
 * The view of another pane that shows what this one does: the same millimetres to the centimetre of screen, the same
 * place in the middle, turned and mirrored alike.
 * @param from     { frame, index, size, view }
 * @param to       the same of the other pane
 * @param shiftMm  what leads from a place of this series to that of the other, LPS mm; null where it is not known
 */
export function linkedView(from, to, shiftMm) {
  const view = { ...to.view, turn: from.view.turn ?? 0, mirrored: Boolean(from.view.mirrored) };
  const isMeasured = from.frame.is_calibrated !== false && to.frame.is_calibrated !== false;
  const canScale = isMeasured && from.size.width > 0 && to.size.width > 0;
  const wanted = canScale && place(from.frame, from.size, from.view).scale;
  view.zoom = canScale ? wanted / place(to.frame, to.size, { ...view, zoom: 1 }).scale : from.view.zoom;
  if (!shiftMm || !from.frame.to_lps || !to.frame.to_lps) return { ...view, dx: from.view.dx, dy: from.view.dy };
  const size = from.size.width > 0 ? from.size : { width: 100, height: 100 };
  const middle = toImage(place(from.frame, size, from.view), [size.width / 2, size.height / 2]);
  const there = add(lpsAt(from.frame, middle, from.index), shiftMm);
  return centred(view, to.frame, placeOf(to.frame, there).slice(0, 2));
}

/** Whether two views show the same, to what an eye can tell. */
export function isSameView(one, other) {
  return (
    Math.abs(one.zoom / other.zoom - 1) < 1e-6 &&
    Math.abs(one.dx - other.dx) < 1e-3 &&
    Math.abs(one.dy - other.dy) < 1e-3 &&
    (one.turn ?? 0) === (other.turn ?? 0) &&
    Boolean(one.mirrored) === Boolean(other.mirrored)
  );
}

/**
 * The line at which another picture cuts this one: [[x, y], [x, y]] in this one's pixels, as far as the other reaches;
 * null where they do not meet.
 * @param shiftMm  what leads from a place of the other series to that of this one, LPS mm
 */
export function lineOn(frame, index, other, otherIndex, shiftMm = [0, 0, 0]) {
  if (!frame.to_lps || !other.to_lps) return null;
  if (Math.abs(dot(frame.normal_lps, other.normal_lps)) > PARALLEL) return null;
  const [right, bottom] = [other.width - 0.5, other.height - 0.5];
  const corners = [[-0.5, -0.5], [right, -0.5], [right, bottom], [-0.5, bottom]];
  const ends = corners.map((corner) => placeOf(frame, add(lpsAt(other, corner, otherIndex), shiftMm)));
  const crossings = [];
  for (const [at, one] of ends.entries()) {
    const next = ends[(at + 1) % 4];
    const [before, after] = [one[2] - index, next[2] - index];
    if (before > 0 === after > 0) continue;
    const part = before / (before - after);
    crossings.push([0, 1].map((axis) => one[axis] + part * (next[axis] - one[axis])));
  }
  return crossings.length === 2 ? crossings : null;
}
