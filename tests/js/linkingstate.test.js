import assert from "node:assert/strict";
import test from "node:test";
import { Linking } from "../../static/js/state/linking.js";
import { ViewerState } from "../../static/js/state/viewer.js";

// An axial volume of 10 × 10 × count voxels of 1 × 1 × step mm, the first slice at z = from.
function volume(frame, from, step, count, unit = "HU") {
  const rows = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];
  const plane = { plane: "axial", count, width: 10, height: 10, spacing_x_mm: 1, spacing_y_mm: 1 };
  return new ViewerState({
    planes: [{ ...plane, to_ijk: rows, from_ijk: rows, axes_ijk: [0, 1, 2] }],
    affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, step, from]],
    shape_ijk: [10, 10, count],
    window: { center: 40, width: 400 },
    value_range: [0, 1000],
    frame_of_reference: frame,
    unit,
  });
}

const link = (one, other, switches) => new Linking([one, other].map((state) => ({ state, panes: new Map() })), switches);

test("one follows the other by place, once and not back", () => {
  const [one, other] = [volume("a", 0, 2.5, 12), volume("a", 10, 5, 8)];
  const told = [];
  const linking = link(one, other);
  one.addEventListener("point", () => told.push("one"));
  other.addEventListener("point", () => told.push("other"));
  assert.equal(linking.way, "patient");
  one.setSlice("axial", 10); // z = 25
  assert.equal(other.slice("axial"), 3);
  other.setSlice("axial", 1); // z = 15
  assert.equal(one.slice("axial"), 6);
  assert.deepEqual(told, ["other", "one", "one", "other"]);
});

test("a place that the other has not is told, and taken back", () => {
  const [one, other] = [volume("a", 0, 2.5, 12), volume("a", 10, 5, 8)];
  const told = [];
  const linking = link(one, other);
  linking.addEventListener("beside", ({ detail }) => told.push([detail.side, detail.isBeside]));
  one.setSlice("axial", 0); // 10 mm below the other's first
  assert.equal(other.slice("axial"), 0);
  one.setSlice("axial", 5); // z = 12.5
  assert.deepEqual(told, [[1, true], [1, false]]);
});

test("without a common frame nothing is led until it is linked by hand", () => {
  const [one, other] = [volume("a", 0, 2.5, 12), volume("b", 100, 2.5, 12)];
  const linking = link(one, other);
  assert.equal(linking.way, "none");
  one.setSlice("axial", 2);
  assert.equal(other.slice("axial"), 6);
  linking.linkHere(); // z = 5 here, 115 there
  assert.equal(linking.way, "hand");
  assert.deepEqual(linking.shiftFrom(0), [0, 0, 110]);
  assert.deepEqual(linking.shiftFrom(1), [-0, -0, -110]);
  one.setSlice("axial", 5);
  assert.equal(other.slice("axial"), 9);
  linking.unlink();
  one.setSlice("axial", 0);
  assert.equal(other.slice("axial"), 9);
});

test("the window is shared where units agree, and can be let go", () => {
  const [one, other, third] = [volume("a", 0, 1, 5), volume("a", 0, 1, 5), volume("a", 0, 1, 5, "BQML")];
  const linking = link(one, other);
  one.setWindow({ center: 300, width: 1500 });
  assert.deepEqual(other.window, { center: 300, width: 1500 });
  one.setInverted(true);
  assert.equal(other.inverted, true);
  linking.set("window", false);
  one.setInverted(false);
  assert.equal(other.inverted, true);
  assert.equal(link(one, third).switches.window, false);
  assert.equal(third.window.center, 40);
});

test("views are shared: the whole picture is the whole picture, else places and turns agree", () => {
  const [one, other] = [volume("a", 0, 1, 5), volume("a", 0, 1, 5)];
  link(one, other);
  one.setView("axial", { zoom: 2, dx: 1, dy: -1, turn: 90, mirrored: true });
  const view = other.view("axial");
  assert.deepEqual([view.zoom, view.turn, view.mirrored], [2, 90, true]);
  assert.ok(Math.abs(view.dx - 1) < 1e-9 && Math.abs(view.dy + 1) < 1e-9);
  other.setView("axial", { zoom: 1, dx: 0, dy: 0, turn: 90, mirrored: true });
  assert.equal(one.view("axial").zoom, 1);
});
