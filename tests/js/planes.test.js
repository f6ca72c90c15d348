import assert from "node:assert/strict";
import { test } from "node:test";

import {
  affineOf,
  pixelOf,
  sliceOf,
  voxelAt,
  wholeImages,
  withSlice,
} from "../../static/js/lib/planes.js";

// A head-first axial volume of 4 × 5 × 6 voxels as app.imaging.reslice describes it.
const AXIAL = {
  plane: "axial", count: 6, width: 4, height: 5, axes_ijk: [0, 1, 2],
  to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
  from_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
};
const CORONAL = {
  plane: "coronal", count: 5, width: 4, height: 6, axes_ijk: [0, 2, 1],
  to_ijk: [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 5]],
  from_ijk: [[1, 0, 0, 0], [0, 0, -1, 5], [0, 1, 0, 0]],
};
const SAGITTAL = {
  plane: "sagittal", count: 4, width: 5, height: 6, axes_ijk: [1, 2, 0],
  to_ijk: [[0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 5]],
  from_ijk: [[0, 1, 0, 0], [0, 0, -1, 5], [1, 0, 0, 0]],
};
const PLANES = [AXIAL, SAGITTAL, CORONAL];
const LPS = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];

test("a click on one plane and its place on the others", () => {
  const point = voxelAt(CORONAL, [3, 1], 2);
  assert.deepEqual(point, [3, 2, 4]);
  assert.deepEqual(pixelOf(AXIAL, point), [3, 2]);
  assert.deepEqual(pixelOf(SAGITTAL, point), [2, 1]);
  assert.deepEqual(PLANES.map((plane) => sliceOf(plane, point)), [4, 3, 2]);
});

test("a slice beyond the end is the last one", () => {
  assert.deepEqual(withSlice(AXIAL, [1, 1, 1], 99), [1, 1, 5]);
  assert.deepEqual(withSlice(CORONAL, [1, 1, 1], -3), [1, 0, 1]);
});

test("an image of a stack has its own place in the patient, or none", () => {
  assert.equal(affineOf({ affine: LPS }, 3), LPS);
  assert.equal(affineOf({ affine: null, images: [{ affine: LPS }, { affine: null }] }, 0), LPS);
  assert.equal(affineOf({ affine: null, images: [{ affine: LPS }, { affine: null }] }, 1), null);
});

test("a stack's images are told by what changes", () => {
  const changes = [{ width: 5, affine: [[1]] }, {}, { affine: null }, { width: 7 }];
  assert.deepEqual(wholeImages(changes), [
    { width: 5, affine: [[1]] },
    { width: 5, affine: [[1]] },
    { width: 5, affine: null },
    { width: 7, affine: null },
  ]);
  assert.equal(wholeImages(undefined), undefined);
});
