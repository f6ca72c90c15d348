import assert from "node:assert/strict";
import { test } from "node:test";

import {
  bounds,
  dragged,
  isTurned,
  plainWindow,
  sameWindow,
  tidy,
  windowOf,
  windowOn,
  windowQuery,
  withNumbers,
} from "../../static/js/lib/windowing.js";

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

test("the bounds of the other functions lie half a width to either side", () => {
  // As on the server: 0 and 255 of centre 127.5 and width 255 are black and white, 9.75 and 10.25 of 10 and 0.5.
  assert.deepEqual(bounds({ center: 127.5, width: 255, function: "exact" }), [0, 255]);
  assert.deepEqual(bounds({ center: 10, width: 0.5, function: "exact" }), [9.75, 10.25]);
  assert.deepEqual(bounds({ center: 100, width: 50, function: "sigmoid" }), [75, 125]);
});

test("a window keeps its function when it is dragged, and leaves its table", () => {
  const exact = { center: 2.5, width: 5, function: "exact" };
  assert.deepEqual(dragged(exact, 20, 4, 2), { center: 2.6, width: 5.5, function: "exact" });
  assert.deepEqual(dragged(exact, -5000, 0, 2), { center: 2.5, width: 0.01, function: "exact" });
  assert.deepEqual(dragged({ center: 128.5, width: 256, lut: 0 }, 0, 50), { center: 193, width: 256 });
});

test("a preset with a table or a function is another window", () => {
  const preset = { label: "MAMMO", numbers: "LUT", is_stored: true, center: 128.5, width: 256, lut: 0 };
  assert.deepEqual(tidy(preset, 2), { center: 128.5, width: 256, lut: 0 });
  assert.deepEqual(plainWindow(preset), { center: 128.5, width: 256, lut: 0 });
  assert.ok(sameWindow(preset, { center: 128.5, width: 256, lut: 0 }));
  assert.ok(!sameWindow(preset, { center: 128.5, width: 256 }));
  assert.ok(!sameWindow({ center: 1, width: 2, function: "exact" }, { center: 1, width: 2 }));
});

test("an address names the function or the table", () => {
  assert.deepEqual(windowQuery({ center: 40, width: 400 }), { ww: 400, wc: 40 });
  assert.deepEqual(windowQuery({ center: 2.5, width: 5, function: "exact" }), { ww: 5, wc: 2.5, fn: "exact" });
  assert.deepEqual(windowQuery({ center: 128.5, width: 256, lut: 0 }), { lut: 0 });
});

test("no minus zero reaches a field", () => {
  assert.ok(Object.is(tidy({ center: -0.2, width: 3 }).center, 0));
});

test("the same numbers are the same window", () => {
  assert.ok(sameWindow({ center: 40, width: 400 }, { center: 40, width: 400, label: "Soft tissue" }));
  assert.ok(!sameWindow({ center: 40, width: 400 }, { center: 50, width: 400 }));
});

test("each image's own window asks for nothing, and a drag makes one for all of it", () => {
  const own = { center: 40, width: 400, own: true };
  assert.deepEqual(windowQuery(own), {});
  assert.deepEqual(plainWindow({ ...own, label: "Each image\u2019s own" }), own);
  assert.ok(sameWindow(own, { center: 7, width: 9, own: true }), "whatever the numbers of the image that is shown");
  assert.ok(!sameWindow(own, { center: 40, width: 400 }));
  assert.deepEqual(dragged(own, 50, 20), { center: 80, width: 500 });
});

const BENT = { center: -300, width: 1400, curve: [[-1000, 0], [-600, 128.5], [400, 255]] };

test("a curve is the window: its numbers follow from it", () => {
  assert.deepEqual(tidy({ center: 7, width: 9, function: "exact", curve: BENT.curve }), BENT);
  assert.deepEqual(plainWindow({ ...BENT, label: "Fine lung" }), BENT);
  assert.deepEqual(tidy({ center: 0.125, width: 0.25, curve: [[0, 0], [0.25, 255]] }, 2).center, 0.125);
  assert.deepEqual(bounds(BENT), [-1000, 400]);
  assert.deepEqual(windowQuery(BENT), { curve: "-1000:0,-600:128.5,400:255" });
});

test("what is no curve is left out", () => {
  assert.deepEqual(tidy({ center: 40, width: 400, curve: [[0, 0]] }), { center: 40, width: 400 });
  assert.deepEqual(plainWindow({ center: 40, width: 400, curve: "x" }), { center: 40, width: 400 });
});

test("a drag moves and stretches a curve, and never throws it away", () => {
  // A step is 1400 / 200 = 7: the level rises by 70; the width grows by half, to 2100.
  assert.deepEqual(dragged(BENT, 0, 10).curve, [[-930, 0], [-530, 128.5], [470, 255]]);
  assert.deepEqual(dragged(BENT, 100, 0).curve, [[-1350, 0], [-750, 128.5], [750, 255]]);
  assert.deepEqual(dragged(BENT, -5000, 0).curve.map(([, grey]) => grey), [0, 128.5, 255]);
  assert.deepEqual(withNumbers(BENT, { center: 0, width: 700 }).curve, [[-350, 0], [-150, 128.5], [350, 255]]);
  assert.deepEqual(withNumbers({ center: 1, width: 2, lut: 0 }, { center: 40, width: 400 }), { center: 40, width: 400 });
});

test("curves are the same by their points", () => {
  assert.ok(sameWindow(BENT, { center: 1, width: 2, curve: BENT.curve.map((point) => [...point]) }));
  assert.ok(!sameWindow(BENT, { center: -300, width: 1400 }));
  assert.ok(!sameWindow(BENT, { ...BENT, curve: [[-1000, 0], [400, 255]] }));
});

test("where each image has its own window, a pane tells that of the image on it", () => {
  const chosen = { center: 50, width: 100, own: true };
  assert.deepEqual(windowOn({ window: { center: 5, width: 10 } }, chosen), { center: 5, width: 10, own: true });
  assert.equal(windowOn({ has_lut: true, window: null }, chosen).lut, 0);
  const byHand = { center: 40, width: 400 };
  assert.equal(windowOn({ window: { center: 5, width: 10 } }, byHand), byHand);
});

test("MONOCHROME1 shows low values bright until the reader turns it", () => {
  assert.equal(isTurned({ low_is_bright: true }, false), true);
  assert.equal(isTurned({ low_is_bright: true }, true), false);
  assert.equal(isTurned({}, true), true);
});

test("a window of thousandths is dragged in its own proportion", () => {
  // From 0 to 0.002, as of diffusion coefficients in mm²/s: 100 pixels are half as much again.
  assert.deepEqual(dragged({ center: 0.501, width: 1.002 }, 100, 0, 5), { center: 0.501, width: 1.003 });
});
