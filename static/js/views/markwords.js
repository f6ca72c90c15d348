// What marks are called, where they lie and what they measure, in the reader's words.

import { measured } from "../lib/measure.js";
import { angleText, areaText, isCalibrated, lengthText, lengthUnit, measureLines, noteOf, tellingOf } from "../lib/marktext.js";
import { framesOf } from "../lib/frames.js";
import { isOwnSlice, numberOf } from "../lib/marklist.js";
import { decimal, digitsFor, plain } from "../lib/numbers.js";
import { _ } from "../state/words.js";

const ICONS = {
  length: "rulers",
  bidirectional: "tp-bidir",
  angle: "tp-angle",
  cobb: "tp-cobb",
  ellipse: "circle",
  rectangle: "square",
  freehand: "heptagon",
  arrow: "cursor-text",
  probe: "eyedropper",
  keyimage: "bookmark",
};

/** The icon of a kind of mark. */
export const iconOf = (kind) => ICONS[kind] ?? "rulers";

/** What a kind of mark is called, with a number: "Length 3". */
function numbered(kind, number) {
  const words = { number };
  return {
    length: () => _("Length %(number)s", words),
    bidirectional: () => _("Bidirectional %(number)s", words),
    angle: () => _("Angle %(number)s", words),
    cobb: () => _("Cobb angle %(number)s", words),
    ellipse: () => _("Ellipse %(number)s", words),
    rectangle: () => _("Rectangle %(number)s", words),
    freehand: () => _("Freehand %(number)s", words),
    arrow: () => _("Arrow %(number)s", words),
    probe: () => _("Probe %(number)s", words),
    keyimage: () => _("Key image %(number)s", words),
  }[kind]?.() ?? _("Mark %(number)s", words);
}

/** The mark's own name, or its kind and number. */
export function nameOf(mark, marks) {
  return mark.label || numbered(mark.kind, numberOf(mark, marks));
}

/** What planes are called in mid-sentence; oblique ones say so. */
export function planeWord(name) {
  return { axial: _("axial"), sagittal: _("sagittal"), coronal: _("coronal"), stack: _("image"), oblique: _("oblique") }[name] ?? name;
}

const known = new WeakMap(); // series → its own frames

function framesOfSeries(series) {
  if (!known.has(series)) known.set(series, framesOf({ ...series, planes: series.planes ?? [] }));
  return known.get(series);
}

/** "axial 76", "image 3", with the phase where there are several. */
export function placeWords(mark, { series }) {
  const isTurned = mark.space === "patient" && !isOwnSlice(mark, framesOfSeries(series));
  const index = isTurned ? null : (mark.plane?.index ?? mark.image);
  const name = isTurned ? "oblique" : (mark.plane?.name ?? "stack");
  const place = index === undefined || index === null ? planeWord(name) : `${planeWord(name)} ${index + 1}`;
  const phase = series.phases?.labels?.[mark.phase];
  return phase === undefined ? place : `${place} · ${phase}`;
}

/** What lists tell beside the name, the measure first: [{ text }]. */
export function valuesOf(mark, series) {
  return measureLines(mark, tellingOf(series, mark)).map((text) => ({ text }));
}

/** All that is known of a mark, for the details: [{ label, text }]. */
export function factsOf(mark, context) {
  const { series } = context;
  const measures = measured(mark);
  const unit = lengthUnit(mark, isCalibrated(series, mark));
  const facts = [];
  const tell = (label, value, text) => Number.isFinite(value) && facts.push({ label, text: text(value, unit) });
  tell(_("Length"), measures.length, lengthText);
  tell(_("Long axis"), measures.long, lengthText);
  tell(_("Short axis"), measures.short, lengthText);
  tell(_("Angle"), measures.angle, angleText);
  tell(_("Area"), measures.area, areaText);
  tell(_("Perimeter"), measures.perimeter, lengthText);
  facts.push(...valueFacts(mark.statistics, series));
  facts.push({ label: _("Plane"), text: placeWords(mark, context) });
  const note = noteOf(series, mark);
  if (note) facts.push({ label: _("Millimetres from"), text: note });
  return facts;
}

function valueFacts(statistics, series) {
  if (!statistics || !Number.isFinite(statistics.mean)) return [];
  const unit = statistics.unit ? `\u00a0${series.unit_words?.[statistics.unit] ?? statistics.unit}` : "";
  const digits = statistics.max - statistics.min >= 50 ? 0 : Math.max(2, digitsFor(statistics.max - statistics.min));
  const told = (value) => (Number.isFinite(value) ? `${decimal(value, Number.isInteger(value) ? 0 : digits)}${unit}` : "\u2014");
  if (statistics.count === 1) return [{ label: _("Value"), text: `${plain(statistics.mean)}${unit}` }];
  return [
    { label: _("Mean"), text: told(statistics.mean) },
    { label: _("Standard deviation"), text: told(statistics.std) },
    { label: _("Lowest"), text: told(statistics.min) },
    { label: _("Highest"), text: told(statistics.max) },
    { label: _("Voxels"), text: decimal(statistics.count ?? 0) },
  ];
}

/** The colours of lib/marklist.js by name. */
export function colourWord(value) {
  return (
    {
      "#7fd4ff": _("Light blue"),
      "#ffa24a": _("Orange"),
      "#ff8fd8": _("Pink"),
      "#b9a2ff": _("Violet"),
      "#ffffff": _("White"),
      "#35e0c8": _("Turquoise"),
      "#ffc9a3": _("Apricot"),
      "#6f9bff": _("Blue"),
    }[value] ?? value
  );
}
