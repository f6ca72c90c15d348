// A small layer by hand, in all the ways in which a pane may look at it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { labelAt, labelPlane } from "../../static/js/lib/labelplane.js";
import { labelOutlines } from "../../static/js/lib/labeloutline.js";

// A volume of 6 × 5 × 4 voxels of 1 × 2 × 3 mm. The layer's box is 3 × 2 × 2 at (2, 1, 1):
//   k = 1:  j = 1: 1 1 0    k = 2:  j = 1: 0 2 2
//           j = 2: 0 1 0            j = 2: 0 0 2
const AFFINE = [[1, 0, 0, 10], [0, 2, 0, 20], [0, 0, 3, 30]];
const LAYER = {
  box: [[2, 1, 1], [5, 3, 3]],
  labels: Uint8Array.from([1, 1, 0, 0, 1, 0, 0, 2, 2, 0, 0, 2]),
};
const AXIAL = { width: 6, height: 5, count: 4, is_oblique: false, axes_ijk: [0, 1, 2], to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] };
// From the left, the head on top: x is j, y is k from above.
const SAGITTAL = { width: 5, height: 4, count: 6, is_oblique: false, axes_ijk: [1, 2, 0], to_ijk: [[0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 3]] };
// Columns that run the other way: x is i from the right.
const CORONAL = { width: 6, height: 4, count: 5, is_oblique: false, axes_ijk: [0, 2, 1], to_ijk: [[-1, 0, 0, 5], [0, 0, 1, 0], [0, -1, 0, 3]] };

/** The whole plane, row by row. */
function whole(plane, { width, height }) {
  const rows = Array.from({ length: height }, () => Array(width).fill(0));
  if (plane) plane.labels.forEach((label, n) => (rows[plane.top + Math.floor(n / plane.width)][plane.left + (n % plane.width)] = label));
  return rows.map((row) => row.join(""));
}

const seen = (frame, index, slab = null) => whole(labelPlane(LAYER, { frame, index, slab }, AFFINE), frame);

test("a slice along the voxels has the labels of its own voxels", () => {
  assert.deepEqual(seen(AXIAL, 1), ["000000", "001100", "000100", "000000", "000000"]);
  assert.deepEqual(seen(AXIAL, 2), ["000000", "000220", "000020", "000000", "000000"]);
  assert.equal(labelPlane(LAYER, { frame: AXIAL, index: 3, slab: null }, AFFINE), null);
});

test("planes across show which side is which", () => {
  assert.deepEqual(seen(SAGITTAL, 3), ["00000", "02000", "01100", "00000"]);
  assert.deepEqual(seen(CORONAL, 1), ["000000", "022000", "001100", "000000"]);
  assert.deepEqual(seen(CORONAL, 2), ["000000", "020000", "001000", "000000"]);
});

test("a slab shows every label in it, the later on top", () => {
  // 6 mm are one slice of 3 mm to each side.
  assert.deepEqual(seen(AXIAL, 1, { mm: 6 }), ["000000", "001220", "000120", "000000", "000000"]);
  assert.deepEqual(seen(AXIAL, 0, { mm: 6 }), seen(AXIAL, 1));
  assert.deepEqual(seen(AXIAL, 3, { mm: 3 }), seen(AXIAL, 3));
});

test("a turned plane has the nearest voxel's label", () => {
  // Along the voxels, but told as any plane: pixels of 1 mm from (10, 20, 33) on, rows of voxels two pixels high.
  const to_lps = [[1, 0, 0, 10], [0, 1, 0, 20], [0, 0, 3, 30]];
  const frame = { width: 6, height: 9, count: 4, is_oblique: true, to_lps, right_lps: [1, 0, 0], down_lps: [0, 1, 0], spacing_x_mm: 1 };
  // Voxel j reaches from y = 2 j − 1 to just before 2 j + 1.
  const one = ["000000", "001100", "001100", "000100", "000100", "000000", "000000", "000000", "000000"];
  assert.deepEqual(seen(frame, 1), one);
  // Turned by 90° about the axis of the body: to the right is to the back.
  const turned = { ...frame, width: 9, height: 6, right_lps: [0, 1, 0], down_lps: [1, 0, 0], to_lps: [[0, 1, 0, 10], [1, 0, 0, 20], [0, 0, 3, 30]] };
  assert.deepEqual(seen(turned, 1), ["000000000", "000000000", "011000000", "011110000", "000000000", "000000000"]);
  // Through 6 mm: from k = 0 to k = 2.
  const thick = labelPlane(LAYER, { frame, index: 1, slab: { mm: 6 } }, AFFINE);
  assert.deepEqual(whole(thick, frame).slice(1, 5), ["001220", "001220", "000120", "000120"]);
});

test("a slanted plane agrees with its slow twin", () => {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const right = [c, 0, s];
  const down = [0, 1, 0];
  const origin = [9.3, 19.6, 31.1];
  const to_lps = [0, 1, 2].map((row) => [0.5 * right[row], 0.5 * down[row], [-s, 0, c][row], origin[row]]);
  const frame = { width: 14, height: 20, count: 1, is_oblique: true, to_lps, right_lps: right, down_lps: down, spacing_x_mm: 0.5 };
  const rows = Array.from({ length: 20 }, (_r, y) =>
    Array.from({ length: 14 }, (_x, x) => {
      const [p, q, r] = [0, 1, 2].map((row) => origin[row] + 0.5 * x * right[row] + 0.5 * y * down[row]);
      return labelAt(LAYER, [Math.floor(p - 10 + 0.5), Math.floor((q - 20) / 2 + 0.5), Math.floor((r - 30) / 3 + 0.5)]);
    }).join(""),
  );
  assert.deepEqual(seen(frame, 0), rows);
  assert.match(rows.join(""), /1.*2/);
});

test("a voxel's label is told, none beside the box", () => {
  assert.equal(labelAt(LAYER, [3, 2, 1]), 1);
  assert.equal(labelAt(LAYER, [4, 1, 2]), 2);
  assert.equal(labelAt(LAYER, [2, 1, 2]), 0);
  assert.equal(labelAt(LAYER, [5, 1, 1]), 0);
  assert.equal(labelAt(LAYER, [-1, 1, 1]), 0);
});

// ---- outlines

function outlines(rows, [left, top] = [0, 0]) {
  const labels = Uint8Array.from(rows.join(""), Number);
  return labelOutlines({ labels, left, top, width: rows[0].length, height: rows.length });
}

/** Twice the area within a loop; of one that runs the other way negative. */
function area(points) {
  let sum = 0;
  for (let n = 0; n < points.length; n += 2) {
    const [x, y, u, v] = [points[n], points[n + 1], points[(n + 2) % points.length], points[(n + 3) % points.length]];
    sum += x * v - u * y;
  }
  return sum / 2;
}

test("one pixel is a square, where the plane says it is", () => {
  const found = outlines(["0000", "0010"], [10, 20]);
  assert.deepEqual([...found.keys()], [1]);
  assert.deepEqual([...found.get(1)[0]], [12, 21, 13, 21, 13, 22, 12, 22]);
});

test("a ring has a hole that runs the other way round", () => {
  const [outer, hole] = outlines(["1111", "1001", "1111"]).get(1);
  assert.deepEqual([...outer], [0, 0, 4, 0, 4, 3, 0, 3]);
  assert.equal(area(outer), 12);
  assert.equal(area(hole), -2);
});

test("pixels that touch at a corner are two shapes, in either direction", () => {
  for (const rows of [["10", "01"], ["01", "10"]]) {
    const loops = outlines(rows).get(1);
    assert.deepEqual(loops.map((loop) => loop.length), [8, 8]);
    assert.deepEqual(loops.map(area), [1, 1]);
  }
});

test("neighbours have an outline each along their border", () => {
  const found = outlines(["1122"]);
  assert.deepEqual([...found.get(1)[0]], [0, 0, 2, 0, 2, 1, 0, 1]);
  assert.deepEqual([...found.get(2)[0]], [2, 0, 4, 0, 4, 1, 2, 1]);
});

test("a plane that is nothing but edges has labels and no lines", () => {
  const labels = Uint8Array.from({ length: 400 * 400 }, (_unused, n) => (n + Math.floor(n / 400)) % 2);
  const found = labelOutlines({ labels, left: 0, top: 0, width: 400, height: 400 });
  assert.deepEqual([...found], [[1, []]]);
});

test("loops of noise hold as many pixels as there are, of each label", () => {
  let seed = 7;
  const next = () => (seed = (seed * 16807) % 2147483647) % 3;
  const labels = Uint8Array.from({ length: 40 * 30 }, next);
  const found = labelOutlines({ labels, left: 0, top: 0, width: 40, height: 30 });
  for (const label of [1, 2]) {
    const pixels = labels.reduce((count, one) => count + (one === label), 0);
    assert.equal(found.get(label).reduce((sum, loop) => sum + area(loop), 0), pixels);
  }
});
