import assert from "node:assert/strict";
import { test } from "node:test";

import { automatic, between, fromRegion } from "../../static/js/lib/autowindow.js";

test("automatic leaves out the lowest bin and one hundredth at either end", () => {
  const counts = new Array(102).fill(10);
  counts[0] = 5000; // padding
  const edges = Array.from({ length: 103 }, (_unused, n) => -1000 + n * 10);
  assert.deepEqual(automatic({ counts, bin_edges: edges }), { center: -485, width: 991 });
});

test("automatic of one single value", () => {
  assert.equal(automatic({ counts: [7], bin_edges: [5, 6] }).width >= 1, true);
});

test("a region counts all its values", () => {
  const counts = new Array(100).fill(10);
  const edges = Array.from({ length: 101 }, (_unused, n) => n * 10);
  // The 10th of 1000 values ends bin 0, the 990th bin 98: from 0 to 990, 495.5 rounded.
  assert.deepEqual(fromRegion({ counts, bin_edges: edges }), { center: 496, width: 991 });
});

test("empty bins at either end are no values", () => {
  const histogram = { counts: [0, 5, 0, 5, 0], bin_edges: [0, 1, 2, 3, 4, 5] };
  assert.deepEqual(between(histogram, [0, 1], 1), { center: 3, width: 4 });
  assert.deepEqual(between({ counts: [0, 0], bin_edges: [0, 4, 9] }, [0.01, 0.99], 1), { center: 5, width: 10 });
});
