import assert from "node:assert/strict";
import { test } from "node:test";

import { Steps, stepBetween, withStep } from "../../static/js/lib/steps.js";
import { stepWords } from "../../static/js/state/stepwords.js";

const FITTED = { zoom: 1, dx: 0, dy: 0, turn: 0, mirrored: false };
const VIEWER = {
  point_lps: [0, 0, 82],
  phase: 0,
  window: { center: 40, width: 400 },
  colormap: "gray",
  inverted: false,
  views: { axial: FITTED, coronal: FITTED },
  tool: "window",
  layout: "2x2",
  main: "axial",
  slab: { mm: 0, projection: "mip" },
  axes: null,
};
const LENGTH = {
  id: "a",
  kind: "length",
  points: [[0, 0, 0], [3, 4, 0]],
  plane: { name: "axial", index: 81 },
  label: "",
  color: "#ffffff",
  hidden: false,
  statistics: null,
};

const moment = (viewer = {}, marks = []) => ({ viewer: { ...VIEWER, ...viewer }, marks });
const named = (before, after) => stepWords(stepBetween(before, after));
const position = (from, to) => stepBetween(moment({ point_lps: [0, 0, from] }), moment({ point_lps: [0, 0, to] }));
const window = (from, to) =>
  stepBetween(moment({ window: { center: from, width: 1 } }), moment({ window: { center: to, width: 1 } }));

test("each step is named for what changed", () => {
  const views = (axial) => ({ views: { axial: { ...FITTED, ...axial }, coronal: FITTED } });
  const cases = [
    [{ window: { center: 1, width: 2 } }, "window"],
    [{ window: { center: 40, width: 400, curve: [[0, 0], [9, 255]] } }, "curve"],
    [{ inverted: true }, "invert"],
    [{ colormap: "hot" }, "colour map"],
    [views({ zoom: 2, dx: 5 }), "zoom"],
    [views({ dx: 5 }), "pan"],
    [views({ turn: 90 }), "rotation"],
    [views({ mirrored: true }), "flip"],
    [{ ...views({ zoom: 2 }), window: { center: 1, width: 2 } }, "reset view"],
    [{ layout: "1", main: "coronal" }, "layout"],
    [{ slab: { mm: 10, projection: "mip" } }, "slab"],
    [{ axes: [[1, 0, 0]], point_lps: [1, 2, 3] }, "oblique plane"],
    [{ point_lps: [1, 2, 3] }, "position"],
    [{ phase: 3 }, "position"],
  ];
  for (const [viewer, words] of cases) assert.equal(named(moment(), moment(viewer)), words);
  assert.equal(named(moment({ axes: [[1, 0, 0]] }), moment()), "straighten");
});

test("marks are named with their place; several with their number", () => {
  const empty = moment();
  const one = (changed) => moment({}, [{ ...LENGTH, ...changed }]);
  assert.equal(named(empty, one()), "length on axial 82");
  assert.equal(named(empty, one({ plane: null, image: 4 })), "length on image 5");
  assert.equal(named(empty, one({ plane: { name: "oblique", index: 4.2 } })), "length");
  assert.equal(named(one(), empty), "delete length");
  assert.equal(named(one(), one({ label: "node" })), "rename length");
  assert.equal(named(one(), one({ color: "#ff0000" })), "colour of length");
  assert.equal(named(one(), one({ hidden: true })), "hide length");
  assert.equal(named(one({ hidden: true }), one()), "show length");
  assert.equal(named(one(), one({ points: [[0, 0, 0], [9, 9, 0]] })), "move length");
  assert.equal(named(empty, moment({}, [LENGTH, { ...LENGTH, id: "b" }])), "2 marks");
  assert.equal(named(moment({}, [LENGTH, { ...LENGTH, id: "b" }]), empty), "delete 2 marks");
});

test("figures that arrive, and the choice of a tool, are no step", () => {
  const told = { ...LENGTH, statistics: { mean: 12 }, revision: 3, updated_at: "2026-11-21T12:00:00Z" };
  assert.equal(stepBetween(moment({}, [LENGTH]), moment({}, [told])), null);
  assert.equal(stepBetween(moment(), moment({ tool: "length" })), null);
});

test("going about is one step, however long, and none when it ends where it began", () => {
  const steps = new Steps();
  steps.push(position(82, 83));
  steps.push(position(83, 120));
  assert.equal(steps.count, 1);
  assert.deepEqual(steps.done.viewer.point_lps, [[0, 0, 82], [0, 0, 120]]);
  steps.push(position(120, 82));
  assert.equal(steps.count, 0);
});

test("after scrolling, undo first returns to where it was drawn", () => {
  const steps = new Steps();
  steps.push(stepBetween(moment(), moment({}, [LENGTH])));
  steps.push(position(82, 120));
  const back = withStep(moment({ point_lps: [0, 0, 120] }, [LENGTH]), steps.undo(), 0);
  assert.deepEqual(back.viewer.point_lps, [0, 0, 82]);
  assert.equal(back.marks, null, "the length is still there");
  assert.deepEqual(withStep(moment({}, [LENGTH]), steps.undo(), 0).marks, []);
  assert.equal(steps.undo(), null);
});

test("a new step cuts what could be done again; looking around does not", () => {
  const steps = new Steps();
  steps.push(window(1, 2));
  steps.push(window(2, 3));
  steps.undo();
  steps.push(position(82, 90));
  assert.equal(steps.undone.kind, "window");
  steps.push(window(2, 9));
  assert.equal(steps.undone, null);
  assert.equal(steps.count, 2);
});

test("a step touches only what it changed: what came from another tab stays", () => {
  const step = stepBetween(moment(), moment({}, [LENGTH]));
  const other = { ...LENGTH, id: "b" };
  assert.deepEqual(withStep(moment({}, [LENGTH, other]), step, 0).marks, [other]);
  const rename = stepBetween(moment({}, [LENGTH]), moment({}, [{ ...LENGTH, label: "node" }]));
  assert.deepEqual(withStep(moment({}, [other]), rename, 0).marks, [other], "deleted elsewhere stays deleted");
});

test("figures that came after a step survive it", () => {
  const told = { ...LENGTH, statistics: { mean: 12 } };
  const add = stepBetween(moment(), moment({}, [LENGTH]));
  withStep(moment({}, [told]), add, 0);
  assert.deepEqual(withStep(moment(), add, 1).marks, [told]);
  const rename = stepBetween(moment({}, [LENGTH]), moment({}, [{ ...LENGTH, label: "node" }]));
  assert.deepEqual(withStep(moment({}, [{ ...told, label: "node" }]), rename, 0).marks, [told]);
});

test("the tool in hand is never put back", () => {
  const { viewer } = withStep(moment({ tool: "length" }), window(40, 50), 0);
  assert.equal("tool" in viewer, false);
});
