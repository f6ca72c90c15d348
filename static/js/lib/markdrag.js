// What becomes of a mark's places, [u, v] on its plane, when one of its handles is dragged. Handles are counted as
// lib/markshape.js shows them: the points themselves; of an ellipse the four ends of its axes, then its centre.

import { snapped, squared } from "./markbuild.js";

const minus = ([x, y], [a, b]) => [x - a, y - b];
const plus = ([x, y], [a, b], factor = 1) => [x + factor * a, y + factor * b];
const dot = ([x, y], [a, b]) => x * a + y * b;
const between = (low, value, high) => Math.min(high, Math.max(low, value));
const LEAST = 1e-9;

function unit(vector) {
  const size = Math.hypot(...vector);
  return size > LEAST ? [vector[0] / size, vector[1] / size] : null;
}

/** All places moved by *by*. */
export function moved(places, by) {
  return places.map((place) => plus(place, by));
}

/** Where the handles of a mark lie, in their order. */
export function handlePlaces(kind, places) {
  if (kind !== "ellipse") return kind === "freehand" ? [] : places;
  const [centre, ...ends] = places;
  return [...ends.flatMap((end) => [end, plus(centre, minus(centre, end))]), centre];
}

const replaced = (places, handle, to) => places.map((place, n) => (n === handle ? to : place));

/** Of which other place a line's end is turned about when it is evened. */
const PARTNERS = { length: [1, 0], angle: [1, null, 1], cobb: [1, 0, 3, 2], arrow: [1, 0] };

const DRAGS = {
  bidirectional: (places, handle, to, even) =>
    handle < 2 ? longDragged(places, handle, even ? snapped(places[1 - handle], to) : to) : shortDragged(places, handle, to),
  ellipse: ellipseDragged,
  rectangle: rectangleDragged,
};

/** The places of a mark of this kind with *handle* at *to*. */
export function dragged(kind, places, handle, to, { even = false } = {}) {
  if (DRAGS[kind]) return DRAGS[kind](places, handle, to, even);
  const about = PARTNERS[kind]?.[handle] ?? null;
  return replaced(places, handle, even && about !== null ? snapped(places[about], to) : to);
}

/** The short axis goes with the long one: the same part of the way along it, the same lengths to its sides. */
function longDragged([a, b, c, d], handle, to) {
  const [from, along] = [a, unit(minus(b, a))];
  const [start, end] = handle === 0 ? [to, b] : [a, to];
  const axis = unit(minus(end, start));
  if (!axis || !along) return replaced([a, b, c, d], handle, to);
  const part = dot(minus(c, from), along) / dot(minus(b, from), along);
  const across = [-along[1], along[0]];
  const foot = plus(start, minus(end, start), part);
  const sides = [c, d].map((place) => plus(foot, [-axis[1], axis[0]], dot(minus(place, from), across)));
  return [start, end, ...sides];
}

/** One end of the short axis: it stays perpendicular, so moving along the long axis takes the other end with it. */
function shortDragged([a, b, c, d], handle, to) {
  const along = unit(minus(b, a));
  if (!along) return [a, b, c, d];
  const across = [-along[1], along[0]];
  const foot = plus(a, along, between(0, dot(minus(to, a), along), Math.hypot(...minus(b, a))));
  const reach = [c, d].map((place, n) => dot(minus(n + 2 === handle ? to : place, a), across));
  return [a, b, ...reach.map((side) => plus(foot, across, side))];
}

function ellipseDragged([centre, one, other], handle, to, even) {
  if (handle === 4) return moved([centre, one, other], minus(to, centre));
  const isFirst = handle < 2;
  const ends = [one, other].map((end) => minus(end, centre));
  const axes = ends.map((end, n) => unit(end) ?? perpendicular(ends[1 - n], n));
  const reach = Math.abs(dot(minus(to, centre), axes[isFirst ? 0 : 1]));
  const lengths = ends.map((end, n) => (even || (n === 0) === isFirst ? reach : Math.hypot(...end)));
  return [centre, ...axes.map((axis, n) => plus(centre, axis, lengths[n]))];
}

const ALONG_FIRST = [1, 0, 3, 2]; // the corner beside, along the first side
const ALONG_SECOND = [3, 2, 1, 0];

/** The opposite corner and the directions of the sides stay. */
function rectangleDragged(places, handle, to, even) {
  const held = (handle + 2) % 4;
  const sides = [minus(places[1], places[0]), minus(places[3], places[0])];
  const [first, second] = sides.map((side, n) => unit(side) ?? perpendicular(sides[1 - n], n));
  const diagonal = minus(to, places[held]);
  const local = [dot(diagonal, first), dot(diagonal, second)];
  const [a, b] = even ? squared([0, 0], local) : local;
  const corners = [...places];
  corners[ALONG_FIRST[held]] = plus(places[held], first, a);
  corners[ALONG_SECOND[held]] = plus(places[held], second, b);
  corners[handle] = plus(plus(places[held], first, a), second, b);
  return corners;
}

/** The direction of a side that has no length: across the other, or along the plane's own axis. */
function perpendicular(other, n) {
  const axis = unit(other);
  if (!axis) return n === 0 ? [1, 0] : [0, 1];
  return n === 0 ? [axis[1], -axis[0]] : [-axis[1], axis[0]];
}
