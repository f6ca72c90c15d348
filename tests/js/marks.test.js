import assert from "node:assert/strict";
import { test } from "node:test";

import { Marks, newId } from "../../static/js/state/marks.js";

const length = (label = "") => ({ kind: "length", space: "patient", points: [[0, 0, 0], [3, 4, 0]], plane: null, label });

function watched() {
  const marks = new Marks();
  const told = [];
  for (const name of ["marks", "selected", "hovered", "draft"]) {
    marks.addEventListener(name, ({ detail }) => told.push(name === "marks" ? `${detail.reason}${detail.silent ? " silent" : ""}` : name));
  }
  return { marks, told };
}

test("a mark is completed and kept; changes make another", () => {
  const { marks, told } = watched();
  const mark = marks.add(length(), { label: "length on axial 82" });
  assert.match(mark.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(mark.hidden, false);
  assert.equal(mark.color, "#7fd4ff");
  assert.equal(marks.get(mark.id), mark);
  const changed = marks.change(mark.id, { label: "node" });
  assert.equal(mark.label, "");
  assert.equal(changed.label, "node");
  assert.deepEqual(marks.all, [changed]);
  marks.change(mark.id, { label: "node" }); // nothing new
  assert.deepEqual(told, ["add", "change"]);
  assert.throws(() => {
    changed.label = "x";
  });
});

test("what arrives by itself is no step, and no new date", () => {
  const { marks, told } = watched();
  const mark = marks.add({ ...length(), updated_at: "2026-01-01T00:00:00Z" });
  const changed = marks.change(mark.id, { statistics: { mean: 3 } }, { silent: true });
  assert.deepEqual(told, ["add", "change silent"]);
  assert.equal(changed.updated_at, "2026-01-01T00:00:00Z");
});

test("snapshots are the lists themselves", () => {
  const { marks, told } = watched();
  const before = marks.snapshot();
  const mark = marks.add(length());
  marks.select(mark.id);
  const after = marks.snapshot();
  assert.notEqual(before, after);
  marks.restore(before);
  assert.deepEqual(marks.all, []);
  assert.equal(marks.selected, null);
  marks.restore(before);
  marks.restore(after);
  assert.equal(marks.get(mark.id), mark);
  assert.deepEqual(told, ["add", "selected", "selected", "restore", "restore"]);
});

test("selection goes with its mark; unknown ids select nothing", () => {
  const { marks } = watched();
  const mark = marks.add(length());
  marks.select(mark.id);
  marks.select("unknown");
  assert.equal(marks.selected, null);
  marks.select(mark.id);
  marks.remove(mark.id);
  assert.equal(marks.selected, null);
  marks.remove(mark.id);
});

test("a draft is drawn in place of its mark and is none of the list", () => {
  const { marks, told } = watched();
  const [one, two] = marks.addAll([length("one"), length("two")]);
  const draft = { ...one, points: [[0, 0, 0], [1, 0, 0]] };
  marks.setDraft(draft);
  assert.deepEqual(marks.all, [one, two]);
  assert.deepEqual(marks.drawn, [two, draft]);
  marks.setDraft(null);
  assert.deepEqual(marks.drawn, [one, two]);
  assert.deepEqual(told, ["add", "draft", "draft"]);
});

test("several added are one step; what is loaded replaces all", () => {
  const { marks, told } = watched();
  marks.addAll([length("a"), length("b")]);
  marks.addAll([]);
  marks.load([{ id: "x", ...length("c") }]);
  assert.deepEqual(marks.all.map((mark) => mark.label), ["c"]);
  assert.deepEqual(told, ["add", "load silent"]);
});

test("ids are version 4 also without a secure page", () => {
  const { randomUUID } = crypto;
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  try {
    assert.match(newId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  } finally {
    Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
  }
});
