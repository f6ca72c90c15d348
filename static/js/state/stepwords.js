// Steps of undo in words: "length on axial 82", "window", "delete angle".

import { _, ngettext } from "./words.js";

const MARKS = {
  length: () => _("length"),
  bidirectional: () => _("bidirectional"),
  angle: () => _("angle"),
  cobb: () => _("Cobb angle"),
  ellipse: () => _("ellipse"),
  rectangle: () => _("rectangle"),
  freehand: () => _("freehand"),
  arrow: () => _("arrow"),
  probe: () => _("probe"),
  keyimage: () => _("key image"),
};

const PLANES = {
  axial: () => _("axial"),
  sagittal: () => _("sagittal"),
  coronal: () => _("coronal"),
};

const STEPS = {
  position: () => _("position"),
  window: () => _("window"),
  invert: () => _("invert"),
  colormap: () => _("colour map"),
  curve: () => _("curve"),
  overlays: () => _("overlays"),
  segments: () => _("segments shown"),
  "change-segment": ({ name, what }) => SEGMENT_CHANGES[what](name),
  zoom: () => _("zoom"),
  pan: () => _("pan"),
  rotation: () => _("rotation"),
  flip: () => _("flip"),
  reset: () => _("reset view"),
  layout: () => _("layout"),
  slab: () => _("slab"),
  oblique: () => _("oblique plane"),
  straighten: () => _("straighten"),
  crosshair: () => _("crosshair lines"),
  display: () => _("display"),
  "add-marks": ({ count }) => ngettext("%(count)s mark", "%(count)s marks", count),
  "delete-marks": ({ count }) => ngettext("delete %(count)s mark", "delete %(count)s marks", count),
  "change-marks": ({ count }) => ngettext("change %(count)s mark", "change %(count)s marks", count),
  "add-mark": (step) => placed(step),
  "delete-mark": (step) => _("delete %(mark)s", { mark: markWord(step.of) }),
  "move-mark": (step) => _("move %(mark)s", { mark: markWord(step.of) }),
  "change-mark": (step) => _("change %(mark)s", { mark: markWord(step.of) }),
  rename: (step) => _("rename %(mark)s", { mark: markWord(step.of) }),
  colour: (step) => _("colour of %(mark)s", { mark: markWord(step.of) }),
  hide: (step) => _("hide %(mark)s", { mark: markWord(step.of) }),
  show: (step) => _("show %(mark)s", { mark: markWord(step.of) }),
};

const SEGMENT_CHANGES = {
  name: (name) => _("rename %(mark)s", { mark: name }),
  color: (name) => _("colour of %(mark)s", { mark: name }),
  code: (name) => _("code of %(mark)s", { mark: name }),
};

/** What a kind of mark is called within a sentence. */
export function markWord(kind) {
  return MARKS[kind]?.() ?? _("mark");
}

function placed({ of, plane, index }) {
  const mark = markWord(of);
  if (index === null) return mark;
  const number = Math.round(index) + 1;
  if (PLANES[plane]) return _("%(mark)s on %(plane)s %(number)s", { mark, plane: PLANES[plane](), number });
  return plane === null || plane === "stack" ? _("%(mark)s on image %(number)s", { mark, number }) : mark;
}

/** The words of a step (lib/steps.js). */
export function stepWords(step) {
  return STEPS[step.kind](step);
}
