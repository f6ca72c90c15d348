import assert from "node:assert/strict";
import { test } from "node:test";

import { fractionOf, greyOf, stepsOf } from "../../static/js/lib/explain.js";
import { betweenAt, doubtsAt, tissuesAt } from "../../static/js/lib/tissues.js";

const SOFT = { center: 40, width: 400 };
const WATER = { stored: 1040, value: 16, unit: "HU", slope: 1, intercept: -1024, reason: null, suv: null };
const kinds = (steps) => steps.map(({ kind }) => kind);

test("greys of the standard's example: LINEAR of centre 40, width 400", () => {
  // (16 − 39.5) / 399 + 0.5 = 0.441103; × 255 = 112.48
  assert.equal(greyOf(SOFT, 16), 112);
  assert.equal(greyOf(SOFT, -160), 0);
  assert.equal(greyOf(SOFT, 239), 255);
  assert.equal(greyOf(SOFT, 1000), 255);
  assert.equal(greyOf(SOFT, Number.NaN), 0);
});

test("halves round up, as on the server", () => {
  // LINEAR_EXACT of centre 0 and width 510: grey = value / 2 + 127.5
  assert.equal(greyOf({ center: 0, width: 510, function: "exact" }, 0), 128);
  assert.equal(greyOf({ center: 0, width: 510, function: "exact" }, -2), 127);
});

test("sigmoid, a threshold, a curve, a table", () => {
  assert.equal(greyOf({ center: 0, width: 100, function: "sigmoid" }, 0), 128);
  // 255 / (1 + e^-4) = 250.41
  assert.equal(greyOf({ center: 0, width: 100, function: "sigmoid" }, 100), 250);
  assert.equal(greyOf({ center: 10, width: 1 }, 9.5), 0);
  assert.equal(greyOf({ center: 10, width: 1 }, 9.6), 255);
  assert.equal(greyOf({ ...SOFT, curve: [[0, 0], [100, 200]] }, 25), 50);
  assert.equal(greyOf({ ...SOFT, lut: 0 }, 25), null);
  assert.equal(fractionOf(SOFT, 39.5), 0.5);
});

test("the chain of a CT", () => {
  const steps = stepsOf(WATER, { window: SOFT });
  assert.deepEqual(kinds(steps), ["stored", "line", "window", "grey"]);
  assert.equal(steps[0].value, 1040);
  assert.deepEqual([steps[1].slope, steps[1].intercept, steps[1].value], [1, -1024, 16]);
  assert.equal(steps[2].fraction.toFixed(4), "0.4411");
  assert.equal(steps[3].grey, 112);
});

test("inversion and colours come after the grey", () => {
  const steps = stepsOf(WATER, { window: SOFT, inverted: true, colormap: "hot" });
  assert.deepEqual(steps.slice(3), [
    { kind: "grey", grey: 143, from: 112 },
    { kind: "colour", grey: 143, colormap: "hot" },
  ]);
});

test("beyond the window it is cut off", () => {
  assert.equal(stepsOf({ ...WATER, value: 1000 }, { window: SOFT })[2].end, 1);
  assert.equal(stepsOf({ ...WATER, value: -1000 }, { window: SOFT })[2].end, -1);
});

test("SUV by way of activity", () => {
  // 3 Bq/ml a step and SUV 0.0004 of 1 Bq/ml: 111 stored are 333 Bq/ml and SUV 0.1332.
  const suv = { factor: 0.0004, weight_kg: 70, dose_bq: 350e6, half_life_s: 6588, uptake_s: 6588 };
  const answer = { stored: 111, value: 0.1332, unit: "SUVbw", slope: 0.0012, intercept: 0, reason: null, suv };
  const steps = stepsOf(answer, { window: { center: 2.5, width: 5, function: "exact" } });
  assert.deepEqual(kinds(steps), ["stored", "line", "suv", "window", "grey"]);
  assert.equal(steps[1].slope.toFixed(6), "3.000000");
  assert.equal(steps[1].value.toFixed(6), "333.000000");
  assert.equal(steps[2].value, 0.1332);
});

test("what was not stored is not made up", () => {
  const bare = { stored: null, slope: null, intercept: null, suv: null };
  const resampled = stepsOf({ ...WATER, ...bare, reason: "resampled" }, { window: SOFT });
  assert.deepEqual(kinds(resampled), ["stored", "value", "window", "grey"]);
  assert.equal(resampled[0].reason, "resampled");
  assert.deepEqual(kinds(stepsOf({ ...WATER, ...bare, reason: "table" }, { window: SOFT }))[1], "table");
  assert.deepEqual(kinds(stepsOf({ ...WATER, value: null }, { window: SOFT })), ["none"]);
  assert.deepEqual(stepsOf({ ...WATER, value: [1, 2, 3], reason: "colour" }, { window: SOFT }), [
    { kind: "samples", values: [1, 2, 3] },
  ]);
  assert.deepEqual(kinds(stepsOf(WATER, { window: { ...SOFT, lut: 0 } })), ["stored", "line", "lut"]);
});

test("typical tissues", () => {
  const names = (hu) => tissuesAt(hu).map(({ name }) => name);
  assert.deepEqual(names(-1000), ["air"]);
  assert.deepEqual(names(-800), ["lung"]);
  assert.deepEqual(names(-100), ["fat"]);
  assert.deepEqual(names(1), ["water", "csf"]);
  assert.equal(names(60).includes("clot"), true);
  assert.deepEqual(names(1200), ["cortical_bone"]);
  assert.deepEqual(names(9000), ["metal"]);
  assert.deepEqual(names(-300), []);
});

test("between two tissues lies a mixture", () => {
  assert.deepEqual(betweenAt(-300).map(({ name }) => name), ["lung", "fat"]);
  assert.equal(betweenAt(40), null);
  assert.equal(betweenAt(-2000), null);
});

test("why a value may mislead", () => {
  assert.deepEqual(doubtsAt(16, { thickness_mm: 3 }), ["partial_mm", "noise"]);
  assert.deepEqual(doubtsAt(300), ["contrast", "partial"]);
  assert.deepEqual(doubtsAt(300, { isContrast: false }), ["partial"]);
  assert.deepEqual(doubtsAt(3071), ["cut_off", "metal"]);
  assert.deepEqual(doubtsAt(-2000), ["below_air"]);
});
