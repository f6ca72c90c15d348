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
  assert.deepEqual(state.view("axial"), { zoom: 1, dx: 0, dy: 0, turn: 0, mirrored: false });
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

const STACK = {
  planes: [plane("stack", [0, 1, 2], 3)],
  shape_ijk: [10, 20, 3],
  window: { center: 40, width: 400, own: true },
  images: [{ window: { center: 50, width: 100 } }, { window: null }, { window: { center: 7, width: 9, function: "exact" } }],
  value_range: [-160, 240],
};

test("the images of a stack may each have a window of their own", () => {
  const state = new ViewerState(STACK);
  assert.deepEqual(state.window, { center: 40, width: 400, own: true }, "the second brings none");
  state.setSlice("stack", 2);
  assert.deepEqual(state.window, { center: 7, width: 9, function: "exact", own: true });
  state.setWindow({ center: 30, width: 60 });
  state.setSlice("stack", 0);
  assert.deepEqual(state.window, { center: 30, width: 60 }, "one window for all");
  state.reset();
  assert.deepEqual(state.window, { center: 50, width: 100, own: true });
});

test("what opens inverted does so as grey, and goes back to it", () => {
  const state = new ViewerState({ ...SERIES, is_inverted: true });
  assert.ok(state.inverted);
  state.setColormap("pet");
  assert.ok(!state.inverted);
  state.setInverted(true);
  state.reset();
  assert.ok(!state.inverted, "a colour map stays, and its reset is upright");
  state.setColormap("gray");
  assert.ok(state.inverted);
  state.setInverted(false);
  state.reset();
  assert.ok(state.inverted);
  assert.ok(!watched().state.inverted);
});

test("volumes of a part follow each other in a ring", () => {
  const state = new ViewerState({ ...SERIES, phases: { kind: "Echo", labels: ["10 ms", "20 ms", "30 ms"], now: 1 } });
  const seen = [];
  state.addEventListener("phase", () => seen.push(state.phase));
  for (const phase of [2, 3, 0, -1]) state.setPhase(phase);
  assert.deepEqual(seen, [2, 0, 2], "the same once more is no change");
  state.setPhase(5);
  assert.deepEqual(seen, [2, 0, 2], "5 is 2 of three");
});

test("a restored curve must be one", () => {
  const state = new ViewerState(SERIES);
  const before = state.window;
  state.restore({ window: { center: 0, width: 9, curve: [[0, 0]] } });
  assert.deepEqual(state.window, before);
  const curve = [[-1000, 0], [-600, 128.5], [400, 255]];
  state.restore({ window: { center: -300, width: 1400, curve } });
  assert.deepEqual(state.window, { center: -300, width: 1400, curve });
  state.setWindow({ curve: [[0, 0], [10, 255]] });
  assert.deepEqual(state.snapshot().window, { center: 5, width: 10, curve: [[0, 0], [10, 255]] });
});

test("a stack has no slab, whatever its volume was left with", () => {
  const image = { width: 4, height: 4, spacing_x_mm: 1, spacing_y_mm: 1, affine: null };
  const stack = {
    planes: [{ plane: "stack", count: 2, axes_ijk: [0, 1, 2], ...image }],
    images: [image, image],
    affine: null,
    shape_ijk: [4, 4, 2],
    window: { center: 40, width: 400 },
    value_range: [0, 100],
  };
  const state = new ViewerState(stack, { layout: "stack" });
  state.restore({ slab: { mm: 10, projection: "mip" }, point: [1, 1, 7], point_lps: [0, 0, 0], axes: null });
  assert.equal(state.slab.mm, 0);
  assert.deepEqual(state.point, [1, 1, 1]);
});
