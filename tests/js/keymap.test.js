import assert from "node:assert/strict";
import { test } from "node:test";

import { ACTIONS, Keymap, actionOf, chordOf, isCharacter, mayBind, piecesOf } from "../../static/js/lib/keymap.js";

test("the usual keys do what readers expect", () => {
  const does = {
    ArrowUp: ["scroll", -1],
    Home: ["scrollTo", "first"],
    PageDown: ["series", 1],
    ".": ["layout", 1],
    c: ["play", null],
    w: ["tool", "window"],
    q: ["tool", "bidirectional"],
    t: ["tool", "arrow"],
    9: ["preset", 8],
    "+": ["zoom", 1.25],
    "\u2212": ["zoom", 0.8],
    "=": ["fit", null],
    0: ["actual", null],
    r: ["rotate", 90],
    l: ["rotate", -90],
    v: ["flip", "v"],
    " ": ["reset", null],
    Backspace: ["remove", null],
    "?": ["help", null],
  };
  for (const [key, action] of Object.entries(does)) assert.deepEqual(actionOf({ key }), action, key);
});

test("Ctrl and Cmd are one; Shift is told of letters and named keys", () => {
  assert.equal(chordOf({ key: "Z", ctrlKey: true, shiftKey: true }), "Ctrl+Shift+z");
  assert.equal(chordOf({ key: "z", metaKey: true }), "Ctrl+z");
  assert.equal(chordOf({ key: "ArrowUp", shiftKey: true }), "Shift+ArrowUp");
  assert.equal(chordOf({ key: "?", shiftKey: true }), "?");
  assert.equal(chordOf({ key: "=", shiftKey: true }), "=");
  assert.equal(chordOf({ key: "Shift", shiftKey: true }), "");
  assert.deepEqual(actionOf({ key: "z", metaKey: true }), ["undo", null]);
  assert.deepEqual(actionOf({ key: "Z", ctrlKey: true, shiftKey: true }), ["redo", null]);
  assert.deepEqual(actionOf({ key: "ArrowUp", shiftKey: true }), ["scroll", -10]);
  assert.deepEqual(actionOf({ key: "ArrowLeft", shiftKey: true }), ["phase", -1]);
  assert.deepEqual(actionOf({ key: "ArrowLeft", ctrlKey: true }), ["pan", [-1, 0]]);
});

test("a letter with Shift or Caps Lock is the letter; other modifiers make another key", () => {
  assert.deepEqual(actionOf({ key: "W" }), ["tool", "window"]);
  assert.deepEqual(actionOf({ key: "C", shiftKey: true }), ["play", null]);
  assert.equal(actionOf({ key: "w", ctrlKey: true }), null);
  assert.equal(actionOf({ key: "w", altKey: true }), null);
  assert.equal(actionOf({ key: "\u00f1" }), null);
});

test("single characters can be switched off as a whole", () => {
  const quiet = { letters: false };
  for (const key of ["w", "3", ",", "?", "+"]) assert.equal(actionOf({ key }, quiet), null, key);
  assert.deepEqual(actionOf({ key: "ArrowUp" }, quiet), ["scroll", -1]);
  assert.deepEqual(actionOf({ key: "z", ctrlKey: true }, quiet), ["undo", null]);
  assert.deepEqual(actionOf({ key: " " }, quiet), ["reset", null]);
  assert.equal(isCharacter("Shift+w"), true);
});

test("no two actions have one key, and none a reserved one but Escape and the menu's", () => {
  const keys = ACTIONS.flatMap(({ keys }) => keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(keys.filter((key) => !mayBind(key)), ["Escape"]);
  assert.equal(new Set(ACTIONS.map(({ id }) => id)).size, ACTIONS.length);
});

test("a key of one's own takes the place of the usual ones", () => {
  const keymap = new Keymap().with("window", "e");
  assert.deepEqual(keymap.actionOf({ key: "e" }), ["tool", "window"]);
  assert.equal(keymap.actionOf({ key: "w" }), null);
  assert.deepEqual(keymap.keysOf("window"), ["e"]);
  assert.deepEqual(keymap.custom, { window: "e" });
});

test("a key that another action had is told, and is that one's no more", () => {
  const usual = new Keymap();
  assert.equal(usual.takenBy("x", "window"), "crosshair");
  assert.equal(usual.takenBy("w", "window"), null);
  const keymap = usual.with("window", "x");
  assert.deepEqual(keymap.actionOf({ key: "x" }), ["tool", "window"]);
  assert.deepEqual(keymap.keysOf("crosshair"), []);
  const back = keymap.with("crosshair", "e").with("pan", "e");
  assert.deepEqual(back.custom, { window: "x", crosshair: "", pan: "e" });
  assert.deepEqual(back.keysOf("redo"), ["Ctrl+y", "Ctrl+Shift+z"]);
});

test("what was stored and means nothing any more is passed over", () => {
  const keymap = new Keymap({ custom: { window: 7, nothing: "x", pan: "e" } });
  assert.deepEqual(keymap.custom, { pan: "e" });
  assert.deepEqual(keymap.actionOf({ key: "x" }), ["tool", "crosshair"]);
});

test("pieces of a chord, the sign + among them", () => {
  assert.deepEqual(piecesOf("Ctrl+Shift+z"), ["Ctrl", "Shift", "z"]);
  assert.deepEqual(piecesOf("+"), ["+"]);
  assert.deepEqual(piecesOf("Ctrl++"), ["Ctrl", "+"]);
});

test("the browser's own keys are not given away", () => {
  for (const chord of ["Tab", "Enter", "Escape", "F5", "Ctrl+w", "Ctrl+r", "Alt+ArrowLeft", ""]) {
    assert.equal(mayBind(chord), false, chord);
  }
  for (const chord of ["e", "Ctrl+e", "Shift+e", "F"]) assert.equal(mayBind(chord), true, chord);
});
