import assert from "node:assert/strict";
import test from "node:test";

import { stepOf } from "../../static/js/lib/cine.js";

test("a film of 30 frames of 33 ms each", () => {
  assert.equal(stepOf(0, 0, 33, 30), 0);
  assert.equal(stepOf(0, 32.9, 33, 30), 0);
  assert.equal(stepOf(0, 33, 33, 30), 1);
  assert.equal(stepOf(28, 70, 33, 30), 0); // two steps on from the last but one
});

test("a frame time of nothing does not freeze the page", () => {
  assert.equal(stepOf(0, 100, 0, 50), 10);
});

test("a clock that runs backwards stays where it is", () => {
  assert.equal(stepOf(4, -5, 33, 30), 4);
});
