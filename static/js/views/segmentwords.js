// What is said of segments and segmentations.

import { decimal, digitsOf } from "../lib/numbers.js";
import { _, ngettext } from "../state/words.js";

const KINDS = {
  rtstruct: () => "RTSTRUCT",
  seg: () => "DICOM SEG",
  nifti: () => "NIfTI",
  nrrd: () => "NRRD",
  drawn: () => _("drawn"),
  dose: () => "RTDOSE",
};

/** What a kind of file is called. */
export function kindWord(kind) {
  return KINDS[kind]?.() ?? kind;
}

export function segmentName({ name, number }) {
  return name || _("Segment %(number)s", { number });
}

export function segmentationName({ name, kind }) {
  return name || kindWord(kind);
}

/** Millilitres with the digits that a reader needs: 2,966.3 · 44.7 · 0.83 · 0.012. */
export function volumeText(ml) {
  if (!Number.isFinite(ml)) return "\u2014";
  if (ml >= 10 || ml === 0) return decimal(ml, 1);
  return decimal(ml, ml >= 0.1 ? 2 : 3);
}

/** A value with the digits that suit the series. */
export function valueText(value, series) {
  return Number.isFinite(value) ? decimal(value, digitsOf(series)) : "\u2014";
}

/** The unit of the series' values as the reader calls it. */
export function unitOf(series) {
  return series.unit_words?.[series.unit] ?? series.unit ?? "";
}

export function countWords(segmentation) {
  return ngettext("%(count)s segment", "%(count)s segments", segmentation.segments.length);
}

/** The columns of the table of statistics: name, what a segment says, its digits. */
export function statisticsColumns(series) {
  const unit = unitOf(series);
  const digits = digitsOf(series);
  const withUnit = (word) => (unit ? `${word} (${unit})` : word);
  return [
    { key: "number", label: _("No."), digits: 0 },
    { key: "name", label: _("Segment"), isText: true },
    { key: "voxels", label: _("Voxels"), digits: 0 },
    { key: "volume_ml", label: _("Volume (ml)"), digits: 2 },
    { key: "surface_mm2", label: _("Surface (mm²)"), digits: 0 },
    { key: "diameter_mm", label: _("Longest diameter (mm)"), digits: 1 },
    { key: "mean", label: withUnit(_("Mean")), digits },
    { key: "std", label: withUnit(_("SD")), digits },
    { key: "min", label: withUnit(_("Min")), digits },
    { key: "max", label: withUnit(_("Max")), digits },
    { key: "centroid_lps", label: _("Centroid L, P, S (mm)"), isPlace: true },
  ];
}

/** A cell of that table as it is read. */
export function statisticsText(segment, { key, digits, isText, isPlace }) {
  if (isText) return segmentName(segment);
  const value = segment[key];
  if (isPlace) return Array.isArray(value) ? value.map((one) => decimal(one, 1)).join(", ") : "\u2014";
  if (key === "number") return String(value);
  return Number.isFinite(value) ? decimal(value, digits) : "\u2014";
}
