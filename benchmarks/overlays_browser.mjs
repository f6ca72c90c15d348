// What segments cost in a slice of 512 × 512, in the JavaScript of the browser: reading the plane's labels out of the
// layer, their fill, their outlines. Drawing itself is the browser's, and not counted here.
//   node benchmarks/overlays_browser.mjs [--quick]
// Slices are leafed through, as a hand does it; the median slice of a round, and of the rounds the quickest.

import { performance } from "node:perf_hooks";

import { labelOutlines } from "../static/js/lib/labeloutline.js";
import { labelPlane } from "../static/js/lib/labelplane.js";
import { fillRuns, labelRuns } from "../static/js/lib/labelruns.js";
import { fillTable } from "../static/js/lib/segmentdisplay.js";

const [SIDE, SLICES] = [512, 24];
const ROUNDS = process.argv.includes("--quick") ? 3 : 15;
const AFFINE = [[0.8, 0, 0, 0], [0, 0.8, 0, 0], [0, 0, 2, 0]];
const AXIAL = { width: SIDE, height: SIDE, count: SLICES, is_oblique: false, axes_ijk: [0, 1, 2], to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] };

/** *count* wavy discs in rows and columns, the whole of them as wide as the *share* of the slice. */
function layerOf(count, share) {
  const side = Math.round(SIDE * share);
  const columns = Math.ceil(Math.sqrt(count));
  const cell = side / columns;
  const first = Math.round((SIDE - side) / 2);
  const labels = new Uint8Array(side * side * SLICES);
  for (let k = 0, place = 0; k < SLICES; k += 1) {
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1, place += 1) {
        const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
        const label = row * columns + column + 1;
        if (label > count) continue;
        const [dx, dy] = [x - (column + 0.5) * cell, y - (row + 0.5) * cell];
        const angle = Math.atan2(dy, dx);
        if (Math.hypot(dx, dy) < cell * (0.38 + 0.06 * Math.sin(7 * angle + k))) labels[place] = label;
      }
    }
  }
  return { box: [[first, first, 0], [first + side, first + side, SLICES]], labels };
}

const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];
const CASES = [[4, 1], [4, 0.5], [40, 1], [40, 0.5]];
console.log("| segments, side of their box | labels ms | fill ms | outlines ms | together ms |\n|---|---|---|---|---|");
for (const [count, share] of CASES) {
  const layer = layerOf(count, share);
  const table = fillTable(Array.from({ length: count }, (_one, n) => [n + 1, "#3bffb1"]));
  const best = [Infinity, Infinity, Infinity, Infinity];
  let words = new Uint32Array(0);
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = [[], [], [], []];
    for (let index = 0; index < SLICES; index += 1) {
      const begun = performance.now();
      const plane = labelPlane(layer, { frame: AXIAL, index, slab: null }, AFFINE);
      const read = performance.now();
      if (words.length !== plane.labels.length) words = new Uint32Array(plane.labels.length);
      words.fill(0);
      fillRuns(labelRuns(plane), plane.width, table, words);
      const filled = performance.now();
      labelOutlines(plane);
      const done = performance.now();
      [read - begun, filled - read, done - filled, done - begun].forEach((value, n) => times[n].push(value));
    }
    times.forEach((values, n) => (best[n] = Math.min(best[n], median(values))));
  }
  const box = Math.round(SIDE * share);
  console.log(`| ${count}, ${box} | ${best.map((value) => value.toFixed(3)).join(" | ")} |`);
}
