// A dose by hand: 4 × 3 × 2 voxels of 2 mm, i·100 steps of 0.01 Gy, so that the dose is i Gy.

import assert from "node:assert/strict";
import { test } from "node:test";

import { converted, doseColour, dosePlane, doseStep, doseWash, isoline, levelGy, tidyDose } from "../../static/js/lib/doseplane.js";

const values = Uint16Array.from({ length: 24 }, (_unused, n) => (n % 4) * 100);
const DOSE = { shape_ijk: [4, 3, 2], affine: [[2, 0, 0, 10], [0, 2, 0, 20], [0, 0, 2, 30]], gy_per_step: 0.01, values };
const frame = (spacing, more = {}) => ({
  width: 9, height: 3, spacing_x_mm: spacing, spacing_y_mm: spacing,
  to_lps: [[spacing, 0, 0, 9], [0, spacing, 0, 20], [0, 0, 2, 30]], ...more,
});

test("doses between voxels are weighed, none beside the grid", () => {
  const plane = dosePlane(DOSE, frame(1), 0);
  assert.deepEqual([plane.width, plane.height, plane.every], [9, 3, 1]);
  // x = 9 is half a voxel before the first centre, x = 16 at i = 3, x = 17 half a voxel after it.
  assert.deepEqual([...plane.values.slice(0, 9)], [0, 0, 0.5, 1, 1.5, 2, 2.5, 3, 0]);
  assert.equal(dosePlane(DOSE, frame(1, { to_lps: [[1, 0, 0, 90], [0, 1, 0, 20], [0, 0, 2, 30]] }), 0), null);
});

test("fine planes are asked for as coarsely as the dose is", () => {
  assert.deepEqual([doseStep(DOSE, frame(1)), doseStep(DOSE, frame(0.5)), doseStep(DOSE, frame(4))], [1, 3, 1]);
  const plane = dosePlane(DOSE, frame(0.5, { width: 10 }), 0);
  assert.deepEqual([plane.every, plane.width, plane.height], [3, 4, 2]);
  assert.deepEqual([...plane.values.slice(0, 4)], [0, 0.25, 1, 1.75]);
});

test("a line runs where the dose would be the level", () => {
  const plane = dosePlane(DOSE, frame(1), 0);
  const line = [...isoline(plane, 1.25)];
  // A straight line down at x = 3.5, from row 0 to row 2.
  assert.ok(line.filter((_unused, n) => n % 2 === 0 && n < 8).length > 0);
  const inside = [];
  for (let n = 0; n < line.length; n += 4) if (line[n] < 7) inside.push(line.slice(n, n + 4));
  assert.deepEqual(inside, [[3.5, 0, 3.5, 1], [3.5, 1, 3.5, 2]]);
  assert.equal(isoline(plane, 4).length, 0);
});

test("one hot value has a diamond around it", () => {
  const plane = { values: Float32Array.from([0, 0, 0, 0, 2, 0, 0, 0, 0]), width: 3, height: 3, every: 1 };
  const line = isoline(plane, 1);
  assert.equal(line.length, 16);
  for (let n = 0; n < 16; n += 2) assert.equal(Math.abs(line[n] - 1) + Math.abs(line[n + 1] - 1), 0.5);
});

test("levels are shares of the highest dose or Gy", () => {
  assert.equal(levelGy(95, "%", 60), 57);
  assert.equal(levelGy(20, "Gy", 60), 20);
  assert.deepEqual(converted([95, 20], "Gy", 60), [57, 12]);
  assert.deepEqual(converted([57, 12], "%", 60), [95, 20]);
  assert.deepEqual(tidyDose(null), { isShown: false, levels: [95, 80, 60, 40, 20], unit: "%", mode: "both", opacity: 0.35 });
  assert.deepEqual(tidyDose({ levels: [5, "x", 50, 5, -1], unit: "Gy", mode: "glow", opacity: 9 }), { isShown: false, levels: [50, 5], unit: "Gy", mode: "both", opacity: 1 });
});

test("a wash begins at the least level", () => {
  const words = doseWash({ values: Float32Array.from([0, 1, 2]), width: 3, height: 1 }, 1.5, 2);
  assert.deepEqual([words[0], words[1]], [0, 0]);
  assert.deepEqual([...new Uint8Array(words.buffer, 8, 4)], [255, 70, 110, 255]);
  assert.equal(doseColour(1), "#ff466e");
  assert.equal(doseColour(0), "#4050dc");
});
