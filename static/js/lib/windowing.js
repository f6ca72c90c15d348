// Window arithmetic. A window is { center, width, function?, lut?, own?, curve? } in the series' unit. `function` is
// "exact" or "sigmoid", as addresses name them; without one it is the standard's LINEAR (PS3.3 C.11.2.1.2.1), which
// goes from center − 0.5 − (width − 1) / 2 (black) to center − 0.5 + (width − 1) / 2 (white). With a `lut` the
// picture is made by that VOI LUT of the file, and the numbers only say from where to where it reaches. With `own`
// each image of a stack has the window, or the VOI LUT, that it brings; the numbers are those of the image that is
// shown. With a `curve` (lib/curve.js) the greys are that curve's, and the numbers say from where to where it goes.

import { curveBounds, curveText, fitted, isCurve, sameCurve, tidyCurve } from "./curve.js";

const PIXELS_PER_WIDTH = 200; // a drag of so many CSS pixels doubles the width

/** Round to what the unit can tell, width never below the function's least: 1 for LINEAR (the standard's). */
export function tidy({ center, width, ...more }, digits = 0) {
  if (isCurve(more.curve)) return curveWindow(tidyCurve(more.curve, digits));
  const round = (value) => Number(value.toFixed(digits));
  const least = more.function ? 10 ** -digits : 1;
  return { center: round(center) + 0, width: Math.max(least, round(width)), ...named(more) };
}

/** The window of a curve. */
export function curveWindow(curve) {
  const [low, high] = curveBounds(curve);
  // Half of a hundredth is the finest that the middle of two rounded values needs.
  return { center: Number(((low + high) / 2).toFixed(3)) + 0, width: Number((high - low).toFixed(3)), curve };
}

/** Function, LUT and `own` of a window or preset, those that it has. */
function named({ function: name, lut, own }) {
  return { ...(name && { function: name }), ...(lut !== undefined && { lut }), ...(own && { own }) };
}

/** *window* without what else a preset holds, its numbers untouched. */
export function plainWindow({ center, width, ...more }) {
  if (isCurve(more.curve)) return curveWindow(more.curve);
  return { center, width, ...named(more) };
}

/** The window after a drag of (byX, byY) CSS pixels from *start*: right is wider, down is a higher level. */
export function dragged(start, byX, byY, digits = 0) {
  // A LINEAR window spans one less than its width: of fractions that one would be nearly all of it.
  const span = digits > 2 && !start.function && !start.curve ? start.width - 1 : start.width;
  const step = Math.max(span, 10 ** -digits * PIXELS_PER_WIDTH * 0.5) / PIXELS_PER_WIDTH;
  const moved = { center: start.center + byY * step, width: start.width + byX * step };
  if (start.curve) return withNumbers(start, moved, digits);
  // A table cannot be widened: the drag goes on from the window around it.
  return tidy({ ...moved, function: start.function }, digits);
}

/** *window* with another centre and width: a curve is moved and stretched, a table left for the window around it. */
export function withNumbers({ function: name, curve }, { center, width }, digits = 0) {
  if (curve) return curveWindow(fitted(curve, [center - width / 2, center + width / 2], digits));
  return tidy({ center, width, function: name }, digits);
}

export function sameWindow(one, other) {
  if (one.own || other.own) return one.own === other.own;
  if (one.curve || other.curve) return sameCurve(one.curve, other.curve);
  return ["center", "width", "function", "lut"].every((name) => one[name] === other[name]);
}

/** The window with which the picture of a frame is made: where each image has its own, this image's. */
export function windowOn(frame, window) {
  if (!window.own) return window;
  if (frame.has_lut) return { ...window, lut: 0 };
  return frame.window ? { ...frame.window, own: true } : window;
}

/** Whether low values are bright on the screen: as the file has it (MONOCHROME1), or as the reader turned it. */
export function isTurned(frame, inverted) {
  return Boolean(frame?.low_is_bright) !== Boolean(inverted);
}

/** What a picture's address says of a window. */
export function windowQuery({ center, width, function: name, lut, own, curve }) {
  if (curve) return { curve: curveText(curve) };
  if (own) return {};
  if (lut !== undefined) return { lut };
  return { ww: width, wc: center, ...(name && { fn: name }) };
}

/** The values at which the picture becomes black and white; of a sigmoid, where the tangent in its middle does. */
export function bounds({ center, width, function: name, curve }) {
  if (curve) return curveBounds(curve);
  if (name) return [center - width / 2, center + width / 2];
  const half = (width - 1) / 2;
  return [center - 0.5 - half, center - 0.5 + half];
}

/** The window whose bounds these values are. */
export function windowOf(low, high, digits = 0) {
  return tidy({ center: (low + high) / 2 + 0.5, width: high - low + 1 }, digits);
}
