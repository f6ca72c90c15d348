import assert from "node:assert/strict";
import test from "node:test";
import { framesOf, imageFrame } from "../../static/js/lib/frames.js";
import { isInside, isSameView, lineOn, linkedView, middleOf, nearestImage, ontoPlane, sameWay } from "../../static/js/lib/linking.js";
import { FITTED } from "../../static/js/lib/viewtransform.js";

const near = (one, other, to = 1e-9) =>
  one.flat().forEach((value, at) => assert.ok(Math.abs(value - other.flat()[at]) < to, `${one} is not ${other}`));

// 100 × 100 × 50 voxels of 1 × 1 × 2 mm, the first at the origin: axial slices of constant z.
const volume = {
  affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 2, 0]],
  shape_ijk: [100, 100, 50],
  planes: [
    { plane: "axial", count: 50, width: 100, height: 100, spacing_x_mm: 1, spacing_y_mm: 1, to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] },
    // Sagittal: to the right of the screen y, down −z.
    { plane: "sagittal", count: 100, width: 100, height: 50, spacing_x_mm: 1, spacing_y_mm: 2, to_ijk: [[0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 49]] },
  ],
};
const [axial, sagittal] = framesOf(volume);

// A sagittal image at x = 30: columns run back from y = 10, rows to the feet from z = 80; 60 × 40 pixels of 1 mm.
const localizer = imageFrame(
  { plane: "stack", count: 1 },
  { width: 60, height: 40, spacing_x_mm: 1, spacing_y_mm: 1, affine: [[0, 0, -1, 30], [1, 0, 0, 10], [0, -1, 0, 80]] },
  0,
);

test("the line at which an axial slice cuts a localizer runs along its row", () => {
  // Slice 25 lies at z = 50, which is 30 rows below the localizer's first.
  near(lineOn(localizer, 0, axial, 25), [[-10.5, 30], [89.5, 30]].map((end) => end));
});

test("the localizer's line on the axial slice reaches as far as its picture", () => {
  // It stands at x = 30 and reaches from y = 9.5 to 69.5.
  const line = lineOn(axial, 25, localizer, 0).sort((one, other) => one[1] - other[1]);
  near(line, [[30, 9.5], [30, 69.5]]);
  // At z = 90 the picture has ended.
  assert.equal(lineOn(axial, 45, localizer, 0), null);
});

test("parallel pictures have no line", () => {
  assert.equal(lineOn(sagittal, 3, localizer, 0), null);
  assert.equal(lineOn(axial, 3, axial, 20), null);
});

test("the nearest image of a stack, and how far it is", () => {
  const frames = [10, 20, 30].map((z) => imageFrame(
    { plane: "stack", count: 3 },
    { width: 4, height: 4, spacing_x_mm: 1, spacing_y_mm: 1, affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, z]] },
    (z - 10) / 10,
  ));
  assert.deepEqual(nearestImage(3, (index) => frames[index], [0, 0, 23]), { index: 1, distance_mm: 3 });
  assert.deepEqual(nearestImage(3, (index) => frames[index], [5, 5, 90]), { index: 2, distance_mm: 60 });
  assert.equal(nearestImage(1, () => ({ to_lps: null }), [0, 0, 0]), null);
  near(middleOf(frames[1], 1), [1.5, 1.5, 20]);
  near(ontoPlane(frames[1], 1, [7, 8, 55]), [7, 8, 20]);
});

test("a place is inside to half a voxel beyond the last centre", () => {
  assert.ok(isInside([-0.5, 0, 49.5], [100, 100, 50]));
  assert.ok(!isInside([-0.51, 0, 0], [100, 100, 50]));
  assert.ok(!isInside([0, 0, 49.6], [100, 100, 50]));
});

test("a stack's image follows the plane that looks the same way round", () => {
  assert.equal(sameWay(localizer, [axial, sagittal]), sagittal);
  assert.equal(sameWay(sagittal, [localizer]), localizer);
  assert.equal(sameWay(axial, [localizer]), null);
});

test("a linked view has the same scale and the same place in the middle", () => {
  // 100 mm on 200 px, twice magnified: 4 px a mm, around pixel (70, 40), which lies 20.5 and −9.5 mm off the centre.
  const size = { width: 200, height: 200 };
  const from = { frame: axial, index: 0, size, view: { ...FITTED, zoom: 2, dx: 20.5, dy: -9.5, turn: 90, mirrored: true } };
  // The other has 50 × 50 voxels of 4 mm from (−20, −20): fitted, 1 px a mm.
  const [other] = framesOf({
    affine: [[4, 0, 0, -20], [0, 4, 0, -20], [0, 0, 2, 0]],
    planes: [{ plane: "axial", count: 9, width: 50, height: 50, spacing_x_mm: 4, spacing_y_mm: 4, to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] }],
  });
  const to = { frame: other, index: 0, size, view: FITTED };
  const view = linkedView(from, to, [0, 0, 0]);
  assert.equal(view.zoom, 4);
  // Place (70, 40) is pixel (22.5, 15) there; the middle is 24.5: −2 and −9.5 pixels of 4 mm.
  near([view.dx, view.dy], [-8, -38]);
  assert.deepEqual([view.turn, view.mirrored], [90, true]);
  // Linked by hand with a shift of 10 mm to the left of the patient.
  near([linkedView(from, to, [10, 0, 0]).dx], [2]);
});

test("pictures without places take over zoom and the way of the hand", () => {
  const plain = { frame: { ...axial, to_lps: null, is_calibrated: false }, index: 0, size: { width: 9, height: 9 } };
  const view = linkedView({ ...plain, view: { ...FITTED, zoom: 3, dx: 5 } }, { ...plain, view: FITTED }, null);
  assert.deepEqual([view.zoom, view.dx, view.dy], [3, 5, 0]);
  assert.ok(isSameView(view, { ...view, zoom: 3 * (1 + 1e-9) }));
  assert.ok(!isSameView(view, { ...view, turn: 90 }));
});
