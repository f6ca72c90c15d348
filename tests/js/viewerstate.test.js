import assert from "node:assert/strict";
import { test } from "node:test";

import { ViewerState } from "../../static/js/state/viewer.js";

const plane = (name, axes_ijk, count) => ({ plane: name, axes_ijk, count });
const SERIES = {
  planes: [plane("axial", [0, 1, 2], 30), plane("sagittal", [1, 2, 0], 10), plane("coronal", [0, 2, 1], 20)],
  shape_ijk: [10, 20, 30],
  window: { center: 40, width: 400 },
  value_range: [-1024, 3071],
};

/** The state and the events it sent. */
function watched() {
  const state = new ViewerState(SERIES);
  const events = [];
  for (const name of ["point", "window", "view", "tool", "layout", "active", "crosshair"]) {
    state.addEventListener(name, () => events.push(name));
  }
  return { state, events };
}

test("it opens on the middle of the volume with the series' window", () => {
  const { state } = watched();
  assert.deepEqual(state.point, [5, 10, 15]);
  assert.equal(state.slice("axial"), 15);
  assert.deepEqual(state.window, { center: 40, width: 400 });
});

test("a slice moves one coordinate and stays inside", () => {
  const { state, events } = watched();
  state.setSlice("coronal", 99);
  assert.deepEqual(state.point, [5, 19, 15]);
  state.setSlice("coronal", 19);
  assert.deepEqual(events, ["point"], "the same place again is no change");
});

test("the point is a voxel of the volume", () => {
  const { state } = watched();
  state.movePoint([-4, 7.6, 400]);
  assert.deepEqual(state.point, [0, 8, 29]);
});

test("a window that is none is not taken", () => {
  const { state, events } = watched();
  state.setWindow({ center: NaN, width: 10 });
  state.setWindow({ center: 40, width: 400 });
  assert.deepEqual(events, []);
  state.setWindow({ center: -600.123, width: 0.2 });
  assert.deepEqual(state.window, { center: -600.12, width: 1 });
});

test("reset puts view and window back and leaves the slices", () => {
  const { state } = watched();
  state.setSlice("axial", 3);
  state.setView("axial", { zoom: 4, dx: 1, dy: 2 });
  state.setView("coronal", { zoom: 2, dx: 0, dy: 0 });
  state.setWindow({ center: 1, width: 2 });
  state.setInverted(true);
  state.reset(["axial"]);
  assert.deepEqual(state.view("axial"), { zoom: 1, dx: 0, dy: 0 });
  assert.equal(state.view("coronal").zoom, 2);
  assert.deepEqual(state.window, { center: 40, width: 400 });
  assert.equal(state.inverted, false);
  assert.equal(state.slice("axial"), 3);
});

test("the single layout shows and activates its pane", () => {
  const { state } = watched();
  state.setLayout("1", "coronal");
  assert.deepEqual([state.layout, state.main, state.active], ["1", "coronal", "coronal"]);
});
