// The words of "explain this pixel": its steps, the tissues, and why a value may mislead.

import { plain } from "../lib/numbers.js";
import { _ } from "../state/words.js";

const SPACE = "\u00a0";

/** What a number of any size looks like: three digits that count. */
function figure(value) {
  if (value === 0 || (Math.abs(value) >= 0.01 && Math.abs(value) < 1e6)) return plain(value);
  return String(Number(value.toPrecision(3))).replace("-", "\u2212").replace("e+", "e");
}

/** { label, value, note?, grey? } of a step of lib/explain.js. */
export function stepWords(step, series) {
  const unit = (name) => series.unit_words?.[name] ?? name;
  const words = {
    none: () => ({ label: _("Value"), value: "\u2014" }),
    samples: () => ({ label: _("Colour"), value: step.values.join(", "), note: _("red, green, blue") }),
    stored: () => ({ label: _("Stored"), value: step.value === null ? "\u2014" : plain(step.value) }),
    value: () => ({ label: _("Value"), value: figure(step.value), note: unit(step.unit) }),
    table: () => ({ label: _("Modality LUT"), value: figure(step.value), note: unit(step.unit) }),
    line: () => ({ label: lineWords(step), value: figure(step.value), note: unit(step.unit) }),
    suv: () => ({ label: `×${figure(step.factor)}`, value: figure(step.value), note: "SUV" }),
    window: () => ({ label: windowLabel(step), value: plain(Math.min(1, Math.max(0, step.fraction))), note: endWords(step.end) }),
    curve: () => ({ label: _("Curve"), value: _("%(count)s points", { count: step.points }) }),
    lut: () => ({ label: _("VOI LUT"), value: _("table") , note: _("of the file") }),
    grey: () => ({
      label: _("Grey"),
      value: String(step.grey),
      grey: step.grey,
      note: step.from === undefined ? _("of 255") : _("inverted, was %(grey)s", { grey: step.from }),
    }),
    colour: () => ({ label: _("Colour"), value: "", grey: step.grey, note: mapName(step.colormap) }),
  };
  return words[step.kind]();
}

function lineWords({ slope, intercept }) {
  const sign = intercept < 0 ? "\u2212" : "+";
  const plus = intercept === 0 ? "" : ` ${sign}${figure(Math.abs(intercept))}`;
  return `×${figure(slope)}${plus}`;
}

/** From what SUV was worked out: "70 kg, 350 MBq, 110 min". */
export function suvWords({ weight_kg: weight, dose_bq: dose, uptake_s: uptake }) {
  const parts = [`${plain(weight)}${SPACE}kg`, `${plain(dose / 1e6)}${SPACE}MBq`];
  if (uptake !== null) parts.push(`${Math.round(uptake / 60)}${SPACE}min`);
  return _("Worked out from weight, dose and time since the injection: %(figures)s.", { figures: parts.join(", ") });
}

function windowLabel({ function: name }) {
  return name === "sigmoid" ? `W / L ${_("sigmoid")}` : "W / L";
}

function endWords(end) {
  if (end < 0) return _("below the window");
  return end > 0 ? _("above the window") : _("of 0 to 1");
}

function mapName(name) {
  const choice = document.querySelector(`[data-colormaps] input[value="${name}"]`);
  return choice?.closest("label").textContent.trim() ?? name;
}

/** Why the stored number cannot be told. */
export function reasonWords(reason) {
  return {
    resampled: _("The volume was resampled: this value was interpolated and stands in no file."),
    table: _("A table of the file (Modality LUT) made the value; what was stored cannot be worked back."),
    coarse: _("The value is kept more coarsely than the file stores it, so the stored number cannot be told."),
    colour: _("The image is in colour: its samples are shown as they are."),
  }[reason];
}

/** What a tissue of lib/tissues.js is called in mid-sentence. */
export function tissueWords({ name }) {
  return {
    air: _("air"),
    lung: _("lung"),
    fat: _("fat"),
    water: _("water"),
    csf: _("cerebrospinal fluid"),
    white_matter: _("white matter"),
    grey_matter: _("grey matter"),
    muscle: _("muscle"),
    kidney: _("kidney"),
    spleen: _("spleen"),
    liver: _("liver"),
    blood: _("blood"),
    clot: _("clotted blood"),
    soft_contrast: _("soft tissue with contrast"),
    vessels_contrast: _("vessels with contrast"),
    spongy_bone: _("spongy bone"),
    cortical_bone: _("cortical bone"),
    enamel: _("tooth enamel"),
    metal: _("metal"),
  }[name];
}

/** Why a value may mislead; *size* of a voxel as "0.98 × 0.98 × 3". */
export function doubtWords(name, size) {
  return {
    partial_mm: _("Partial volume: a voxel of %(size)s mm tells the mean of all that lies in it. At borders that is a value of neither side.", { size }),
    partial: _("Partial volume: a voxel tells the mean of all that lies in it. At borders that is a value of neither side."),
    noise: _("Noise: neighbours of the same tissue differ by 10 to 30. Trust the mean of a region more than one voxel."),
    contrast: _("Contrast agent raises vessels and organs by 50 to 400: look whether it was given."),
    metal: _("Metal hardens the beam: dark and bright streaks beside it have wrong values."),
    cut_off: _("Cut off: many scanners store nothing above 3071, so the true value may be higher."),
    below_air: _("Below air: padding outside the scanned circle, or streaks beside metal."),
  }[name];
}
