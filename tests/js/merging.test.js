import assert from "node:assert/strict";
import { test } from "node:test";

import { bare, mergedMarks, overlaid, sameMark } from "../../static/js/lib/merging.js";

const mark = (id, label = "") => ({ id, kind: "length", label, points: [[0, 0, 0], [1, 0, 0]] });

test("marks are the same whatever the order of keys and the server's dates", () => {
  const one = { id: "a", plane: { name: "axial", index: 3 }, label: "x" };
  const other = { label: "x", plane: { index: 3, name: "axial" }, id: "a", revision: 9, updated_at: "now" };
  assert.equal(sameMark(one, other), true);
  assert.equal(sameMark(one, { ...other, label: "y" }), false);
  assert.deepEqual(bare(other), { label: "x", plane: { index: 3, name: "axial" }, id: "a" });
});

test("the server's marks come, changed and deleted ones too; what waits here stays ours", () => {
  const ours = [mark("same"), mark("changed"), mark("gone"), mark("waits", "ours"), mark("new")];
  const theirs = [mark("same"), mark("changed", "theirs"), mark("waits", "theirs"), mark("other"), mark("deleted")];
  const pending = new Set(["waits", "new", "deleted"]);
  const merged = mergedMarks(ours, theirs, (id) => pending.has(id));
  assert.deepEqual(
    merged.map(({ id, label }) => [id, label]),
    [["same", ""], ["changed", "theirs"], ["waits", "ours"], ["new", ""], ["other", ""]],
  );
  assert.equal(merged[0], ours[0], "what is the same is the same object");
});

test("what this tab has not sent lies over what the server gave", () => {
  const given = { state: { layout: "1" }, marks: [mark("a"), mark("b")], preferences: { mouse: "usual" }, saved_at: "t" };
  const entries = [
    { key: "mark:a", request: { method: "DELETE" } },
    { key: "mark:b", request: { method: "PUT", json: { ...mark("b", "ours"), series_id: "s", part: 0 } } },
    { key: "state:s/0", request: { method: "PUT", json: { state: { layout: "2x2" } } } },
    { key: "preferences", request: { method: "PATCH", json: { mouse: "slicer" } } },
  ];
  const laid = overlaid(given, entries);
  assert.deepEqual(laid, {
    state: { layout: "2x2" },
    marks: [mark("b", "ours")],
    preferences: { mouse: "slicer" },
    saved_at: "t",
  });
  assert.equal(given.marks.length, 2, "what was given is left as it is");
});
