import assert from "node:assert/strict";
import { test } from "node:test";

import { SETS, bindingsFrom, hoverTool, toolFor, wheelFor } from "../../static/js/lib/bindings.js";

const LEFT = { button: 0, pointerType: "mouse" };
const MIDDLE = { button: 1, pointerType: "mouse" };
const RIGHT = { button: 2, pointerType: "mouse" };

test("usual: left the chosen tool, middle pan, right zoom", () => {
  const bindings = bindingsFrom();
  assert.equal(toolFor(LEFT, bindings, "length"), "length");
  assert.equal(toolFor(MIDDLE, bindings, "length"), "pan");
  assert.equal(toolFor(RIGHT, bindings, "length"), "zoom");
  assert.equal(toolFor({ ...LEFT, shiftKey: true }, bindings, "length"), "crosshair");
  assert.equal(toolFor({ ...LEFT, metaKey: true }, bindings, "length"), "zoom");
  assert.equal(toolFor({ ...LEFT, altKey: true }, bindings, "length"), "scroll");
  assert.equal(bindings.first, "window");
});

test("RadiAnt, Horos: scrolling on the left, window on the right; a chosen tool still is the left's", () => {
  const bindings = bindingsFrom({ mouse: "radiant" });
  assert.equal(bindings.first, "scroll");
  assert.equal(toolFor(LEFT, bindings, "length"), "length");
  assert.equal(toolFor(RIGHT, bindings, "scroll"), "window");
});

test("Slicer: Shift and moving takes the crosshair along", () => {
  const bindings = bindingsFrom({ mouse: "slicer" });
  assert.equal(hoverTool({ buttons: 0, shiftKey: true }, bindings), "crosshair");
  assert.equal(hoverTool({ buttons: 1, shiftKey: true }, bindings), null);
  assert.equal(hoverTool({ buttons: 0, shiftKey: true }, bindingsFrom()), null);
});

test("one's own set; what is no tool stays usual", () => {
  const own = { left: "pan", right: "scroll", shift: "format" };
  const bindings = bindingsFrom({ mouse: "custom", mouse_custom: own });
  assert.equal(toolFor(LEFT, bindings, "window"), "pan");
  assert.equal(toolFor(RIGHT, bindings, "window"), "scroll");
  assert.equal(toolFor({ ...LEFT, shiftKey: true }, bindings, "window"), "crosshair");
});

test("a finger has the chosen tool whatever is held", () => {
  const bindings = bindingsFrom({ mouse: "custom", mouse_custom: { left: "pan" } });
  assert.equal(toolFor({ button: 0, pointerType: "touch", shiftKey: true }, bindings, "window"), "window");
});

test("left scrolls and the wheel turned round, as options of every set", () => {
  assert.equal(bindingsFrom({ left_scrolls: true }).first, "scroll");
  assert.deepEqual(wheelFor({}, bindingsFrom({ invert_wheel: true })), { does: "slices", sense: -1 });
  assert.deepEqual(wheelFor({ ctrlKey: true }, bindingsFrom({ invert_wheel: true })), { does: "zoom", sense: 1 });
  assert.deepEqual(wheelFor({}, bindingsFrom()), { does: "slices", sense: 1 });
});

test("an unknown set is the usual one", () => {
  assert.equal(bindingsFrom({ mouse: "constructor" }).right, SETS.usual.right);
});
