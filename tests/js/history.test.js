import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { History } from "../../static/js/state/history.js";

/** A state of two numbers, told and restored as the viewer's is. */
class SmallState extends EventTarget {
  values = { point: [0, 0, 0], window: { center: 40, width: 400 }, tool: "window" };

  set(name, value) {
    this.values = { ...this.values, [name]: value };
    this.dispatchEvent(new CustomEvent(name));
  }

  snapshot() {
    return structuredClone(this.values);
  }

  restore(values) {
    for (const [name, value] of Object.entries(values)) this.set(name, value);
  }
}

class SmallMarks extends EventTarget {
  list = [];

  put(list, reason) {
    this.list = list;
    this.dispatchEvent(new CustomEvent("marks", { detail: { reason } }));
  }

  snapshot() {
    return this.list;
  }

  restore(list) {
    this.put(list, "load");
  }
}

const LENGTH = { id: "a", kind: "length", points: [], plane: { name: "axial", index: 81 } };

function made() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const [state, marks] = [new SmallState(), new SmallMarks()];
  const history = new History(state, marks);
  let told = 0;
  history.addEventListener("history", () => (told += 1));
  return { state, marks, history, told: () => told };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("changes without a pause are one step; a pause ends it", () => {
  const { state, history, told } = made();
  for (let center = 1; center <= 30; center += 1) {
    state.set("window", { center, width: 400 });
    mock.timers.tick(100);
  }
  assert.equal(history.count, 0);
  mock.timers.tick(400);
  assert.equal(history.count, 1);
  assert.equal(history.undoWords, "window");
  assert.equal(told(), 1);
});

test("a stroke is one step, at its end, pauses or not", () => {
  const { state, history } = made();
  history.stroke("begin");
  state.set("window", { center: 1, width: 400 });
  mock.timers.tick(2000);
  state.set("window", { center: 2, width: 400 });
  assert.equal(history.count, 0);
  history.stroke("end");
  assert.equal(history.count, 1);
  history.undo();
  assert.deepEqual(state.values.window, { center: 40, width: 400 });
});

test("a mark is a step at once, and what was scrolled before it one of its own", async () => {
  const { state, marks, history } = made();
  state.set("point", [0, 0, 81]);
  marks.put([LENGTH], "add");
  await settled();
  assert.equal(history.count, 2);
  assert.equal(history.undo(), "length on axial 82");
  assert.deepEqual(state.values.point, [0, 0, 81]);
  assert.equal(history.undo(), "position");
  assert.deepEqual(state.values.point, [0, 0, 0]);
  assert.equal(history.undo(), "");
});

test("undo and redo record nothing, and walk the whole way", async () => {
  const { state, marks, history } = made();
  for (let n = 0; n < 15; n += 1) {
    state.set("window", { center: n, width: 100 });
    mock.timers.tick(400);
    marks.put([...marks.list, { ...LENGTH, id: String(n) }], "add");
    await settled();
  }
  assert.equal(history.count, 30);
  while (history.undoWords) history.undo();
  mock.timers.tick(1000);
  assert.deepEqual([state.values.window.center, marks.list.length, history.count], [40, 0, 0]);
  while (history.redoWords) history.redo();
  mock.timers.tick(1000);
  assert.deepEqual([state.values.window.center, marks.list.length, history.count], [14, 15, 30]);
});

test("marks from the server are no step, and undo leaves them", async () => {
  const { marks, history } = made();
  marks.put([LENGTH], "add");
  await settled();
  marks.put([LENGTH, { ...LENGTH, id: "b" }], "load");
  await settled();
  assert.equal(history.count, 1);
  history.undo();
  assert.deepEqual(marks.list.map(({ id }) => id), ["b"]);
});

test("undo takes back what has not waited for its pause", () => {
  const { state, history } = made();
  state.set("window", { center: 1, width: 2 });
  assert.equal(history.undo(), "window");
  assert.equal(state.values.window.center, 40);
  assert.equal(history.redoWords, "window");
});

test("nothing is undone in the middle of a stroke", () => {
  const { state, history } = made();
  state.set("window", { center: 1, width: 2 });
  mock.timers.tick(400);
  history.stroke("begin");
  assert.equal(history.undo(), "");
  assert.equal(state.values.window.center, 1);
});

test("choosing a tool is no step, and undo leaves the tool in hand", () => {
  const { state, history } = made();
  state.set("window", { center: 1, width: 2 });
  state.set("tool", "length");
  mock.timers.tick(400);
  assert.equal(history.count, 1);
  history.undo();
  assert.equal(state.values.tool, "length");
});

test("scrolled and at once windowed: two steps; windowed and at once scrolled: one", () => {
  const { state, history } = made();
  state.set("point", [0, 0, 5]);
  state.set("window", { center: 1, width: 2 });
  state.set("point", [0, 0, 6]);
  mock.timers.tick(400);
  assert.equal(history.count, 2);
  assert.equal(history.undo(), "window");
  assert.deepEqual(state.values.point, [0, 0, 5]);
  assert.equal(history.undo(), "position");
  assert.deepEqual(state.values.point, [0, 0, 0]);
});
