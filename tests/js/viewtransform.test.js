import assert from "node:assert/strict";
import { test } from "node:test";

import { positionOf, voxelAt } from "../../static/js/lib/planes.js";
import {
  FITTED,
  MAX_ZOOM,
  MIN_ZOOM,
  edgeLetters,
  flipped,
  nearestPixel,
  oneToOne,
  pan,
  pixelAt,
  place,
  toImage,
  toScreen,
  turned,
  zoomAt,
} from "../../static/js/lib/viewtransform.js";

// 100 × 50 pixels of 1 × 2 mm: 100 × 100 mm. On a pane of 200 × 200 it fits at 2 CSS pixels a mm.
const IMAGE = { width: 100, height: 50, spacing_x_mm: 1, spacing_y_mm: 2 };
const PANE = { width: 200, height: 200 };
const at = (zoom) => place(IMAGE, PANE, { zoom, dx: 0, dy: 0 });
const close = (found, wanted) =>
  found.forEach((value, n) => assert.ok(Math.abs(value - wanted[n]) < 1e-9, `${found} is not ${wanted}`));

test("the whole image fits, at its physical proportions", () => {
  const placed = at(1);
  assert.deepEqual(placed.matrix.slice(0, 4), [2, 0, 0, 4]);
  assert.deepEqual(toScreen(placed, [-0.5, -0.5]), [0, 0]);
  assert.deepEqual(toScreen(placed, [99.5, 49.5]), [200, 200]);
});

test("a wide pane leaves equal margins left and right", () => {
  const placed = place(IMAGE, { width: 300, height: 200 }, FITTED);
  assert.deepEqual(toScreen(placed, [-0.5, -0.5]), [50, 0]);
  assert.equal(pixelAt(placed, IMAGE, [49.9, 100]), null);
  assert.deepEqual(pixelAt(placed, IMAGE, [50.1, 0.1]), [0, 0]);
  assert.deepEqual(nearestPixel(placed, IMAGE, [10, 300]), [0, 49]);
});

// The centre of device pixel p lies at (p + 0.5) / ratio CSS pixels. Worked out by hand: with zoom z a pixel
// of the image is 2z × 4z CSS pixels, and x = 49.5, y = 24.5 lies at (100, 100).
const LITERALS = [
  // zoom, ratio, device pixel, image pixel
  [0.5, 1, [50, 50], [0, 0]],
  [0.5, 1, [149, 149], [99, 49]],
  [0.5, 1, [51, 52], [1, 1]],
  [0.5, 2, [100, 100], [0, 0]],
  [0.5, 2, [299, 299], [99, 49]],
  [0.5, 3, [301, 303], [50, 25]],
  [0.5, 3, [299, 296], [49, 24]],
  [1, 1, [0, 0], [0, 0]],
  [1, 1, [1, 3], [0, 0]],
  [1, 1, [2, 4], [1, 1]],
  [1, 1, [199, 199], [99, 49]],
  [1, 2, [3, 7], [0, 0]],
  [1, 2, [4, 8], [1, 1]],
  [1, 3, [5, 11], [0, 0]],
  [1, 3, [6, 12], [1, 1]],
  [1, 3, [599, 599], [99, 49]],
  [2.6, 1, [0, 0], [30, 15]],
  [2.6, 1, [100, 100], [50, 25]],
  [2.6, 1, [99, 99], [49, 24]],
  [2.6, 1, [105, 110], [51, 26]],
  [2.6, 2, [210, 220], [51, 25]],
  [2.6, 2, [211, 221], [51, 26]],
  [2.6, 3, [315, 330], [50, 25]],
  [2.6, 3, [316, 331], [51, 26]],
  [10, 1, [0, 0], [45, 22]],
  [10, 1, [199, 199], [54, 27]],
  [10, 1, [120, 140], [51, 26]],
  [10, 2, [239, 279], [50, 25]],
  [10, 2, [240, 280], [51, 26]],
  [10, 3, [299, 299], [49, 24]],
  [10, 3, [300, 300], [50, 25]],
  [10, 3, [359, 419], [50, 25]],
  [10, 3, [360, 420], [51, 26]],
];

test("a device pixel's centre is over the voxel that is drawn there", () => {
  for (const [zoom, ratio, [px, py], pixel] of LITERALS) {
    const found = pixelAt(at(zoom), IMAGE, [(px + 0.5) / ratio, (py + 0.5) / ratio]);
    assert.deepEqual(found, pixel, `zoom ${zoom}, ratio ${ratio}, device pixel ${px}, ${py}`);
  }
});

test("from a device pixel through the voxel to LPS", () => {
  // A coronal plane, head above: x = i, y = 49 − k, slice = j; 1 × 3 × 2 mm, tilted by 30° about L.
  const coronal = { axes_ijk: [0, 2, 1], to_ijk: [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 49]] };
  const affine = [
    [1, 0, 0, -50],
    [0, 2.598076211353316, -1, 10],
    [0, 1.5, 1.7320508075688772, -200],
    [0, 0, 0, 1],
  ];
  const pixel = pixelAt(at(10), IMAGE, [360.5 / 3, 420.5 / 3]);
  const voxel = voxelAt(coronal, pixel, 20);
  assert.deepEqual(voxel, [51, 20, 23]);
  close(positionOf(affine, voxel), [1, 38.96152422706632, -130.16283142591583]);
  assert.equal(positionOf(null, voxel), null);
});

test("zooming keeps the point under the cursor, at every step", () => {
  let view = FITTED;
  const cursor = [151.3, 42.7];
  const before = toImage(place(IMAGE, PANE, view), cursor);
  for (const factor of [1.3, 2, 0.7, 1.9, 1.1]) {
    view = zoomAt(view, IMAGE, PANE, factor, cursor);
    close(toImage(place(IMAGE, PANE, view), cursor), before);
  }
});

test("zoom ends at forty times and at a quarter", () => {
  assert.equal(MAX_ZOOM, 40);
  assert.equal(zoomAt(FITTED, IMAGE, PANE, 1000, [100, 100]).zoom, MAX_ZOOM);
  assert.equal(zoomAt(FITTED, IMAGE, PANE, 0.001, [100, 100]).zoom, MIN_ZOOM);
});

test("panning moves the image with the hand", () => {
  const view = pan({ zoom: 2, dx: 0, dy: 0 }, IMAGE, PANE, 40, -20);
  assert.deepEqual(view, { zoom: 2, dx: -10, dy: 5 });
  close(toScreen(place(IMAGE, PANE, view), [49.5, 24.5]), [140, 80]);
});

test("the image cannot be pushed out of sight", () => {
  const view = pan(FITTED, IMAGE, PANE, 100000, -100000);
  assert.deepEqual([view.dx, view.dy], [-50, 50]);
});

test("a quarter turn clockwise: what was left is on top", () => {
  const view = turned(FITTED, 90);
  const placed = place(IMAGE, PANE, view);
  // 100 × 100 mm on 200 × 200: image right goes down, image down goes left.
  assert.deepEqual(placed.matrix, [0, 2, -4, 0, 198, 1]);
  assert.deepEqual(toScreen(placed, [0, 0]), [198, 1]);
  close(toImage(placed, [198, 1]), [0, 0]);
  assert.deepEqual(toScreen(placed, [99, 49]), [2, 199]);
  const letters = { left: "R", right: "L", top: "A", bottom: "P" };
  assert.deepEqual(edgeLetters(letters, view), { top: "R", right: "A", bottom: "L", left: "P" });
});

test("a tall image that is turned fits by its other side", () => {
  // 10 × 40 mm: upright 200 / 40 = 5 CSS pixels a mm, lying 300 / 40 = 7.5.
  const tall = { width: 10, height: 40, spacing_x_mm: 1, spacing_y_mm: 1 };
  const pane = { width: 300, height: 200 };
  assert.equal(place(tall, pane, FITTED).scale, 5);
  assert.equal(place(tall, pane, turned(FITTED, -90)).scale, 7.5);
});

test("a mirror swaps the sides and nothing else, also on a turned picture", () => {
  const letters = { left: "R", right: "L", top: "A", bottom: "P" };
  assert.deepEqual(edgeLetters(letters, flipped(FITTED, "h")), { top: "A", right: "R", bottom: "P", left: "L" });
  assert.deepEqual(edgeLetters(letters, flipped(FITTED, "v")), { top: "P", right: "L", bottom: "A", left: "R" });
  // Turned clockwise: R on top, A at the right. Flipped left to right on the screen: A at the left.
  const both = flipped(turned(FITTED, 90), "h");
  assert.deepEqual(edgeLetters(letters, both), { top: "R", right: "P", bottom: "L", left: "A" });
  assert.deepEqual(toScreen(place(IMAGE, PANE, both), [0, 0]), [2, 1]);
  assert.deepEqual(flipped(flipped(turned(FITTED, 270), "v"), "v"), turned(FITTED, 270));
});

test("zooming keeps the point under the pointer, panning goes with the hand, however it is turned", () => {
  for (const start of [turned(FITTED, 90), flipped(turned(FITTED, 270), "h"), flipped(FITTED, "v")]) {
    const before = toImage(place(IMAGE, PANE, start), [120, 90]);
    const nearer = zoomAt(start, IMAGE, PANE, 3, [120, 90]);
    close(toScreen(place(IMAGE, PANE, nearer), before), [120, 90]);
    const moved = pan(nearer, IMAGE, PANE, 10, -5);
    close(toScreen(place(IMAGE, PANE, moved), before), [130, 85]);
  }
});

test("one to one: the smaller side of a pixel is one CSS pixel", () => {
  assert.equal(place(IMAGE, PANE, oneToOne(FITTED, IMAGE, PANE)).matrix[0], 1);
});

test("a plane that says so has another middle and another size to fit", () => {
  const oblique = { ...IMAGE, centre_px: [10, 20], fit_mm: [50, 50] };
  const placed = place(oblique, PANE, FITTED);
  assert.equal(placed.scale, 4);
  assert.deepEqual(toScreen(placed, [10, 20]), [100, 100]);
});
