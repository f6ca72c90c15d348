// How the 3D view is set, as the viewer's state keeps it: what is drawn and how, from where, and what is cut away.
// Null stands for what the server proposes for the series. The box is [[low], [high]] in parts of the volume's box
// along the patient's axes (right to left, front to back, feet to head), 0 to 1.

import { isCamera } from "./scenecamera.js";

export const MODES = ["surface", "mip", "mip_inverted", "composite"];
export const WHOLE = Object.freeze([Object.freeze([0, 0, 0]), Object.freeze([1, 1, 1])]);
export const LEAST_PART = 0.02; // of the box that clipping leaves
export const MOST_SURFACES = 4;

export const USUAL_SCENE = Object.freeze({
  mode: null,
  preset: null,
  surfaces: null, // [{ name, level, color, opacity, largest, isShown }]
  density: 1,
  shift: 0,
  window: "wide", // of projections: or "images", that of the flat pictures
  camera: null,
  box: null,
  marker: true,
  face: "scene", // or "facts": what the fourth quadrant shows
});

const within = (value, low, high, otherwise) => (Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise);

/** Whatever was kept, as settings. */
export function tidyScene(kept) {
  if (!kept || typeof kept !== "object") return USUAL_SCENE;
  return Object.freeze({
    mode: MODES.includes(kept.mode) ? kept.mode : null,
    preset: typeof kept.preset === "string" ? kept.preset : null,
    surfaces: tidySurfaces(kept.surfaces),
    density: within(kept.density, 0.1, 8, 1),
    shift: within(kept.shift, -1e6, 1e6, 0),
    window: kept.window === "images" ? "images" : "wide",
    camera: isCamera(kept.camera) ? kept.camera : null,
    box: tidyBox(kept.box),
    marker: kept.marker !== false,
    face: kept.face === "facts" ? "facts" : "scene",
  });
}

function tidySurfaces(list) {
  if (!Array.isArray(list) || !list.length || list.length > MOST_SURFACES) return null;
  const isWhole = list.every((one) => Number.isFinite(one?.level) && /^#[0-9a-f]{6}$/i.test(one.color ?? ""));
  if (!isWhole) return null;
  return list.map(({ name = "", level, color, opacity, largest, isShown }) => ({
    name: String(name).slice(0, 40),
    level,
    color,
    opacity: within(opacity, 0, 1, 1),
    largest: Boolean(largest),
    isShown: isShown !== false,
  }));
}

function tidyBox(box) {
  const isSide = (side) => Array.isArray(side) && side.length === 3 && side.every((part) => part >= 0 && part <= 1);
  if (!Array.isArray(box) || box.length !== 2 || !box.every(isSide)) return null;
  const isOpen = box[0].every((low, axis) => box[1][axis] - low >= LEAST_PART / 2);
  return isOpen && String(box) !== String(WHOLE) ? box : null;
}

/** The box with one side moved: it never closes. */
export function withSide(box, axis, end, part) {
  const sides = (box ?? WHOLE).map((side) => [...side]);
  sides[end][axis] = end
    ? Math.max(Math.min(1, part), sides[0][axis] + LEAST_PART)
    : Math.min(Math.max(0, part), sides[1][axis] - LEAST_PART);
  return tidyBox(sides);
}

/** Parts of a box in millimetres. */
export function boxIn(box, [low, high]) {
  const at = (side) => side.map((part, axis) => low[axis] + part * (high[axis] - low[axis]));
  return box ? box.map(at) : null;
}
