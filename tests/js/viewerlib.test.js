import assert from "node:assert/strict";
import { test } from "node:test";

import { axisTicks, outline, shownRange } from "../../static/js/lib/histogrampath.js";
import { coordinate, coordinates, location } from "../../static/js/lib/letters.js";
import { Lru } from "../../static/js/lib/lru.js";
import { decimal, digitsFor, digitsOf, parse, plain } from "../../static/js/lib/numbers.js";
import { pinch } from "../../static/js/lib/pinch.js";
import { scaleBar, scaleBarPath } from "../../static/js/lib/scalebar.js";
import { WheelSteps, wheelPixels, wheelZoom } from "../../static/js/lib/wheel.js";

test("coordinates take the letter of their side", () => {
  assert.deepEqual(coordinates([82.52, -204.7, -456.5]), ["L 82.5", "A 204.7", "F 456.5"]);
  assert.deepEqual(coordinates([-0.04, 0, 1234.56]), ["L 0.0", "P 0.0", "H 1,234.6"]);
  assert.equal(coordinate(0, -12.25), "R 12.3");
});

test("a plane's location is along its own normal", () => {
  assert.equal(location("axial", [1, 2, -3]), "F 3.0");
  assert.equal(location("coronal", [1, -2, -3]), "A 2.0");
  assert.equal(location("sagittal", [1, 2, -3]), "L 1.0");
  const sagittalImage = [[0, 0, 0, -7], [1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]];
  assert.equal(location("stack", [-7, 5, 5], sagittalImage), "R 7.0");
});

test("numbers are written with a real minus sign and read with either", () => {
  assert.equal(plain(-600), "\u2212600");
  assert.equal(plain(2.503), "2.5");
  assert.equal(plain(0.0012345), "0.00123", "a diffusion coefficient in mm²/s is not 0");
  assert.equal(plain(-0.0004), "\u22120.0004");
  assert.equal(plain(1e-14), "0");
  assert.equal(decimal(-0.04, 1), "0.0");
  assert.equal(decimal(1234567.891, 2), "1,234,567.89");
  assert.equal(parse(" \u2212600 "), -600);
  assert.equal(parse("-1,024"), -1024);
  assert.equal(parse("2,5"), 2.5);
  assert.ok(Number.isNaN(parse("wide")));
  assert.ok(Number.isNaN(parse("")));
  assert.ok(Number.isNaN(parse("1e9")));
});

test("decimals suit the range", () => {
  assert.deepEqual([4095, 20, 3].map(digitsFor), [0, 1, 2]);
});

test("the scale bar is the longest round length that fits", () => {
  assert.deepEqual(scaleBar(1.3, 100), { mm: 50, width: 65, divisions: 5, label: "5 cm" });
  assert.deepEqual(scaleBar(13, 100), { mm: 5, width: 65, divisions: 5, label: "5 mm" });
  assert.deepEqual(scaleBar(4, 100), { mm: 20, width: 80, divisions: 4, label: "2 cm" });
  assert.equal(scaleBarPath({ width: 10, divisions: 2 }, 5, 20), "M5 20h10M5 20v-6M10 20v-3.5M15 20v-6");
});

test("a notch of the wheel is one slice, a touchpad sums up", () => {
  const wheel = new WheelSteps();
  assert.equal(wheel.add({ deltaY: 100, deltaMode: 0 }), 1);
  assert.equal(wheel.add({ deltaY: -120, deltaMode: 0 }), -1);
  assert.equal(wheel.add({ deltaY: 3, deltaMode: 1 }), 1);
  assert.deepEqual([10, 10, 10].map((deltaY) => wheel.add({ deltaY, deltaMode: 0 })), [0, 0, 1]);
  assert.equal(wheel.add({ deltaY: -20, deltaMode: 0 }), 0, "turning round starts anew");
  assert.equal(wheelPixels({ deltaY: 1, deltaMode: 2 }), 400);
});

test("Ctrl and the wheel: up is nearer, and back again", () => {
  const nearer = wheelZoom({ deltaY: -100, deltaMode: 0 });
  assert.ok(Math.abs(nearer - Math.exp(0.25)) < 1e-12);
  assert.ok(Math.abs(nearer * wheelZoom({ deltaY: 100, deltaMode: 0 }) - 1) < 1e-12);
});

test("two fingers twice as far apart are twice as near", () => {
  const done = pinch([[0, 0], [100, 0]], [[-40, 10], [160, 10]]);
  assert.deepEqual(done, { factor: 2, byX: 10, byY: 10, at: [60, 10] });
});

test("what was not used for longest goes, and is told", () => {
  const dropped = [];
  const kept = new Lru(3, (value) => dropped.push(value));
  kept.set("a", "A");
  kept.set("b", "B");
  kept.set("c", "C");
  kept.get("a");
  kept.set("d", "D");
  assert.deepEqual(dropped, ["B"]);
  assert.ok(kept.has("a"));
  kept.set("big", "BIG", 10);
  assert.equal(kept.size, 1);
  assert.equal(kept.get("big"), "BIG");
});

test("a histogram's outline reaches its box", () => {
  const histogram = { counts: [1, 3], bin_edges: [0, 10, 20] };
  const d = outline(histogram, [0, 20], { width: 2, height: 8, logarithmic: false });
  assert.equal(d, "M0 8L0.5 4.0L1.5 0.0L2 8Z");
});

test("bins that straddle two columns are shared between them", () => {
  const even = { counts: [30, 30], bin_edges: [0, 15, 30] };
  const d = outline(even, [0, 30], { width: 3, height: 8, logarithmic: false });
  assert.equal(d, "M0 8L0.5 0.0L1.5 0.0L2.5 0.0L3 8Z");
});

test("the axis has round numbers", () => {
  assert.deepEqual(axisTicks([-1024, 800], 6), [-1000, -500, 0, 500]);
});

test("a few stray values do not stretch the histogram", () => {
  const counts = [1, 0, 400000, 300000, 0, 1];
  assert.deepEqual(shownRange({ counts, bin_edges: [0, 1, 2, 3, 4, 5, 6] }), [2, 4]);
});

test("SUV is told to two decimals, other values as their range asks", () => {
  assert.equal(digitsOf({ unit: "SUVbw", value_range: [0, 66.5] }), 2);
  assert.equal(digitsOf({ unit: "HU", value_range: [-1024, 3071] }), 0);
  assert.equal(digitsOf({ unit: null, value_range: [0, 6] }), 1);
});
