// Where the labels of a pane come from: voxels that are fetched once, or pictures slice by slice.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LabelSource } from "../../static/js/state/labelsource.js";

const AFFINE = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];
const FRAME = { width: 3, height: 2, count: 2, is_oblique: false, axes_ijk: [0, 1, 2], to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] };
const LAYER = { index: 0, box: [[1, 0, 1], [3, 1, 2]], segments: [4, 5] };
const MASK = { id: "m", revision: 7, mask_revision: 2, segments: [], layers: [LAYER] };
const at = (index, slab = null) => ({ plane: "axial", frame: FRAME, index, slab });
const turn = () => new Promise((resolve) => setImmediate(resolve));

class Client {
  asked = [];
  fault = null;

  async layer(id, { index }, revision) {
    this.asked.push(`layer ${id} ${index} ${revision}`);
    if (this.fault) throw this.fault;
    return Uint8Array.from([1, 2]);
  }

  planeUrl(id, layer, revision, { plane, index }) {
    return `${id} ${layer} ${revision} ${plane} ${index}`;
  }

  async planeBlob(url, signal) {
    this.asked.push(`plane ${url}`);
    await turn();
    if (signal.aborted) throw new DOMException("aborted", "AbortError");
    return url;
  }
}

function made(isLocal) {
  const client = new Client();
  const decode = async () => ({ width: 3, height: 2, labels: Uint8Array.from([0, 1, 2, 0, 0, 0]) });
  const source = new LabelSource({ affine: AFFINE }, client, { isLocal: () => isLocal, decode });
  const told = [];
  for (const news of ["planes", "failed"]) source.addEventListener(news, () => told.push(news));
  return { client, source, told };
}

test("voxels are fetched once, for all planes, by the revision of the masks", async () => {
  const { client, source, told } = made(true);
  assert.equal(source.plane(MASK, LAYER, at(1), "pane"), undefined);
  assert.equal(source.plane(MASK, LAYER, at(0), "other"), undefined);
  await turn();
  assert.deepEqual([client.asked, told], [["layer m 0 2"], ["planes"]]);
  const plane = source.plane({ ...MASK, revision: 8 }, LAYER, at(1), "pane");
  assert.deepEqual([plane.left, plane.top, [...plane.labels]], [1, 0, [1, 2]]);
  assert.equal(source.plane(MASK, LAYER, at(0), "pane"), null);
  assert.equal(source.plane(MASK, LAYER, at(1), "pane"), plane);
  assert.deepEqual([source.labelAt(MASK, LAYER, [2, 0, 1]), source.labelAt(MASK, LAYER, [0, 0, 1])], [2, 0]);
});

test("without voxels a picture is fetched for a slice, and given up when another is wanted", async () => {
  const { client, source, told } = made(false);
  assert.equal(source.plane(MASK, LAYER, at(0), "pane"), undefined);
  source.settle("pane", new Set([source.keyOf(MASK, LAYER, at(1))]));
  assert.equal(source.plane(MASK, LAYER, at(1), "pane"), undefined);
  await turn();
  await turn();
  await turn();
  assert.deepEqual(client.asked, ["plane m 0 2 axial 0", "plane m 0 2 axial 1"]);
  assert.deepEqual(told, ["planes"]);
  assert.deepEqual([...source.plane(MASK, LAYER, at(1), "pane").labels], [0, 1, 2, 0, 0, 0]);
  assert.equal(source.labelAt(MASK, LAYER, [1, 0, 1]), undefined);
});

test("voxels that do not come leave the pictures, until they are asked for again", async () => {
  const { client, source, told } = made(true);
  client.fault = Object.assign(new Error("gone"), { status: 500 });
  source.plane(MASK, LAYER, at(1), "pane");
  await turn();
  assert.deepEqual(told, ["failed", "planes"]);
  assert.equal(source.plane(MASK, LAYER, at(1), "pane"), undefined);
  assert.match(client.asked.at(-1), /^plane/);
  client.fault = null;
  source.retry();
  source.plane(MASK, LAYER, at(0), "pane");
  await turn();
  assert.equal(source.plane(MASK, LAYER, at(0), "pane"), null);
});

test("slabs and turned planes are other planes", () => {
  const { source } = made(true);
  const turned = { ...FRAME, is_oblique: true };
  const keys = [at(0), at(0, { mm: 5, projection: "mip" }), { ...at(0), frame: turned }, { ...at(0), frame: { ...turned } }];
  assert.equal(new Set(keys.map((one) => source.keyOf(MASK, LAYER, one))).size, 4);
  assert.equal(source.keyOf(MASK, LAYER, at(0, { mm: 5, projection: "mean" })), source.keyOf(MASK, LAYER, keys[1]));
});
