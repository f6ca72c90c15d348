import assert from "node:assert/strict";
import { test } from "node:test";

import { slabOrder, slicesOf } from "../../static/js/lib/slaborder.js";
import { largestVolume, mayStream, memoryBudget, volumeBytes } from "../../static/js/lib/streamchoice.js";
import { VoxelVolume } from "../../static/js/lib/voxelvolume.js";

// The lists of tests/imaging/test_slaborder.py.
test("the nearest slabs come first, and the upper of two", () => {
  assert.deepEqual(slabOrder(1, 0, 6), [0]);
  assert.deepEqual(slabOrder(10, 5, 2), [2, 3, 1, 4, 0]);
  assert.deepEqual(slabOrder(10, 4, 3), [1, 2, 0, 3]);
  assert.deepEqual(slabOrder(10, 9, 3), [3, 2, 1, 0]);
  assert.deepEqual(slabOrder(10, 0, 3), [0, 1, 2, 3]);
  assert.deepEqual(slabOrder(7, 3, 1), [3, 4, 2, 5, 1, 6, 0]);
  assert.deepEqual(slabOrder(7, 6, 100), [0]);
});

test("the last slab may be smaller", () => {
  assert.deepEqual(slicesOf(1, 10, 3), [3, 6]);
  assert.deepEqual(slicesOf(3, 10, 3), [9, 10]);
});

// 2 × 1 × 5 voxels of two bytes, slabs of two slices around slice 2: slabs 1, 2, 0 of 8, 4 and 8 bytes.
const HEAD = { dtype: "int16", shape_ijk: [2, 1, 5], slab_slices: 2, center: 2, inverted: false, revision: 1 };
const STREAM = new Uint8Array(new Int16Array([20, 21, 30, 31, 40, 41, 0, 1, 10, 11]).buffer);

test("voxels find their places however the bytes are cut", () => {
  for (const size of [1, 3, 7, 20]) {
    const volume = new VoxelVolume(HEAD);
    let whole = 0;
    for (let at = 0; at < 20; at += size) whole += volume.receive(STREAM.subarray(at, at + size));
    assert.equal(whole, 3);
    assert.ok(volume.isComplete);
    assert.deepEqual([...volume.data], [0, 1, 10, 11, 20, 21, 30, 31, 40, 41]);
  }
});

test("a slice is here when its slab is whole", () => {
  const volume = new VoxelVolume(HEAD);
  assert.equal(volume.receive(STREAM.subarray(0, 7)), 0);
  assert.deepEqual(volume.loadedRanges(), []);
  assert.equal(volume.receive(STREAM.subarray(7, 13)), 2);
  assert.deepEqual(volume.loadedRanges(), [[2, 4]]);
  assert.deepEqual([0, 1, 2, 3, 4].map((k) => volume.isLoaded(k)), [false, false, true, true, true]);
  assert.ok(volume.areLoaded(2, 4));
  assert.ok(!volume.areLoaded(1, 2));
  assert.equal(volume.fraction, 0.6);
  assert.equal(volume.slabsLoaded, 2);
  assert.ok(!volume.isComplete);
});

test("what is here is a range around the centre", () => {
  const volume = new VoxelVolume({ ...HEAD, shape_ijk: [2, 1, 3], slab_slices: 1, center: 0 });
  volume.receive(STREAM.subarray(0, 4));
  assert.deepEqual(volume.loadedRanges(), [[0, 0]]);
  const ends = new VoxelVolume({ ...HEAD, shape_ijk: [2, 1, 4], slab_slices: 1, center: 3 });
  ends.receive(STREAM.subarray(0, 8));
  assert.deepEqual(ends.loadedRanges(), [[2, 3]]);
});

test("after a break the slab that was begun is sent again", () => {
  const volume = new VoxelVolume(HEAD);
  volume.receive(STREAM.subarray(0, 10));
  assert.equal(volume.slabsLoaded, 1);
  volume.rewind();
  volume.receive(STREAM.subarray(8));
  assert.deepEqual([...volume.data], [0, 1, 10, 11, 20, 21, 30, 31, 40, 41]);
});

test("more bytes than a volume has are noticed", () => {
  const volume = new VoxelVolume(HEAD);
  volume.receive(STREAM);
  assert.equal(volume.receive(new Uint8Array(1)), -1);
});

test("floats have no words, and keep their NaN", () => {
  const volume = new VoxelVolume({ ...HEAD, dtype: "float32", shape_ijk: [2, 1, 1], center: 0 });
  volume.receive(new Uint8Array(new Float32Array([1.5, NaN]).buffer));
  assert.deepEqual([...volume.data], [1.5, NaN]);
  assert.equal(volume.words, null);
});

const CT = { kind: "volume", shape_ijk: [512, 512, 300], dtype: "int16" }; // 150 MiB

test("a CT comes whole; to phones, with Save-Data, or where it is too large, it does not", () => {
  assert.equal(volumeBytes(CT), 157_286_400);
  assert.ok(mayStream(CT, {}));
  assert.ok(mayStream(CT, { memoryGiB: 8 }));
  assert.ok(mayStream(CT, { memoryGiB: 1 })); // a quarter is 256 MiB
  assert.ok(!mayStream(CT, { memoryGiB: 0.5 }));
  assert.ok(!mayStream(CT, { isPhone: true }));
  assert.ok(!mayStream(CT, { savesData: true }));
  assert.ok(!mayStream({ ...CT, kind: "stack" }, {}));
  // 1024 slices of int16 are exactly the limit, one more is too many; floats take twice as much.
  assert.ok(mayStream({ ...CT, shape_ijk: [512, 512, 1024] }, { memoryGiB: 8 }));
  assert.ok(!mayStream({ ...CT, shape_ijk: [512, 512, 1025] }, { memoryGiB: 8 }));
  assert.ok(!mayStream({ ...CT, shape_ijk: [512, 512, 513], dtype: "float32" }, {}));
  assert.equal(largestVolume({ memoryGiB: 8 }), 536_870_912);
  assert.equal(memoryBudget({ memoryGiB: 2 }), 536_870_912);
  assert.equal(memoryBudget({}), 805_306_368);
});
