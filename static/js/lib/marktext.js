// Measures as text: digits and units. Words of a language come from outside: what a unit is called, and by what
// right a length is in millimetres ("at the detector").

import { measured } from "./measure.js";
import { decimal, digitsFor, plain } from "./numbers.js";

const SPACE = "\u00a0"; // a number and its unit stay on one line
const MM2_PER_CM2 = 100;
const CM2_FROM = 1000; // mm²: larger areas are told in cm²

/** Tenths from one on; small things keep three digits or less. */
function lengthDigits(value) {
  if (value >= 0.95) return 1;
  return value >= 0.095 ? 2 : 3;
}

/** "89.1 mm", "412.0 px". */
export function lengthText(value, unit) {
  return `${decimal(value, lengthDigits(value))}${SPACE}${unit}`;
}

/** "88.9 × 57.4 mm": one count of decimals for both. */
export function lengthsText(values, unit) {
  const digits = lengthDigits(Math.max(...values));
  return `${values.map((value) => decimal(value, digits)).join(" × ")}${SPACE}${unit}`;
}

/** "42.5 mm²", "410 mm²", "12.35 cm²", "5,210 px²". */
export function areaText(value, unit) {
  if (unit !== "mm") return `${decimal(value, value < 100 ? 1 : 0)}${SPACE}${unit}²`;
  if (value < CM2_FROM) return `${decimal(value, value < 99.95 ? 1 : 0)}${SPACE}mm²`;
  const cm2 = value / MM2_PER_CM2;
  return `${decimal(cm2, cm2 < 99.995 ? 2 : 1)}${SPACE}cm²`;
}

/** "71.3°" */
export function angleText(degrees) {
  return `${decimal(degrees, 1)}°`;
}

/** A unit of the server as the reader calls it: HU is UH in Spanish. */
const unitText = (unit, units) => (unit ? SPACE + (units[unit] ?? unit) : "");

/** "23 ± 21 HU", of one voxel "16 HU"; "" where nothing is known. */
export function valuesText(statistics, units = {}) {
  const { mean, std, min, max, unit, count } = statistics ?? {};
  if (!Number.isFinite(mean)) return "";
  if (count === 1) return plain(mean) + unitText(unit, units);
  const digits = digitsFor(max - min);
  const spread = Number.isFinite(std) ? ` ± ${decimal(std, digits)}` : "";
  return decimal(mean, digits) + spread + unitText(unit, units);
}

/** The unit of a mark's lengths. A file of a volume need not say how large a voxel is: then they are voxels'. */
export function lengthUnit(mark, isCalibrated = true) {
  return isCalibrated ? measured(mark).unit : "px";
}

/**
 * What a mark measures, a line each: the measure itself first, values of the voxels second.
 * @param units         what the server's units are called: { HU: "UH" }
 * @param note          by what right lengths are in millimetres; "" where they are ones in the patient
 * @param valuesNote    of what the values are, where the picture shows others
 * @param isCalibrated  false in a volume without millimetres
 */
export function measureLines(mark, { units = {}, note = "", valuesNote = "", isCalibrated = true } = {}) {
  const { length, long, short, angle, area } = measured(mark);
  const unit = lengthUnit(mark, isCalibrated);
  const noted = (text) => (note && unit === "mm" ? `${text} ${note}` : text);
  const lines = [];
  if (length !== undefined) lines.push(noted(lengthText(length, unit)));
  if (long !== undefined) lines.push(noted(lengthsText([long, short], unit)));
  if (angle !== undefined) lines.push(angleText(angle));
  if (area !== undefined) lines.push(noted(areaText(area, unit)));
  const values = valuesText(mark.statistics, units);
  if (values) lines.push(valuesNote ? `${values} ${valuesNote}` : values);
  return lines;
}

/** How the measures of a mark on a series are told: what :func:`measureLines` takes. */
export function tellingOf(series, mark) {
  return { units: series.unit_words ?? {}, note: noteOf(series, mark), isCalibrated: isCalibrated(series, mark) };
}

/** Whether millimetres are known where a mark lies; an image's mark knows its own. */
export function isCalibrated(series, mark) {
  return mark.space === "image" || series.planes?.[0]?.is_calibrated !== false;
}

/** By what right a mark's lengths are in millimetres: its image's note, or that of the series. */
export function noteOf(series, mark) {
  const image = mark.space === "image" ? mark.image : mark.plane?.index;
  return series.images?.[image]?.mm_note ?? "";
}
