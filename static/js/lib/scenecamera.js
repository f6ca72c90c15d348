// The eye of the 3D view. A camera is { focal_lps, back, up, height_mm }: what it looks at, the unit vector from
// there to the eye, the unit vector that is up on the screen, and how many millimetres the picture is high. Rays are
// parallel, so that a length is as long wherever it lies. The six views are radiological: from the front (A)
// the patient's right is on screen left. LPS: x grows to the left, y to the back, z to the head.

import { add, cross, dot, length, turnAbout, unit } from "./vectors.js";

export const VIEWS = {
  A: { back: [0, -1, 0], up: [0, 0, 1] },
  P: { back: [0, 1, 0], up: [0, 0, 1] },
  L: { back: [1, 0, 0], up: [0, 0, 1] },
  R: { back: [-1, 0, 0], up: [0, 0, 1] },
  H: { back: [0, 0, 1], up: [0, -1, 0] },
  F: { back: [0, 0, -1], up: [0, -1, 0] },
};
const ROOM = 1.12; // of a box that is fitted: its corners do not touch the edge
const NEAREST_MM = 4;
const FARTHEST_MM = 8000;
const FACE_SEEN = 0.04; // a face that is seen from its side has no room for a letter

export const rightOf = ({ up, back }) => cross(up, back);

/** The camera of a view, with a box [[low], [high]] whole in a picture of width : height. */
export function viewOf(name, box, aspect = 1) {
  return fitted({ ...VIEWS[name], focal_lps: [0, 0, 0], height_mm: 1 }, box, aspect);
}

/** The same directions, moved so that the whole box is seen in the middle. */
export function fitted(camera, [low, high], aspect = 1) {
  const focal = low.map((value, axis) => (value + high[axis]) / 2);
  const reach = (vector) => vector.reduce((sum, part, axis) => sum + Math.abs(part) * (high[axis] - low[axis]), 0);
  const height = Math.max(reach(camera.up), reach(rightOf(camera)) / aspect) * ROOM;
  return { ...camera, focal_lps: focal, height_mm: clamped(height) };
}

/** Turned as a hand turns what it looks at: radians to the right and down. */
export function orbited(camera, right, down) {
  const about = rightOf(camera);
  const turned = (vector) => unit(turnAbout(turnAbout(vector, camera.up, -right), about, -down));
  const back = turned(camera.back);
  const up = unit(turnAbout(camera.up, about, -down));
  return { ...camera, back, up: unit(add(up, back, -dot(up, back))) };
}

/** Moved so that what is seen moves by so many millimetres on the screen. */
export function moved(camera, rightMm, downMm) {
  const focal = add(add(camera.focal_lps, rightOf(camera), -rightMm), camera.up, downMm);
  return { ...camera, focal_lps: focal };
}

/** Magnified about a place of the picture, given from its middle in heights of the picture. */
export function zoomed(camera, factor, [right, down] = [0, 0]) {
  const height = clamped(camera.height_mm / factor);
  const gain = camera.height_mm - height;
  return moved({ ...camera, height_mm: height }, -right * gain, -down * gain);
}

const clamped = (mm) => Math.min(FARTHEST_MM, Math.max(NEAREST_MM, mm));

/** Where a place is in a picture of { width, height } pixels, and how far it lies before the middle, in mm. */
export function projected(camera, { width, height }, pointLps) {
  const from = add(pointLps, camera.focal_lps, -1);
  const scale = height / camera.height_mm;
  return {
    x: width / 2 + dot(from, rightOf(camera)) * scale,
    y: height / 2 - dot(from, camera.up) * scale,
    depth_mm: dot(from, camera.back),
  };
}

/** What lies under a pixel: { origin, direction }, starting before everything. */
export function rayAt(camera, { width, height }, [x, y]) {
  const scale = camera.height_mm / height;
  const across = add(camera.focal_lps, rightOf(camera), (x - width / 2) * scale);
  const onPlane = add(across, camera.up, (height / 2 - y) * scale);
  return { origin: add(onPlane, camera.back, FARTHEST_MM), direction: camera.back.map((part) => -part) };
}

/** The view along whose axis a camera looks, or null. */
export function nameOfView({ back, up }) {
  const same = (one, other) => dot(one, other) > 1 - 1e-6;
  return Object.keys(VIEWS).find((name) => same(VIEWS[name].back, back) && same(VIEWS[name].up, up)) ?? null;
}

/**
 * The faces of the orientation cube that are seen, the rearmost first, in a square from −1 to 1, y down:
 * { letter, facing: 0 … 1, corners: four [x, y], matrix: [a, b, c, d, e, f] that lays upright text on it }.
 */
export function cubeFaces(camera, half = 0.56) {
  const right = rightOf(camera);
  const flat = (vector) => [dot(vector, right), -dot(vector, camera.up)];
  return Object.entries(VIEWS)
    .map(([letter, { back: normal, up }]) => ({ letter, normal, up, facing: dot(normal, camera.back) }))
    .filter(({ facing }) => facing > FACE_SEEN)
    .sort((one, other) => one.facing - other.facing)
    .map(({ letter, normal, up, facing }) => {
      const across = cross(up, normal);
      const corner = (a, b) => flat(add(add(normal, across, a), up, b)).map((part) => part * half);
      const [ax, ay] = flat(across);
      const [ux, uy] = flat(up);
      const [ex, ey] = flat(normal).map((part) => part * half);
      return {
        letter,
        facing,
        corners: [corner(-1, 1), corner(1, 1), corner(1, -1), corner(-1, -1)],
        matrix: [ax, ay, -ux, -uy, ex, ey],
      };
    });
}

/** Whether what was kept is a camera. */
export function isCamera(kept) {
  const isVector = (value) => Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
  if (!kept || ![kept.focal_lps, kept.back, kept.up].every(isVector)) return false;
  const areUnits = [kept.back, kept.up].every((vector) => Math.abs(length(vector) - 1) < 1e-3);
  return areUnits && Math.abs(dot(kept.back, kept.up)) < 1e-3 && kept.height_mm >= NEAREST_MM && kept.height_mm <= FARTHEST_MM;
}
