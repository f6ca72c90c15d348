import assert from "node:assert/strict";
import { test } from "node:test";

import { boxAround, canvasOf, fileName, filmSize, framesBetween } from "../../static/js/lib/snapshot.js";

test("the box around panes", () => {
  const boxes = [
    { left: 48, top: 44, width: 500, height: 400 },
    { left: 549, top: 44, width: 500, height: 400 },
    { left: 48, top: 445, width: 500, height: 300 },
  ];
  assert.deepEqual(boxAround(boxes), { left: 48, top: 44, width: 1001, height: 701 });
});

test("the canvas has the screen's pixels and a strip", () => {
  assert.deepEqual(canvasOf({ width: 500.5, height: 400 }, 2), { width: 1001, height: 844 });
});

test("names of files hold nothing odd", () => {
  assert.equal(fileName(["CT", "axial", 76], "png"), "triplano-ct-axial-76.png");
  assert.equal(fileName(["TC de tórax", null, "", "../x"], "gif"), "triplano-tc-de-torax-x.gif");
});

test("films run both ways", () => {
  assert.deepEqual(framesBetween(2, 5), [2, 3, 4, 5]);
  assert.deepEqual(framesBetween(5, 3), [5, 4, 3]);
  assert.deepEqual(filmSize({ width: 511, height: 301 }, 511), { width: 512, height: 302 });
});
