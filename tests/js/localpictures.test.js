// Small pictures by hand. tests/viewer/test_localpictures.py lays hundreds of them beside the server's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fillTable, greyFunction, paintFloats, paletteOf, turnedPalette } from "../../static/js/lib/greys.js";
import { sampleLattice } from "../../static/js/lib/localoblique.js";
import { LocalPictures } from "../../static/js/lib/localpictures.js";
import { projectSlab, slabRange } from "../../static/js/lib/localslab.js";
import { latticeOf, slabSteps, slicesUnder } from "../../static/js/lib/planelattice.js";
import { planeQuery } from "../../static/js/lib/planequery.js";
import { VoxelVolume } from "../../static/js/lib/voxelvolume.js";

// 4 columns, 3 rows, 2 slices: value = 100·k + 10·j + i. Voxels of 0.5 × 2 × 3 mm, the first at (10, −20, 30).
const SHAPE = [4, 3, 2];
const AFFINE = [[0.5, 0, 0, 10], [0, 2, 0, -20], [0, 0, 3, 30]];
const VALUES = [0, 1].flatMap((k) => [0, 1, 2].flatMap((j) => [0, 1, 2, 3].map((i) => 100 * k + 10 * j + i)));
const HEAD = { dtype: "int16", shape_ijk: SHAPE, slab_slices: 1, center: 0, inverted: false, revision: 1 };
const AXIAL = {
  plane: "axial", width: 4, height: 3, count: 2, is_acquired: true, is_oblique: false, axes_ijk: [0, 1, 2],
  to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
};
// From the left: rows run to the right, the head (k = 1) is on top.
const SAGITTAL = {
  plane: "sagittal", width: 3, height: 2, count: 4, is_acquired: false, is_oblique: false, axes_ijk: [1, 2, 0],
  to_ijk: [[0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 1]],
};
const AS_IT_IS = { center: 128, width: 256 }; // grey = value, from 0 to 255
const QUESTION = { plane: "axial", frame: AXIAL, index: 1, phase: 0, window: AS_IT_IS, colormap: "gray", inverted: false };

function volumeOf(head = {}, slices = 2) {
  const volume = new VoxelVolume({ ...HEAD, ...head });
  const Kind = head.dtype === "float32" ? Float32Array : Int16Array;
  volume.receive(new Uint8Array(Kind.from(VALUES.slice(0, 12 * slices)).buffer));
  return volume;
}

function picturesOf(volume) {
  return new LocalPictures({ volume: (phase) => (phase === 0 ? volume : null) }, { affine: AFFINE });
}

const greysOf = ({ pixels }) => [...pixels].map((pixel) => pixel & 255);

test("slices stand as they are shown", () => {
  const pictures = picturesOf(volumeOf());
  assert.deepEqual(greysOf(pictures.draw(QUESTION)), [100, 101, 102, 103, 110, 111, 112, 113, 120, 121, 122, 123]);
  const sagittal = { ...QUESTION, plane: "sagittal", frame: SAGITTAL, index: 3 };
  assert.deepEqual(greysOf(pictures.draw(sagittal)), [103, 113, 123, 3, 13, 23]);
  assert.deepEqual(greysOf(picturesOf(volumeOf({ dtype: "float32" })).draw(sagittal)), [103, 113, 123, 3, 13, 23]);
});

test("columns taken out in blocks are those of the volume", () => {
  // 16 columns, 2 rows, 2 slices: value = 40·k + 20·j + i.
  const values = [0, 20, 40, 60].flatMap((row) => [...Array(16).keys()].map((i) => row + i));
  const frame = { ...SAGITTAL, width: 2, count: 16 };
  for (const [dtype, Kind] of [["int16", Int16Array], ["float32", Float32Array]]) {
    const volume = new VoxelVolume({ ...HEAD, dtype, shape_ijk: [16, 2, 2], slab_slices: 2 });
    volume.receive(new Uint8Array(Kind.from(values).buffer));
    const pictures = picturesOf(volume);
    for (const i of [0, 7, 8, 15, 3]) {
      const drawn = pictures.draw({ ...QUESTION, plane: "sagittal", frame, index: i });
      assert.deepEqual(greysOf(drawn), [40 + i, 60 + i, i, 20 + i]);
    }
  }
});

test("colours are opaque, red first in memory", () => {
  const pictures = picturesOf(volumeOf());
  const rgb = new Uint8Array(768);
  rgb.set([10, 20, 30], 3 * 100);
  pictures.setColormaps({ hot: rgb });
  const { pixels } = pictures.draw({ ...QUESTION, colormap: "hot" });
  assert.deepEqual([...new Uint8Array(pixels.buffer, 0, 4)], [10, 20, 30, 255]);
});

test("inversion by the file and by the reader undo each other", () => {
  const first = (volume, inverted) => greysOf(picturesOf(volume).draw({ ...QUESTION, inverted }))[0];
  assert.equal(first(volumeOf(), false), 100);
  assert.equal(first(volumeOf(), true), 155);
  assert.equal(first(volumeOf({ inverted: true }), false), 155);
  assert.equal(first(volumeOf({ inverted: true }), true), 100);
});

test("greys by the standard's functions", () => {
  const greys = (window, values) => values.map(greyFunction(window));
  // LINEAR 40/400: black to −160, white from 239; the middle, 39.5, is 127.5 and rounded up.
  assert.deepEqual(greys({ center: 40, width: 400 }, [-160, -159, 39.5, 238, 239]), [0, 1, 128, 254, 255]);
  assert.deepEqual(greys({ center: 40, width: 1 }, [39, 39.5, 39.6, 40]), [0, 0, 255, 255]);
  assert.deepEqual(greys({ center: 0.5, width: 1, function: "exact" }, [0, 0.5, 0.999, 1]), [0, 128, 255, 255]);
  // 255 / (1 + e^4) = 4.59, 255 / 2 = 127.5, 255 / (1 + e^−4) = 250.4
  assert.deepEqual(greys({ center: 0, width: 10, function: "sigmoid" }, [-10, 0, 10]), [5, 128, 250]);
  assert.deepEqual(greys({ curve: [[0, 0], [10, 100], [20, 50]] }, [-5, 5, 10, 12, 99]), [0, 50, 100, 90, 50]);
});

test("a table has the grey of each int16 at its bits", () => {
  const table = new Uint32Array(65536);
  fillTable(table, AS_IT_IS, paletteOf(null));
  assert.deepEqual([0, 7, 255, 300, 65535, 32768].map((word) => table[word] & 255), [0, 7, 255, 255, 0, 0]);
  fillTable(table, { curve: [[-2, 10], [0, 30]] }, turnedPalette(paletteOf(null), true));
  assert.deepEqual([65533, 65534, 65535, 0, 1].map((word) => 255 - (table[word] & 255)), [10, 10, 20, 30, 30]);
});

test("no data is black, inverted or not", () => {
  const palette = paletteOf(null);
  const pixels = new Uint32Array(4);
  paintFloats([NaN, -Infinity, Infinity, 7], AS_IT_IS, turnedPalette(palette, true), palette[0], pixels);
  assert.deepEqual(greysOf({ pixels }), [0, 255, 0, 248]);
  paintFloats([NaN, 0, 0, 0], { center: 0, width: 9, function: "sigmoid" }, palette, palette[0], pixels);
  assert.deepEqual(greysOf({ pixels }), [0, 128, 128, 128]);
});

// ---- slabs of whole slices

test("a slab is an odd number of slices unless the volume ends", () => {
  assert.deepEqual(slabRange(5, 20, 1.5, 0), [5, 5]);
  assert.deepEqual(slabRange(5, 20, 1.5, 2.9), [5, 5]);
  assert.deepEqual(slabRange(5, 20, 1.5, 3), [4, 6]);
  assert.deepEqual(slabRange(5, 20, 0.1, 0.6), [2, 8]); // 0.6 / 2 / 0.1 is 2.9999999999999996
  assert.deepEqual(slabRange(1, 20, 1.5, 9), [0, 4]);
  assert.deepEqual(slabRange(19, 20, 1.5, 1e9), [0, 19]);
});

test("slabs through columns, of whole numbers and of floats", () => {
  const steps = { first: 0, right: 4, down: 12, through: 1 }; // sagittal, feet on top
  const made = (data, projection, out) => {
    projectSlab(data, steps, [1, 3], projection, 3, 2, out);
    return [...out];
  };
  const words = Int16Array.from(VALUES);
  assert.deepEqual(made(words, "mip", new Int16Array(6)), [3, 13, 23, 103, 113, 123]);
  assert.deepEqual(made(words, "minip", new Int16Array(6)), [1, 11, 21, 101, 111, 121]);
  assert.deepEqual(made(words, "mean", new Float32Array(6)), [2, 12, 22, 102, 112, 122]);
  const floats = Float32Array.from(VALUES);
  floats[1] = floats[5] = floats[6] = floats[7] = NaN;
  assert.deepEqual(made(floats, "mip", new Float32Array(6)), [3, NaN, 23, 103, 113, 123]);
  assert.deepEqual(made(floats, "minip", new Float32Array(6)), [2, NaN, 21, 101, 111, 121]);
  assert.deepEqual(made(floats, "mean", new Float32Array(6)), [2.5, NaN, 22, 102, 112, 122]);
});

test("the ends of int16 are told apart", () => {
  const data = Int16Array.of(-32768, 32767);
  for (const [projection, found] of [["mip", 32767], ["minip", -32768], ["mean", -0.5]]) {
    const out = projection === "mean" ? new Float32Array(1) : new Int16Array(1);
    projectSlab(data, { first: 0, right: 1, down: 1, through: 1 }, [0, 1], projection, 1, 1, out);
    assert.equal(out[0], found);
  }
});

// ---- turned planes, with the numbers of tests/imaging/test_oblique.py

function sampled({ slabMm = 0, projection = "mip", every = 1, data = Int16Array.from(VALUES), ...plane }) {
  const lattice = latticeOf(AFFINE, plane, slabMm);
  const out = new Float32Array(plane.size[0] * plane.size[1]);
  sampleLattice(data, SHAPE, lattice, projection, out, every);
  return [...out];
}

test("between voxels the value is trilinear", () => {
  const plane = { origin: [10, -20, 31.5], row: [1, 0, 0], column: [0, 1, 0], size: [3, 2], spacing: 0.25 };
  assert.deepEqual(sampled(plane), [50, 50.5, 51, 51.25, 51.75, 52.25]);
});

test("a diagonal plane, with what lies outside left out", () => {
  const plane = { origin: [11, -20, 30], row: [0, 0.8, 0.6], column: [-1, 0, 0], size: [3, 2], spacing: 2.5 };
  assert.deepEqual(sampled(plane), [2, 62, 122, NaN, NaN, NaN]);
});

test("a slab takes the extremes and the mean through it", () => {
  const plane = { origin: [10.5, -18, 31.5], row: [1, 0, 0], column: [0, 1, 0], size: [1, 1], spacing: 1 };
  assert.deepEqual(slabSteps(1.5, 0.5), [7, 0.25]);
  assert.deepEqual(sampled({ ...plane, slabMm: 1.5 }), [86]);
  assert.deepEqual(sampled({ ...plane, slabMm: 1.5, projection: "minip" }), [36]);
  assert.deepEqual(sampled({ ...plane, slabMm: 1.5, projection: "mean" }), [61]);
});

test("a voxel keeps its value beside one without", () => {
  const data = Float32Array.from(VALUES);
  data[1] = NaN;
  data[2] = Infinity;
  const plane = { origin: [10, -20, 30], row: [1, 0, 0], column: [0, 1, 0], size: [4, 1], spacing: 0.5, data };
  assert.deepEqual(sampled(plane), [0, NaN, Infinity, 3]);
});

test("while it is dragged each second pixel stands for four", () => {
  const plane = { origin: [10, -20, 30], row: [1, 0, 0], column: [0, 1, 0], size: [3, 3], spacing: 0.5, every: 2 };
  assert.deepEqual(sampled(plane), [0, 0, 2, 0, 0, 2, 5, 5, 7]);
});

const TURNED = {
  plane: "axial", width: 2, height: 3, count: 9, spacing_x_mm: 0.25, is_oblique: true, is_acquired: false,
  to_lps: [[0.25, 0, 0, 10], [0, 0.25, 0, -20], [0, 0, 1.5, 30]],
  right_lps: [1, 0, 0], down_lps: [0, 1, 0], normal_lps: [0, 0, 1],
};

test("the server is asked for the same plane", () => {
  assert.deepEqual(planeQuery(TURNED, 1, { slab: { mm: 3, projection: "mean" } }), {
    origin: "10,-20,31.5", row: "1,0,0", col: "0,1,0", size: "2,3", spacing: 0.25, slab_mm: 3, projection: "mean",
  });
  assert.deepEqual(Object.keys(planeQuery(TURNED, 1)), ["origin", "row", "col", "size", "spacing"]);
});

test("a plane needs the slices on both sides of it", () => {
  const plane = { origin: [10, -20, 31.5], row: [1, 0, 0], column: [0, 1, 0], size: [3, 2], spacing: 0.25 };
  assert.deepEqual(slicesUnder(latticeOf(AFFINE, plane), 2), [0, 1]);
  assert.deepEqual(slicesUnder(latticeOf(AFFINE, { ...plane, origin: [10, -20, 30] }), 2), [0, 0]);
});

// ---- what can be drawn

test("the browser draws what is here and what it knows how to draw", () => {
  const pictures = picturesOf(volumeOf());
  const may = (more) => pictures.canDraw({ ...QUESTION, ...more });
  assert.ok(may({}));
  assert.ok(!may({ phase: 1 }));
  assert.ok(!may({ window: { ...AS_IT_IS, lut: 0 } }));
  assert.ok(!may({ window: { ...AS_IT_IS, own: true } }));
  assert.ok(!may({ colormap: "hot" }));
  assert.ok(!may({ overlays: true }));
  // Across the slices, and in slabs, there are none to be shown.
  assert.ok(may({ overlays: true, frame: SAGITTAL }));
  assert.ok(may({ overlays: true, slab: { mm: 6, projection: "mip" } }));
  assert.ok(may({ frame: TURNED }));
  assert.ok(!may({ frame: { ...TURNED, width: 2000, height: 2000 }, slab: { mm: 6, projection: "mip" } }));
  assert.ok(!picturesOf(null).canDraw(QUESTION));
});

test("slices that are not here are left to the server", () => {
  const pictures = picturesOf(volumeOf({}, 1));
  const may = (more) => pictures.canDraw({ ...QUESTION, index: 0, ...more });
  assert.ok(may({}));
  assert.ok(!may({ index: 1 }));
  assert.ok(!may({ frame: SAGITTAL }));
  assert.ok(may({ slab: { mm: 5, projection: "mip" } })); // slice 0 alone
  assert.ok(!may({ slab: { mm: 6, projection: "mip" } }));
  assert.ok(may({ frame: TURNED }));
  assert.ok(!may({ frame: TURNED, index: 1 }));
});

test("values under the pointer", () => {
  const pictures = picturesOf(volumeOf({}, 1));
  assert.equal(pictures.voxelValue([2, 1, 0], 0), 12);
  assert.equal(pictures.voxelValue([2, 1, 1], 0), undefined);
  assert.equal(pictures.voxelValue([4, 1, 0], 0), undefined);
  assert.equal(pictures.voxelValue([2, 1, 0], 1), undefined); // of a volume that is not here
  const whole = picturesOf(volumeOf());
  assert.equal(whole.valueAt(QUESTION, [2, 1]), 112);
  assert.equal(whole.valueAt({ ...QUESTION, slab: { mm: 6, projection: "mean" } }, [2, 1]), 62);
  assert.equal(whole.valueAt({ ...QUESTION, frame: TURNED }, [1, 2]), 53); // half a column, a quarter of a row, half a slice
  assert.ok(Number.isNaN(whole.valueAt(QUESTION, [4, 1])));
});

test("another window of a slab needs no other values, another slice does", () => {
  const pictures = picturesOf(volumeOf());
  const slab = { mm: 6, projection: "mip" };
  assert.equal(greysOf(pictures.draw({ ...QUESTION, slab }))[0], 100);
  assert.equal(greysOf(pictures.draw({ ...QUESTION, slab, window: { center: 228, width: 256 } }))[0], 0);
  assert.equal(greysOf(pictures.draw({ ...QUESTION, slab: { mm: 6, projection: "minip" } }))[0], 0);
  assert.equal(greysOf(pictures.draw({ ...QUESTION, slab: { mm: 6, projection: "mean" } }))[0], 50);
  assert.equal(greysOf(pictures.draw({ ...QUESTION, slab: { mm: 1, projection: "mip" } }))[0], 100);
});
