// The line from values to greys that a window draws, for pictures of it: over a histogram, in a colour bar.

import { bounds } from "./windowing.js";

const SIGMOID_POINTS = 33;
const SIGMOID_REACH = 1.5; // widths to either side; beyond them the greys hardly change

/** The grey of a value, 0 to 255 with fractions; null of a table of the file, whose entries are not known here. */
export function greyAt(window, value) {
  if (window.lut !== undefined && !window.curve) return null;
  if (window.function === "sigmoid" && !window.curve) {
    return 255 / (1 + Math.exp((-4 * (value - window.center)) / window.width));
  }
  const line = shapeOf(window);
  if (value <= line[0][0]) return line[0][1];
  for (let n = 1; n < line.length; n += 1) {
    const [[v0, g0], [v1, g1]] = [line[n - 1], line[n]];
    if (value < v1) return g0 + ((value - v0) / (v1 - v0)) * (g1 - g0);
  }
  return line.at(-1)[1];
}

/** The points of the line, [[value, grey], …]; of a sigmoid many, of a table of the file none. */
export function shapeOf(window) {
  if (window.curve) return window.curve;
  if (window.lut !== undefined) return [];
  const [low, high] = bounds(window);
  if (window.function !== "sigmoid") {
    return [
      [low, 0],
      [high, 255],
    ];
  }
  return Array.from({ length: SIGMOID_POINTS }, (_unused, n) => {
    const value = window.center + ((2 * n) / (SIGMOID_POINTS - 1) - 1) * SIGMOID_REACH * window.width;
    return [value, greyAt(window, value)];
  });
}

/** The values and greys that a colour bar of *count* steps shows, from its low end to its high one. */
export function barGreys(window, inverted, count) {
  const [low, high] = bounds(window);
  return Array.from({ length: count }, (_unused, n) => {
    const share = count > 1 ? n / (count - 1) : 0;
    const grey = greyAt(window, low + share * (high - low)) ?? share * 255;
    const whole = Math.min(255, Math.max(0, Math.floor(grey + 0.5)));
    return inverted ? 255 - whole : whole;
  });
}

/** The values at the low end, in the middle and at the high end of a colour bar. */
export function barValues(window) {
  const [low, high] = bounds(window);
  return [low, (low + high) / 2, high];
}
