import assert from "node:assert/strict";
import { test } from "node:test";

import { barsPath, fewerBins, isOwnSlice, keyImagesOf, markedSlices, measurementsOf, middleOf, numberOf, tabbed } from "../../static/js/lib/marklist.js";

// Axial slices 3 mm apart from z = 30; pixels of 0.5 × 2 mm from (10, −20).
const AXIAL = {
  plane: "axial", count: 10,
  from_lps: [[2, 0, 0, -20], [0, 0.5, 0, 10], [0, 0, 1 / 3, -10]],
};
const SAGITTAL = { plane: "sagittal", count: 8, from_lps: [[0, 0.5, 0, 10], [0, 0, 1 / 3, -10], [2, 0, 0, -20]] };
const mark = (id, kind, points, more = {}) => ({ id, kind, space: "patient", points, hidden: false, ...more });
const ON_2 = mark("a", "length", [[10, -20, 36], [12, -18, 36]]);

test("a mark is on the slices that hold all its points", () => {
  assert.deepEqual(markedSlices([ON_2], AXIAL), [2]);
  assert.deepEqual(markedSlices([ON_2], SAGITTAL), []); // x from 10 to 12 mm: four sagittal slices
  const upright = mark("b", "length", [[11, -20, 30], [11, -18, 42]]);
  assert.deepEqual(markedSlices([upright], SAGITTAL), [2]);
  assert.deepEqual(markedSlices([upright], AXIAL), []);
});

test("between two slices it is on both, outside on none, hidden nowhere", () => {
  const between = mark("c", "probe", [[10, -20, 37.5]]);
  assert.deepEqual(markedSlices([between], AXIAL), [2, 3]);
  assert.deepEqual(markedSlices([mark("d", "probe", [[10, -20, 300]])], AXIAL), []);
  assert.deepEqual(markedSlices([{ ...ON_2, hidden: true }], AXIAL), []);
  assert.deepEqual(markedSlices([between, ON_2], AXIAL), [2, 3]);
});

test("in a stack and for key images the slice it was drawn on counts", () => {
  const stack = { plane: "stack", count: 5, from_lps: null };
  assert.deepEqual(markedSlices([{ ...mark("e", "length", [[1, 2], [3, 4]]), space: "image", image: 4 }], stack), [4]);
  const key = mark("f", "keyimage", [[10, -20, 36]], { plane: { name: "sagittal", index: 3 } });
  assert.deepEqual(markedSlices([key], SAGITTAL), [3]);
  assert.deepEqual(markedSlices([key], AXIAL), []);
});

test("numbers count within a kind", () => {
  const marks = [ON_2, mark("b", "angle", []), mark("c", "length", []), mark("k", "keyimage", [])];
  assert.equal(numberOf(marks[2], marks), 2);
  assert.equal(numberOf(marks[1], marks), 1);
  assert.deepEqual(measurementsOf(marks).map(({ id }) => id), ["a", "b", "c"]);
  assert.deepEqual(keyImagesOf(marks).map(({ id }) => id), ["k"]);
});

test("the middle of points", () => {
  assert.deepEqual(middleOf(ON_2), [11, -19, 36]);
});

test("bars", () => {
  assert.equal(barsPath([1, 0, 4], 30, 20), "M0 20v-5h10v5zM20 20v-20h10v20z");
  assert.deepEqual(fewerBins([1, 2, 3, 4, 5], 2), [6, 9]);
});

test("cells keep to their row", () => {
  assert.equal(tabbed([["a", "b\nc"], [1, null]]), "a\tb c\n1\t");
});

test("a turned plane's number is no slice of the volume", () => {
  const frame = { ...AXIAL, width: 512, height: 256, spacing_x_mm: 0.5, spacing_y_mm: 2 };
  const own = { name: "axial", index: 2, origin_lps: [10, -20, 36], right_lps: [1, 0, 0], down_lps: [0, 1, 0], normal_lps: [0, 0, 1] };
  assert.equal(isOwnSlice({ plane: own }, [frame]), true);
  assert.equal(isOwnSlice({ plane: { ...own, index: 12 } }, [frame]), false, "counted in other steps");
  const tilted = { ...own, down_lps: [0, 0.9999995, 0.001], normal_lps: [0, -0.001, 0.9999995] };
  assert.equal(isOwnSlice({ plane: tilted }, [frame]), false);
  assert.equal(isOwnSlice({ plane: null }, [frame]), true);
});
