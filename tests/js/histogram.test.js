import assert from "node:assert/strict";
import { test } from "node:test";

import { highest, outline } from "../../static/js/lib/histogrampath.js";
import { around, HistogramScale, moved, reaching, wholeRange, zoomed } from "../../static/js/lib/histogramscale.js";
import { barGreys, barValues, greyAt, shapeOf } from "../../static/js/lib/windowshape.js";

// 200 and 7 to either side wide; black at 114 − 7, white at 7.
const SCALE = new HistogramScale({ width: 214, height: 114, range: [-1000, 1000] });

test("values go across and greys up", () => {
  assert.equal(SCALE.x(-1000), 7);
  assert.equal(SCALE.x(0), 107);
  assert.equal(SCALE.value(157), 500);
  assert.equal(SCALE.y(0), 107);
  assert.equal(SCALE.y(255), 7);
  assert.equal(SCALE.grey(57), 127.5);
  assert.equal(SCALE.grey(-400), 255);
  assert.equal(SCALE.grey(400), 0);
});

test("bright stays up where the picture is inverted", () => {
  const inverted = new HistogramScale({ width: 214, height: 114, range: [0, 1], inverted: true });
  assert.equal(inverted.y(0), 7);
  assert.equal(inverted.grey(7), 0);
  assert.equal(inverted.grey(107), 255);
});

test("a line goes on level beyond its ends", () => {
  assert.equal(SCALE.path([[-500, 0], [500, 255]]), "M0 107L57 107L157 7H214");
  assert.equal(SCALE.path([]), "");
});

test("the shown range is narrowed about the pointer and stays within the values", () => {
  assert.deepEqual(zoomed([0, 100], 2, 50, [0, 100]), [25, 75]);
  assert.deepEqual(zoomed([0, 100], 2, 0, [0, 100]), [0, 50]);
  assert.deepEqual(zoomed([25, 75], 0.25, 50, [0, 100]), [0, 100]);
  assert.deepEqual(zoomed([0, 100], 1000, 50, [0, 100]), [48.75, 51.25], "a fortieth at most");
  assert.deepEqual(moved([25, 75], 100, [0, 100]), [50, 100]);
  assert.deepEqual(moved([25, 75], -100, [0, 100]), [0, 50]);
  assert.deepEqual(around([40, 60], [0, 100]), [35, 65]);
  assert.deepEqual(wholeRange([0, 10, 20], [-5, 8]), [-5, 20]);
});

test("ends of the window that lie a little beyond are seen", () => {
  assert.deepEqual(reaching([0, 100], [-10, 112]), [-10, 112]);
  assert.deepEqual(reaching([0, 100], [-20, 50]), [0, 100]);
});

test("columns above the limit are cut off", () => {
  const histogram = { counts: [10, 100], bin_edges: [0, 1, 2] };
  assert.equal(highest(histogram, [0, 2], 2), 100);
  const box = { width: 2, height: 100, logarithmic: false };
  assert.equal(outline(histogram, [0, 2], { ...box, limit: 50 }), "M0 100L0.5 80.0L1.5 0.0L2 100Z");
  assert.equal(outline(histogram, [0, 2], { ...box, limit: 100 }), "M0 100L0.5 90.0L1.5 0.0L2 100Z");
  // log 11 / log 101 = 0.5196
  assert.equal(outline(histogram, [0, 2], { ...box, logarithmic: true, limit: 100 }), "M0 100L0.5 48.0L1.5 0.0L2 100Z");
});

test("greys of windows by value", () => {
  assert.equal(greyAt({ center: 128, width: 256 }, 0), 0);
  assert.equal(greyAt({ center: 128, width: 256 }, 51), 51);
  assert.equal(greyAt({ center: 100, width: 50, function: "sigmoid" }, 100), 127.5);
  assert.equal(greyAt({ center: 5, width: 9, lut: 0 }, 5), null);
  const curve = [[0, 100], [10, 0], [20, 255]];
  assert.equal(greyAt({ center: 10, width: 20, curve }, 5), 50);
  assert.equal(greyAt({ center: 10, width: 20, curve }, 20), 255);
  assert.equal(greyAt({ center: 10, width: 20, curve }, -3), 100);
  assert.deepEqual(shapeOf({ center: 40, width: 400 }), [[-160, 0], [239, 255]]);
  assert.equal(shapeOf({ center: 40, width: 400, function: "sigmoid" }).length, 33);
  assert.deepEqual(shapeOf({ center: 40, width: 400, lut: 1 }), []);
});

test("a colour bar goes from black's value to white's", () => {
  assert.deepEqual(barGreys({ center: 128, width: 256 }, false, 3), [0, 128, 255]);
  assert.deepEqual(barGreys({ center: 128, width: 256 }, true, 3), [255, 127, 0]);
  assert.deepEqual(barGreys({ center: 10, width: 20, curve: [[0, 255], [10, 0], [20, 255]] }, false, 3), [255, 0, 255]);
  assert.deepEqual(barGreys({ center: 5, width: 9, lut: 0 }, false, 2), [0, 255]);
  assert.deepEqual(barValues({ center: 40, width: 400 }), [-160, 39.5, 239]);
});
