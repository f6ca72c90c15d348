import assert from "node:assert/strict";
import { test } from "node:test";

import { newId } from "../../static/js/http/curves.js";
import { named, usable, withCurve, withoutCurve, withPoints } from "../../static/js/lib/savedcurves.js";

const POINTS = [[-1000, 0], [400, 255]];
const CURVES = [
  { id: "b", name: "Lung, fine", unit: "HU", points: POINTS },
  { id: "a", name: "Bone", unit: "HU", points: [[0, 0], [900, 255]] },
  { id: "c", name: "Uptake", unit: "SUVbw", points: [[0, 0], [9, 255]] },
  { id: "d", name: "Broken", unit: "HU", points: [[0, 0]] },
];

test("curves of the unit are offered, by name", () => {
  assert.deepEqual(usable(CURVES, "HU").map(({ id }) => id), ["a", "b"]);
  assert.deepEqual(usable(undefined, "HU"), []);
});

test("a curve is found by its points and by its name", () => {
  assert.equal(withPoints(CURVES, [[-1000, 0], [400, 255]]).id, "b");
  assert.equal(withPoints(CURVES, [[-1000, 0], [401, 255]]), null);
  assert.equal(withPoints(CURVES, undefined), null);
  assert.equal(named(CURVES, " lung, FINE ").id, "b");
  assert.equal(named(CURVES, "Lung"), null);
});

test("saving replaces, deleting removes, and the old list stays as it was", () => {
  const changed = withCurve(CURVES, { ...CURVES[0], name: "Lung" });
  assert.deepEqual(changed.map(({ name }) => name), ["Bone", "Uptake", "Broken", "Lung"]);
  assert.deepEqual(withoutCurve(CURVES, "a").map(({ id }) => id), ["b", "c", "d"]);
  assert.equal(CURVES.length, 4);
});

test("new curves get ids of version 4", () => {
  const ids = Array.from({ length: 50 }, newId);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(ids).size, 50);
});
