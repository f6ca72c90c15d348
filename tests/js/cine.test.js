import assert from "node:assert/strict";
import test from "node:test";

import { filmAt, fpsOf, readFps, stepOf } from "../../static/js/lib/cine.js";

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

test("a film to and fro turns at its ends, and says which way it runs", () => {
  // Four places: 0 1 2 3 2 1 0 …
  const start = { from: 1, sense: 1 };
  const places = [0, 1, 2, 3, 4, 5, 6].map((steps) => filmAt(start, steps * 100, 100, 4, true).place);
  assert.deepEqual(places, [1, 2, 3, 2, 1, 0, 1]);
  assert.deepEqual(filmAt(start, 300, 100, 4, true), { place: 2, sense: -1 });
  assert.deepEqual(filmAt({ from: 2, sense: -1 }, 300, 100, 4, true), { place: 1, sense: 1 });
  assert.deepEqual(filmAt(start, 300, 100, 1, true), { place: 0, sense: 1 });
});

test("frames a second are from 1 to 60", () => {
  assert.equal(readFps("12,5"), 12.5);
  assert.deepEqual(["0", "61", "", "ten"].map(readFps), [null, null, null, null]);
  assert.deepEqual([fpsOf(33.3), fpsOf(100), fpsOf(5), fpsOf(4000)], [30, 10, 60, 1]);
});
