// Keys and their actions in words, and the rows of the dialog: what belongs together stands in one.

import { piecesOf } from "../lib/keymap.js";
import { _ } from "../state/words.js";

const NAMES = {
  ArrowUp: () => "\u2191",
  ArrowDown: () => "\u2193",
  ArrowLeft: () => "\u2190",
  ArrowRight: () => "\u2192",
  PageUp: () => _("PgUp"),
  PageDown: () => _("PgDn"),
  Home: () => _("Home"),
  End: () => _("End"),
  Escape: () => "Esc",
  Delete: () => _("Del"),
  Backspace: () => _("Backspace"),
  ContextMenu: () => _("Menu key"),
  Shift: () => _("Shift"),
  Ctrl: () => "Ctrl",
  Alt: () => "Alt",
  " ": () => _("Space"),
  "-": () => "\u2212",
};

/** ["Ctrl", "Z"]: what the keys of a chord are called. */
export function keyNames(chord) {
  return piecesOf(chord).map((piece) => NAMES[piece]?.() ?? (piece.length === 1 ? piece.toUpperCase() : piece));
}

export function chordWords(chord) {
  return keyNames(chord).join("+");
}

/** The words of an action by its id. */
export function actionWords(id) {
  const preset = id.match(/^preset(\d)$/);
  if (preset) return _("Window %(number)s of the panel", { number: preset[1] });
  return ACTIONS[id]();
}

const ACTIONS = {
  previous: () => _("Previous slice"),
  next: () => _("Next slice"),
  tenBack: () => _("Ten slices back"),
  tenOn: () => _("Ten slices on"),
  first: () => _("First slice"),
  last: () => _("Last slice"),
  previousSeries: () => _("Previous series"),
  nextSeries: () => _("Next series"),
  previousPane: () => _("Previous pane"),
  nextPane: () => _("Next pane"),
  previousPhase: () => _("Previous volume"),
  nextPhase: () => _("Next volume"),
  previousLayout: () => _("Previous layout"),
  nextLayout: () => _("Next layout"),
  cine: () => _("Play and pause"),
  window: () => _("Window and level"),
  pan: () => _("Pan"),
  zoom: () => _("Zoom"),
  scroll: () => _("Scroll slices"),
  crosshair: () => _("Crosshair"),
  probe: () => _("Probe"),
  length: () => _("Length"),
  bidirectional: () => _("Bidirectional"),
  angle: () => _("Angle"),
  cobb: () => _("Cobb angle"),
  ellipse: () => _("Ellipse"),
  rectangle: () => _("Rectangle"),
  freehand: () => _("Freehand"),
  arrow: () => _("Arrow with text"),
  nearer: () => _("Nearer"),
  farther: () => _("Farther"),
  fit: () => _("Whole image"),
  actual: () => _("One to one"),
  panLeft: () => _("Show what lies further left"),
  panRight: () => _("Show what lies further right"),
  panUp: () => _("Show what lies further up"),
  panDown: () => _("Show what lies further down"),
  turnRight: () => _("Turn right"),
  turnLeft: () => _("Turn left"),
  flipAcross: () => _("Flip sideways"),
  flipDown: () => _("Flip upside down"),
  invert: () => _("Invert"),
  reset: () => _("Reset view"),
  slab: () => _("Slab on and off"),
  straighten: () => _("Straighten oblique planes"),
  magnifier: () => _("Magnifier"),
  segments: () => _("Segments on and off"),
  keyimage: () => _("Key image"),
  snapshot: () => _("Snapshot"),
  undo: () => _("Undo"),
  redo: () => _("Redo"),
  remove: () => _("Delete what is selected"),
  copy: () => _("Copy marks"),
  paste: () => _("Paste marks"),
  menu: () => _("Menu of the pane"),
  escape: () => _("Cancel, close"),
  help: () => _("This page"),
};

/** [title, [[label, ids]]]: the rows of keys. */
export function keyGroups() {
  const one = (id) => [actionWords(id), [id]];
  return [
    [
      _("Slices and panes"),
      [
        [_("Previous and next slice"), ["previous", "next"]],
        [_("Ten slices"), ["tenBack", "tenOn"]],
        [_("First and last"), ["first", "last"]],
        [_("Series of the study"), ["previousSeries", "nextSeries"]],
        [_("Previous and next pane"), ["previousPane", "nextPane"]],
        [_("Layout"), ["previousLayout", "nextLayout"]],
        [_("Previous and next volume"), ["previousPhase", "nextPhase"]],
        one("cine"),
      ],
    ],
    [
      _("Image"),
      [
        [_("Windows, in the panel\u2019s order"), Array.from({ length: 9 }, (_none, at) => `preset${at + 1}`)],
        [_("Nearer, farther, whole image"), ["nearer", "farther", "fit"]],
        one("actual"),
        [_("Move over the image"), ["panLeft", "panRight", "panUp", "panDown"]],
        [_("Turn right, turn left"), ["turnRight", "turnLeft"]],
        [_("Flip sideways, upside down"), ["flipAcross", "flipDown"]],
        ...["invert", "reset", "magnifier", "slab", "straighten", "segments"].map(one),
      ],
    ],
    [_("Tools"), ["window", "pan", "zoom", "scroll", "crosshair", "probe"].map(one)],
    [
      _("Measuring"),
      ["length", "bidirectional", "angle", "cobb", "ellipse", "rectangle", "freehand", "arrow"].map(one),
    ],
    [
      _("Work"),
      [
        one("undo"),
        one("redo"),
        one("remove"),
        [_("Copy and paste marks"), ["copy", "paste"]],
        ...["keyimage", "snapshot", "menu", "escape", "help"].map(one),
      ],
    ],
  ];
}

const TOOLS = {
  active: () => _("Chosen tool"),
  window: () => _("Window and level"),
  pan: () => _("Pan"),
  zoom: () => _("Zoom"),
  scroll: () => _("Slices"),
  crosshair: () => _("Crosshair"),
};

/** What a mouse button does, in words. */
export const toolWords = (name) => TOOLS[name]();

const SLOTS = {
  left: () => [_("Left")],
  middle: () => [_("Middle")],
  right: () => [_("Right")],
  shift: () => [_("Shift"), _("Left")],
  ctrl: () => ["Ctrl", _("Left")],
  alt: () => ["Alt", _("Left")],
};

export const slotNames = (slot) => SLOTS[slot]();
