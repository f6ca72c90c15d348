// Values to colours and opacities in the 3D view, as lists of points that any renderer takes: colors [[value, r, g, b]],
// opacities [[value, a]], all from 0 to 1, the values in the unit of the volume.

import { greyFunction } from "./greys.js";

export const UNIT_MM = 2; // opacities are those of a layer so thick, as the server has them
const STEPS = 96;

/** The values over which a window changes its greys: a little more, so that both ends are flat. */
function reachOf(window) {
  if (window.curve?.length > 1) return [window.curve[0][0], window.curve.at(-1)[0]];
  const half = window.width / 2;
  const more = window.function === "sigmoid" ? 3 : 1.02;
  return [window.center - half * more, window.center + half * more];
}

/**
 * A projection in the colours of the flat pictures: what is brightest along each ray, windowed as they are.
 * @param palette  256 colours as 32-bit RGBA in memory order (lib/greys.js), turned where they are inverted
 */
export function projectionCurves(window, palette) {
  const grey = greyFunction(window);
  const [low, high] = reachOf(window);
  const colors = [];
  for (let n = 0; n <= STEPS; n += 1) {
    const value = low + ((high - low) * n) / STEPS;
    colors.push([value, ...rgbOf(palette[grey(value)])]);
  }
  return { colors, opacities: [[low, 1], [high, 1]], shade: false };
}

export const rgbOf = (word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255].map((part) => part / 255);

/** "#e8dcc4" → [r, g, b] from 0 to 1. */
export function rgbOfHex(text) {
  const number = Number.parseInt(text.slice(1), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255].map((part) => part / 255);
}

/** A preset moved along the values and made denser or thinner. */
export function shifted({ colors, opacities, shade }, shift = 0, density = 1) {
  return {
    colors: colors.map(([value, ...rgb]) => [value + shift, ...rgb]),
    opacities: opacities.map(([value, opacity]) => [value + shift, 1 - (1 - Math.min(0.9999, opacity)) ** density]),
    shade,
  };
}

/** The curves for values that are kept otherwise, as bytes: *stored* gives what stands for a value. */
export function storedCurves({ colors, opacities, shade }, stored) {
  const kept = ([value, ...rest]) => [stored(value), ...rest];
  return { colors: colors.map(kept), opacities: opacities.map(kept), shade };
}

/** (value) → opacity, between the points of the list. */
export function opacityFunction(opacities) {
  return (value) => {
    let at = 0;
    while (at < opacities.length && opacities[at][0] < value) at += 1;
    if (at === 0) return opacities[0]?.[1] ?? 0;
    if (at === opacities.length) return opacities.at(-1)[1];
    const [[x0, a0], [x1, a1]] = [opacities[at - 1], opacities[at]];
    return x1 > x0 ? a0 + ((a1 - a0) * (value - x0)) / (x1 - x0) : a1;
  };
}
