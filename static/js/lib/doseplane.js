// The dose on a slice of a plane, trilinear between the voxels of the dose's own grid, on a lattice as coarse as that
// grid allows; isodose lines on it by marching squares; colours of doses.
//   dose { shape_ijk, affine: (i, j, k) → LPS mm, gy_per_step, values: Uint16Array, i fastest }

import { compose, inverse } from "./matrix.js";
import { spacingOf } from "./localslab.js";

const FINER = 0.75; // of a voxel of the dose: its own grid says no more

/** Every how many pixels of a frame the dose is worth asking for. */
export function doseStep(dose, frame) {
  const voxel = Math.min(...[0, 1, 2].map((axis) => spacingOf(dose.affine, axis)));
  return Math.max(1, Math.floor((FINER * voxel) / Math.max(frame.spacing_x_mm, frame.spacing_y_mm)));
}

/**
 * The dose of slice *index* of a frame: { values: Float32Array, width, height, every }, the value (x, y) being that of
 * pixel (x·every, y·every); 0 outside. null where the whole slice has none.
 */
export function dosePlane(dose, frame, index) {
  const toDose = inverse(dose.affine);
  if (!frame.to_lps || !toDose) return null;
  const every = doseStep(dose, frame);
  const [width, height] = [frame.width, frame.height].map((count) => Math.ceil((count - 1) / every) + 1);
  const map = compose(toDose, frame.to_lps);
  const right = map.map((row) => row[0] * every);
  const down = map.map((row) => row[1] * every);
  const corner = map.map((row) => row[2] * index + row[3]);
  const values = new Float32Array(width * height);
  const isAny = fill(dose, { corner, right, down }, width, height, values);
  return isAny ? { values, width, height, every } : null;
}

function fill({ shape_ijk: [ni, nj, nk], values: steps, gy_per_step: gy }, { corner, right, down }, width, height, out) {
  let isAny = false;
  for (let y = 0, place = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, place += 1) {
      const i = corner[0] + y * down[0] + x * right[0];
      const j = corner[1] + y * down[1] + x * right[1];
      const k = corner[2] + y * down[2] + x * right[2];
      // A voxel reaches half an index to each side.
      if (!(i >= -0.5 && j >= -0.5 && k >= -0.5 && i < ni - 0.5 && j < nj - 0.5 && k < nk - 0.5)) continue;
      const value = gy * between(steps, ni, nj, nk, i, j, k);
      out[place] = value;
      if (value > 0) isAny = true;
    }
  }
  return isAny;
}

function between(steps, ni, nj, nk, i, j, k) {
  const [u, v, w] = [held(i, ni), held(j, nj), held(k, nk)];
  const [i0, j0, k0] = [Math.floor(u), Math.floor(v), Math.floor(w)];
  const [a, b, c] = [u - i0, v - j0, w - k0];
  let sum = 0;
  for (let n = 0; n < 8; n += 1) {
    const [di, dj, dk] = [n & 1, (n >> 1) & 1, n >> 2];
    const share = (di ? a : 1 - a) * (dj ? b : 1 - b) * (dk ? c : 1 - c);
    if (share > 0) sum += share * steps[((k0 + dk) * nj + j0 + dj) * ni + i0 + di];
  }
  return sum;
}

const held = (value, count) => Math.min(count - 1, Math.max(0, value));

/**
 * The line of one dose as pieces [x0, y0, x1, y1, …] in pixels of the frame. Between two values it runs where the
 * dose would be the level if it rose evenly.
 */
export function isoline({ values, width, height, every }, level) {
  const pieces = [];
  for (let y = 0; y + 1 < height; y += 1) {
    for (let x = 0; x + 1 < width; x += 1) {
      const at = y * width + x;
      const corners = [values[at], values[at + 1], values[at + width + 1], values[at + width]];
      const sides = (corners[0] >= level) | ((corners[1] >= level) << 1) | ((corners[2] >= level) << 2) | ((corners[3] >= level) << 3);
      if (sides === 0 || sides === 15) continue;
      for (const [from, to] of CASES[sides]) {
        pieces.push(...crossing(from, corners, level, x, y, every), ...crossing(to, corners, level, x, y, every));
      }
    }
  }
  return Float32Array.from(pieces);
}

// Between which edges of a square (top, right, bottom, left) the line runs, by which corners are above the level. Of a
// saddle the high corners are kept apart.
const [TOP, RIGHT, BOTTOM, LEFT] = [0, 1, 2, 3];
const CASES = [
  [], [[LEFT, TOP]], [[TOP, RIGHT]], [[LEFT, RIGHT]], [[RIGHT, BOTTOM]], [[LEFT, TOP], [RIGHT, BOTTOM]], [[TOP, BOTTOM]], [[LEFT, BOTTOM]],
  [[BOTTOM, LEFT]], [[TOP, BOTTOM]], [[TOP, RIGHT], [BOTTOM, LEFT]], [[RIGHT, BOTTOM]], [[LEFT, RIGHT]], [[TOP, RIGHT]], [[LEFT, TOP]], [],
]; // prettier-ignore

function crossing(edge, corners, level, x, y, every) {
  const [one, other] = [corners[edge], corners[(edge + 1) % 4]];
  const share = (level - one) / (other - one);
  const at = [[x + share, y], [x + 1, y + share], [x + 1 - share, y + 1], [x, y + 1 - share]][edge];
  return [at[0] * every, at[1] * every];
}

// --- levels and colours

export const USUAL_LEVELS = Object.freeze([95, 80, 60, 40, 20]);
// From low to high, none of them a plane's.
const RAMP = [[0, [64, 80, 220]], [0.3, [47, 160, 240]], [0.55, [70, 225, 205]], [0.75, [250, 225, 140]], [0.9, [255, 150, 70]], [1, [255, 70, 110]]];

/** [red, green, blue] of a share of the highest dose. */
export function doseRgb(share) {
  const at = RAMP.findIndex(([end]) => end >= share);
  if (at <= 0) return RAMP[at < 0 ? RAMP.length - 1 : 0][1];
  const [[low, from], [high, to]] = [RAMP[at - 1], RAMP[at]];
  const part = (share - low) / (high - low);
  return from.map((value, n) => Math.round(value + part * (to[n] - value)));
}

export function doseColour(share) {
  return `#${doseRgb(share).map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** How a dose is shown, from whatever was saved. Levels are in *unit*: "%" of the highest dose, or "Gy". */
export function tidyDose(saved) {
  const { isShown = false, levels, unit, mode, opacity } = saved ?? {};
  const numbers = Array.isArray(levels) ? levels.filter((level) => Number.isFinite(level) && level > 0).slice(0, 12) : [...USUAL_LEVELS];
  return {
    isShown: Boolean(isShown),
    levels: [...new Set(numbers)].sort((one, other) => other - one),
    unit: unit === "Gy" ? "Gy" : "%",
    mode: ["both", "lines", "wash"].includes(mode) ? mode : "both",
    opacity: Number.isFinite(opacity) ? Math.min(1, Math.max(0, opacity)) : 0.35,
  };
}

/** A level in Gy. */
export const levelGy = (level, unit, maxGy) => (unit === "%" ? (level / 100) * maxGy : level);

/** Levels of one unit in the other, so that lines stay where they are. */
export function converted(levels, unit, maxGy) {
  const factor = unit === "Gy" ? maxGy / 100 : 100 / maxGy;
  return levels.map((level) => Number((level * factor).toPrecision(4)));
}

/** The picture of a colour wash: RGBA words, nothing below the least level. */
export function doseWash({ values, width, height }, leastGy, maxGy) {
  const words = new Uint32Array(width * height);
  const bytes = new Uint8Array(words.buffer);
  const table = Array.from({ length: 256 }, (_unused, n) => doseRgb(n / 255));
  for (let n = 0; n < values.length; n += 1) {
    if (values[n] < leastGy || values[n] <= 0) continue;
    const [red, green, blue] = table[Math.min(255, Math.round((255 * values[n]) / maxGy))];
    bytes.set([red, green, blue, 255], 4 * n);
  }
  return words;
}
