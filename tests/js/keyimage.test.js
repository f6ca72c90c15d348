import assert from "node:assert/strict";
import { test } from "node:test";

import { jumpToKeyImage } from "../../static/js/state/jump.js";
import { ViewerState } from "../../static/js/state/viewer.js";
import { keyImageOf } from "../../static/js/views/keyimages.js";

// 10 × 10 × 10 voxels of 1 × 1 × 3 mm, axial slices alone.
const SERIES = {
  affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 3, 0], [0, 0, 0, 1]],
  shape_ijk: [10, 10, 10],
  value_range: [0, 100],
  window: { center: 50, width: 100 },
  planes: [
    {
      plane: "axial", count: 10, width: 10, height: 10, spacing_x_mm: 1, spacing_y_mm: 1, axes_ijk: [0, 1, 2],
      to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
      from_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
    },
  ],
};

test("a key image of a neighbour's tile leads back to that neighbour, not to the crosshair's slice", () => {
  const state = new ViewerState(SERIES);
  state.setSlice("axial", 5);
  const tile = { plane: "axial", space: "patient", index: 7, frame: state.frame("axial", 7) };
  const mark = { ...keyImageOf(state, tile) };
  assert.deepEqual(mark.points, [[5, 5, 21]]);
  state.setSlice("axial", 0);
  jumpToKeyImage(state, mark);
  assert.equal(state.slice("axial"), 7);
});
