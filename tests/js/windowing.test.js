import assert from "node:assert/strict";
import { test } from "node:test";

import { automatic, bounds, dragged, sameWindow, tidy, windowOf } from "../../static/js/lib/windowing.js";

test("right widens, down raises the level, in proportion to the width", () => {
  assert.deepEqual(dragged({ center: 40, width: 400 }, 50, 20), { center: 80, width: 500 });
  assert.deepEqual(dragged({ center: -600, width: 1500 }, -100, -10), { center: -675, width: 750 });
});

test("the width never falls below one", () => {
  assert.deepEqual(dragged({ center: 40, width: 400 }, -5000, 0), { center: 40, width: 1 });
  assert.equal(dragged({ center: 40, width: 1 }, 20, 0).width, 11, "and comes back from there");
});

test("small values are windowed in fractions", () => {
  assert.deepEqual(dragged({ center: 2.5, width: 5 }, 20, 4, 2), { center: 2.6, width: 5.5 });
});

test("the bounds are those of PS3.3 C.11.2.1.2.1", () => {
  assert.deepEqual(bounds({ center: 40, width: 400 }), [-160, 239]);
  assert.deepEqual(bounds({ center: 2048, width: 4096 }), [0, 4095]);
  assert.deepEqual(windowOf(0, 4095), { center: 2048, width: 4096 });
});

test("no minus zero reaches a field", () => {
  assert.ok(Object.is(tidy({ center: -0.2, width: 3 }).center, 0));
});

test("automatic leaves out the lowest bin and one hundredth at either end", () => {
  const counts = new Array(102).fill(10);
  counts[0] = 5000; // padding
  const edges = Array.from({ length: 103 }, (_unused, n) => -1000 + n * 10);
  assert.deepEqual(automatic({ counts, bin_edges: edges }), { center: -485, width: 991 });
});

test("automatic of one single value", () => {
  assert.equal(automatic({ counts: [7], bin_edges: [5, 6] }).width >= 1, true);
});

test("the same numbers are the same window", () => {
  assert.ok(sameWindow({ center: 40, width: 400 }, { center: 40, width: 400, label: "Soft tissue" }));
  assert.ok(!sameWindow({ center: 40, width: 400 }, { center: 50, width: 400 }));
});
