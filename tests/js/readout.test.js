import assert from "node:assert/strict";
import { test } from "node:test";

import { ViewerState } from "../../static/js/state/viewer.js";
import { Readout } from "../../static/js/views/readout.js";

const IDENTITY = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];

/** What the status bar says of the crosshair of a volume of 3 × 3 × 3 voxels. */
async function saidOf(isCalibrated) {
  const planes = ["axial", "sagittal", "coronal"].map((plane) => ({
    plane, count: 3, width: 3, height: 3, spacing_x_mm: 1, spacing_y_mm: 1, axes_ijk: [0, 1, 2],
    to_ijk: IDENTITY, from_ijk: IDENTITY, is_calibrated: isCalibrated,
  }));
  const affine = [...IDENTITY, [0, 0, 0, 1]];
  const series = { planes, affine, shape_ijk: [3, 3, 3], value_range: [0, 9], window: { center: 5, width: 9 }, unit: "" };
  const parts = { position: { textContent: "", dataset: { read: "position" } } };
  const element = { dataset: {}, querySelectorAll: () => Object.values(parts) };
  const local = () => ({ voxelValue: () => 4, valueAt: () => undefined });
  new Readout(element, new ViewerState(series), null, local).refresh();
  await null; // what changes together is read once, after it
  return { position: parts.position.textContent, ...element.dataset };
}

test("a voxel of unknown size has no place in millimetres", async () => {
  assert.equal((await saidOf(true)).position, "L 1.0\u2002P 1.0\u2002H 1.0");
  const unknown = await saidOf(false);
  assert.deepEqual([unknown.position, unknown.lps, unknown.voxel], ["\u2014", "", "1,1,1"]);
});
