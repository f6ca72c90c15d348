// How a stored number becomes the grey on the screen, step by step. The window's arithmetic is that of
// app/imaging/window.py, operation by operation, so the grey told here is the grey that is drawn.

import { greyOf as curveGrey } from "./curve.js";

const BLACK = 0;
const WHITE = 255;

/** The place of a value in the window, 0 (black) to 1 (white), before it is cut off there. */
export function fractionOf({ center, width, function: name }, value) {
  if (name === "sigmoid") return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (name === "exact") return (value - center) / width + 0.5;
  if (width === 1) return value > center - 0.5 ? 1 : 0; // the standard's thresholds: the formula divides by zero
  return (value - (center - 0.5)) / (width - 1) + 0.5;
}

/** The grey of a value, 0 to 255, before inversion; null where a VOI LUT of the file makes it. */
export function greyOf(window, value) {
  if (window.curve) return curveGrey(window.curve, value);
  if (window.lut !== undefined) return null;
  if (Number.isNaN(value)) return BLACK;
  const grey = window.function === "sigmoid" ? 255 / (1 + Math.exp((-4 * (value - window.center)) / window.width)) : fractionOf(window, value) * 255;
  return Math.floor(Math.min(WHITE, Math.max(BLACK, grey)) + 0.5);
}

/**
 * The steps from stored number to the picture's grey.
 * @param answer  of /series/<id>/value: { stored, value, unit, slope, intercept, reason, suv }
 * @returns steps { kind, … }:
 *   "stored" { value | null, reason }  ·  "line" { slope, intercept, value, unit }  ·  "table"  ·
 *   "suv" { factor, value }  ·  "window" { fraction, end: -1 | 0 | 1 }  ·  "curve"  ·  "lut"  ·
 *   "grey" { grey, from? }  (from: before inversion)  ·  "colour" { grey, colormap }
 */
export function stepsOf(answer, { window, inverted = false, colormap = "gray" }) {
  if (answer.reason === "colour") return [{ kind: "samples", values: [answer.value].flat() }];
  const steps = [{ kind: "stored", value: answer.stored, reason: answer.reason }];
  if (answer.value === null) return [{ kind: "none" }];
  steps.push(...valueSteps(answer));
  return [...steps, ...greySteps(answer.value, window, inverted, colormap)];
}

function valueSteps({ value, unit, slope, intercept, reason, suv }) {
  if (reason === "table") return [{ kind: "table", value, unit }];
  if (slope === null || slope === undefined) return [{ kind: "value", value, unit }];
  if (!suv) return [{ kind: "line", slope, intercept, value, unit }];
  // What the file's own line gives is activity; the rest of the slope is what made SUV of it.
  const { factor } = suv;
  return [
    { kind: "line", slope: slope / factor, intercept: intercept / factor, value: value / factor, unit: "Bq/ml" },
    { kind: "suv", ...suv, value, unit },
  ];
}

function greySteps(value, window, inverted, colormap) {
  const grey = greyOf(window, value);
  if (grey === null) return [{ kind: "lut" }];
  const shown = inverted ? WHITE - grey : grey;
  const steps = [];
  if (window.curve) steps.push({ kind: "curve", points: window.curve.length });
  else steps.push({ kind: "window", center: window.center, width: window.width, function: window.function ?? "linear", ...cut(window, value) });
  steps.push(inverted ? { kind: "grey", grey: shown, from: grey } : { kind: "grey", grey: shown });
  if (colormap !== "gray") steps.push({ kind: "colour", grey: shown, colormap });
  return steps;
}

function cut(window, value) {
  const fraction = fractionOf(window, value);
  return { fraction, end: fraction <= 0 ? -1 : fraction >= 1 ? 1 : 0 };
}
