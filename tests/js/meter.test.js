import assert from "node:assert/strict";
import { test } from "node:test";

import { Meter } from "../../static/js/lib/meter.js";

test("the rest is estimated from the last seconds", () => {
  const meter = new Meter();
  assert.equal(meter.secondsFor(100), null);
  for (let second = 0; second <= 20; second += 1) meter.add(second < 10 ? second : 10 + (second - 10) * 50, second * 1000);
  assert.equal(meter.rate, 50);
  assert.equal(meter.secondsFor(500), 10);
});

test("bytes sent again start the measure anew", () => {
  const meter = new Meter();
  meter.add(0, 0);
  meter.add(1000, 2000);
  meter.add(500, 3000);
  assert.equal(meter.secondsFor(100), null);
});
