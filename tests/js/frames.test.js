import assert from "node:assert/strict";
import { test } from "node:test";

import {
  axesLike,
  axesOf,
  distanceFrom,
  framesAlong,
  framesOf,
  imageFrame,
  linesOn,
  lpsAt,
  meetingPoint,
  placeOf,
  readingSense,
  turnedAxes,
} from "../../static/js/lib/frames.js";
import { directionLabel } from "../../static/js/lib/letters.js";
import { grabbedLine, turnSense } from "../../static/js/lib/turning.js";
import { place, FITTED, flipped } from "../../static/js/lib/viewtransform.js";

const close = (found, wanted, within = 1e-9) =>
  found.forEach((value, n) => assert.ok(Math.abs(value - wanted[n]) < within, `${found} is not ${wanted}`));

// 4 × 5 × 6 voxels of 1 × 2 × 3 mm, head first and supine: i to the left, j to the back, k to the head.
const plane = (plane, width, height, count, sx, sy, to_ijk, axes_ijk) =>
  ({ plane, width, height, count, spacing_x_mm: sx, spacing_y_mm: sy, to_ijk, axes_ijk, is_acquired: plane === "axial" });
const SERIES = {
  affine: [[1, 0, 0, 10], [0, 2, 0, 20], [0, 0, 3, 30], [0, 0, 0, 1]],
  shape_ijk: [4, 5, 6],
  planes: [
    plane("axial", 4, 5, 6, 1, 2, [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], [0, 1, 2]),
    plane("sagittal", 5, 6, 4, 2, 3, [[0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 5]], [1, 2, 0]),
    plane("coronal", 4, 6, 5, 1, 3, [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 5]], [0, 2, 1]),
  ],
};
const [AXIAL, SAGITTAL, CORONAL] = framesOf(SERIES);

test("a pixel of a plane has its place in the patient, and back", () => {
  assert.deepEqual(lpsAt(AXIAL, [3, 2], 4), [13, 24, 42]);
  // The top row of a coronal picture is the last slice: k = 5 − 1 = 4.
  assert.deepEqual(lpsAt(CORONAL, [3, 1], 2), [13, 24, 42]);
  assert.deepEqual(lpsAt(SAGITTAL, [2, 1], 3), [13, 24, 42]);
  for (const frame of [AXIAL, SAGITTAL, CORONAL]) {
    close(lpsAt(frame, placeOf(frame, [11.5, 21, 33]).slice(0, 2), placeOf(frame, [11.5, 21, 33])[2]), [11.5, 21, 33]);
  }
  assert.equal(distanceFrom(AXIAL, [11, 20, 46.5], 5), 1.5);
  assert.equal(AXIAL.step_mm, 3);
  assert.deepEqual(CORONAL.down_lps, [0, 0, -1]);
});

test("each plane is crossed by the two others", () => {
  assert.deepEqual(linesOn(AXIAL, [AXIAL, SAGITTAL, CORONAL], [13, 24, 42]), [
    { plane: "sagittal", at: [3, 2], along: [0, 0.5] },
    { plane: "coronal", at: [3, 2], along: [-1, 0] },
  ]);
});

test("reading goes from head to feet, front to back, right to left", () => {
  assert.deepEqual([AXIAL, SAGITTAL, CORONAL].map(readingSense), [-1, 1, 1]);
  const feetFirst = { ...SERIES, affine: [[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]] };
  assert.deepEqual(framesOf(feetFirst).map(readingSense), [1, -1, 1]);
  assert.equal(readingSense({ plane: "stack", normal_lps: null }), 1);
});

test("planes turned about the axial normal stay perpendicular, and the axial one stays as it is", () => {
  const pivot = [12, 24, 39];
  const axes = turnedAxes(axesOf([AXIAL, SAGITTAL, CORONAL]), "axial", Math.PI / 6);
  const [axial, sagittal, coronal] = framesAlong(SERIES, axes, pivot);
  assert.equal(axial.is_oblique, false);
  assert.deepEqual(axial.to_ijk, AXIAL.to_ijk);
  // cos 30° = 0.866025…, sin 30° = 0.5: right-handed about the head, left goes to the back.
  close(coronal.right_lps, [0.8660254037844387, 0.5, 0]);
  close(coronal.normal_lps, [-0.5, 0.8660254037844387, 0]);
  close(sagittal.normal_lps, [0.8660254037844387, 0.5, 0]);
  close(sagittal.down_lps, [0, 0, -1]);
  assert.deepEqual(coronal.letters, { left: "RA", right: "LP", top: "H", bottom: "F" });
  assert.equal(coronal.spacing_x_mm, 1, "square pixels of the least spacing");
  // The pivot is a pixel of each.
  for (const frame of [sagittal, coronal]) {
    close(placeOf(frame, pivot), placeOf(frame, pivot).map(Math.round));
    close(placeOf(frame, [11.5, 24, 37.5]).slice(0, 2), frame.centre_px);
  }
  assert.deepEqual(coronal.fit_mm, [4, 18], "the scale stays while it turns");
  const { point } = meetingPoint([axial, sagittal, coronal], [12.2, 24.1, 38]);
  close(point, pivot);
});

test("turned all the way round they lie along the voxels again", () => {
  let axes = axesOf([AXIAL, SAGITTAL, CORONAL]);
  for (let n = 0; n < 12; n += 1) axes = turnedAxes(axes, "coronal", Math.PI / 6);
  assert.ok(framesAlong(SERIES, axes, [12, 24, 39]).every((frame) => !frame.is_oblique));
});

test("all planes turn together to one that was kept", () => {
  const straight = axesOf([AXIAL, SAGITTAL, CORONAL]);
  const turned = turnedAxes(straight, "axial", Math.PI / 6);
  const [right_lps, down_lps, normal_lps] = turned.coronal;
  const found = axesLike(straight, "coronal", { right_lps, down_lps, normal_lps });
  for (const plane of ["axial", "sagittal", "coronal"]) {
    found[plane].slice(2).forEach((normal) => close(normal, turned[plane][2]));
  }
  close(found.coronal[0], [0.8660254037844387, 0.5, 0]);
  const [right, down, normal] = straight.coronal;
  assert.equal(axesLike(straight, "coronal", { right_lps: right, down_lps: down, normal_lps: normal }), null);
  assert.equal(axesLike(straight, "coronal", null), null);
  const back = axesLike(found, "coronal", { right_lps: right, down_lps: down, normal_lps: normal });
  assert.ok(framesAlong(SERIES, back, [12, 24, 39]).every((frame) => !frame.is_oblique));
});

test("every corner of the volume lies on a turned plane's pixels", () => {
  let axes = turnedAxes(axesOf([AXIAL, SAGITTAL, CORONAL]), "axial", 0.7);
  axes = turnedAxes(axes, "sagittal", -0.4);
  for (const frame of framesAlong(SERIES, axes, [10, 20, 30])) {
    for (const corner of [[10, 20, 30], [13, 28, 45], [13, 20, 30], [10, 28, 45], [10, 20, 45]]) {
      placeOf(frame, corner).forEach((at, n) => {
        const count = [frame.width, frame.height, frame.count][n];
        assert.ok(at >= -1e-9 && at <= count - 1 + 1e-9, `${frame.plane} ${corner}: ${at} of ${count}`);
      });
    }
  }
});

test("an image of a stack has its own frame, at its own number", () => {
  const stack = { plane: "stack", width: 4, height: 4, count: 3, to_ijk: SERIES.planes[0].to_ijk };
  const image = { width: 7, height: 6, affine: [[0, 0, 0, -7], [0.5, 0, 0, 5], [0, -0.5, 0, 9], [0, 0, 0, 1]] };
  const frame = imageFrame(stack, image, 2);
  assert.equal(frame.width, 7);
  close(lpsAt(frame, [2, 4], 2), [-7, 6, 7]);
  assert.equal(imageFrame(stack, { ...image, affine: null }, 2).to_lps, null);
});

test("letters come from the direction: largest part first, small parts left out", () => {
  assert.equal(directionLabel([1, 0, 0]), "L");
  assert.equal(directionLabel([-3, 0.2, 0]), "R");
  assert.equal(directionLabel([0.5, -0.6, 0.62]), "HAL");
});

test("a line is taken hold of beside its middle only", () => {
  const lines = [{ plane: "coronal", at: [100, 100], along: [1, 0] }, { plane: "sagittal", at: [100, 100], along: [0, 1] }];
  assert.equal(grabbedLine(lines, [110, 100]), null, "near the middle the crosshair moves");
  assert.equal(grabbedLine(lines, [180, 104]).plane, "coronal");
  assert.equal(grabbedLine(lines, [97, 20]).plane, "sagittal");
  assert.equal(grabbedLine(lines, [180, 120]), null);
});

test("a turn on the screen is the same turn in the patient, also on a mirrored picture", () => {
  const at = (view) => place(AXIAL, { width: 100, height: 100 }, view);
  // Axial: right is L, down is P, the normal H: L × P = H, so clockwise on the screen is right-handed.
  assert.equal(turnSense(AXIAL, at(FITTED)), 1);
  assert.equal(turnSense(AXIAL, at(flipped(FITTED, "h"))), -1);
  // Coronal: L × F = P, its normal; sagittal: P × F = R, against its normal.
  assert.equal(turnSense(CORONAL, at(FITTED)), 1);
  assert.equal(turnSense(SAGITTAL, at(FITTED)), -1);
});
