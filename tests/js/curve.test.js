import assert from "node:assert/strict";
import { test } from "node:test";

import {
  curveBounds,
  curveTable,
  curveText,
  fitted,
  greyOf,
  isCurve,
  rampCurve,
  roomiest,
  sameCurve,
  tidyCurve,
  withNewPoint,
  withoutPoint,
  withPoint,
} from "../../static/js/lib/curve.js";

const LUNG = [
  [-1000, 0],
  [-600, 128.5],
  [400, 255],
];

test("a curve goes straight from point to point", () => {
  // The same values and greys as in tests/imaging/test_curve.py.
  const wanted = { "-32768": 0, "-1000": 0, "-999": 0, "-998": 1, "-800": 64, "-601": 128, "-600": 129, "-100": 192, 399: 255, 400: 255, 32767: 255 };
  for (const [value, grey] of Object.entries(wanted)) assert.equal(greyOf(LUNG, Number(value)), grey, value);
  assert.equal(greyOf(LUNG, NaN), 0);
  assert.equal(greyOf([[0, 200], [10, 40]], -Infinity), 200);
  assert.equal(greyOf([[0, 200], [10, 40]], Infinity), 40);
});

test("the table holds the grey of every value", () => {
  const valley = [[-3.5, 255], [10, 0], [20.25, 255]];
  for (const curve of [LUNG, valley]) {
    const table = curveTable(curve);
    assert.equal(table.length, 65536);
    for (let value = -32768; value < 32768; value += 1) {
      if (table[value + 32768] !== greyOf(curve, value)) assert.fail(`${value}: ${table[value + 32768]}`);
    }
  }
  assert.deepEqual([...curveTable(valley, 3, 3)], [132, 113, 94]); // 255 × (10 − v) / 13.5
});

test("what comes from elsewhere is asked whether it is a curve", () => {
  assert.ok(isCurve(LUNG));
  for (const other of [
    null,
    "0:0,1:255",
    [[0, 0]],
    Array.from({ length: 33 }, (_unused, n) => [n, 0]),
    [[0, 0], [0, 255]],
    [[0, -1], [1, 255]],
    [[0, 0], [1, 255.5]],
    [[0, 0], [NaN, 255]],
    [[0, 0], ["1", 255]],
    [[0, 0], [2e9, 255]],
    [[0, 0, 0], [1, 255]],
  ]) {
    assert.ok(!isCurve(other), JSON.stringify(other));
  }
});

test("addresses and comparison", () => {
  assert.equal(curveText(LUNG), "-1000:0,-600:128.5,400:255");
  assert.ok(sameCurve(LUNG, LUNG.map((point) => [...point])));
  assert.ok(!sameCurve(LUNG, LUNG.slice(1)));
  assert.ok(!sameCurve(LUNG, undefined));
  assert.ok(sameCurve(undefined, undefined));
});

test("tidy rounds and keeps points apart", () => {
  assert.deepEqual(tidyCurve([[-0.2, -3], [0.4, 99.96], [0.3, 300]]), [[0, 0], [1, 100], [2, 255]]);
  assert.ok(Object.is(tidyCurve([[-0.2, 0], [5, 255]])[0][0], 0), "no minus zero");
  assert.deepEqual(tidyCurve([[0.014, 0], [0.016, 255]], 2), [[0.01, 0], [0.02, 255]]);
});

test("a ramp, moved and stretched as a whole", () => {
  assert.deepEqual(rampCurve([-160, 239]), [[-160, 0], [239, 255]]);
  assert.deepEqual(curveBounds(LUNG), [-1000, 400]);
  assert.deepEqual(fitted(LUNG, [-900, 500]), [[-900, 0], [-500, 128.5], [500, 255]]);
  assert.deepEqual(fitted(LUNG, [0, 700]), [[0, 0], [200, 128.5], [700, 255]]);
  assert.deepEqual(fitted(LUNG, [10, 10]).map(([, grey]) => grey), [0, 128.5, 255], "never lost, however narrow");
  assert.ok(isCurve(fitted(LUNG, [10, 10])));
});

test("a point stays between its neighbours and within the greys", () => {
  assert.deepEqual(withPoint(LUNG, 1, [-300, 90]), [[-1000, 0], [-300, 90], [400, 255]]);
  assert.deepEqual(withPoint(LUNG, 1, [-4000, -9]), [[-1000, 0], [-999, 0], [400, 255]]);
  assert.deepEqual(withPoint(LUNG, 1, [4000, 999]), [[-1000, 0], [399, 255], [400, 255]]);
  assert.deepEqual(withPoint(LUNG, 0, [-2e9, 0])[0], [-1e9, 0]);
  assert.deepEqual(withPoint([[0, 0], [1, 9], [2, 255]], 1, [5, 7])[1], [1, 7], "where there is no room it stays");
});

test("points come and go", () => {
  assert.deepEqual(withNewPoint(LUNG, [0, 200]), { curve: [[-1000, 0], [-600, 128.5], [0, 200], [400, 255]], place: 2 });
  assert.deepEqual(withNewPoint(LUNG, [900, 10]).place, 3);
  assert.equal(withNewPoint(LUNG, [-600.2, 10]), null, "one stands there");
  const full = Array.from({ length: 32 }, (_unused, n) => [n * 10, n]);
  assert.equal(withNewPoint(full, [5, 0]), null, "32 are the most");
  assert.deepEqual(withoutPoint(LUNG, 1), [[-1000, 0], [400, 255]]);
  assert.equal(withoutPoint(withoutPoint(LUNG, 1), 0), null, "two must stay");
  assert.deepEqual(roomiest(LUNG).curve[2], [-100, 191.8]);
});
