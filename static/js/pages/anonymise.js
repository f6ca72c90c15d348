// /anonymise with a selection. Expects [data-anonymise] with JSON { fields, presets: { name: { note, prefills } },
// preset }, data-patients, data-preview-url, data-export-url, and the markup named in views/anonymise*.js;
// checkboxes [name=series] (data-images, data-size) choose what goes into the ZIP.

import { readableSize } from "../lib/anonymise.js";
import { _, ngettext } from "../state/words.js";
import { AnonymiseExport } from "../views/anonymiseExport.js";
import { AnonymiseFields } from "../views/anonymiseFields.js";
import { AnonymisePreview } from "../views/anonymisePreview.js";

const root = document.querySelector("[data-anonymise]");
const { fields, presets, preset: first } = JSON.parse(root.dataset.anonymise);
const { patients, previewUrl, exportUrl } = root.dataset;
const chips = [...document.querySelectorAll("[data-preset]")];
const boxes = [...root.querySelectorAll("input[name=series]")];
const form = new AnonymiseFields(root.querySelector("[data-fields]"), fields, presets[first].prefills);
const preview = new AnonymisePreview(root.querySelector("[data-preview]"), previewUrl);
const exporting = new AnonymiseExport(root.querySelector("[data-export]"), exportUrl);
let preset = first;

function chosen() {
  return boxes.filter((box) => box.checked);
}

/** "2 series · 1,042 images · 547 MB" of what is ticked. */
function amount() {
  const sum = (name) => chosen().reduce((total, box) => total + Number(box.dataset[name]), 0);
  const images = sum("images");
  return [
    ngettext("1 series", "%(count)s series", chosen().length),
    ngettext("1 image", "%(count)s images", images, { count: images.toLocaleString("en") }),
    readableSize(sum("size")),
  ].join(" · ");
}

function settings() {
  return { preset, overrides: form.overrides };
}

/** After every change: preview anew, say what will be exported, and that an earlier ZIP has other settings. */
function changed() {
  const { overrides } = settings();
  const own = Object.keys(overrides).length;
  root.querySelector("[data-fields-note]").textContent = own
    ? ngettext("1 field of your own", "%(count)s fields of your own", own)
    : _("What you write rules");
  root.querySelector("[data-refill]").hidden = !own;
  root.querySelector("[data-merged]").hidden = Number(patients) < 2 || !("PatientName" in overrides || "PatientID" in overrides);
  exporting.allow(chosen().length > 0);
  exporting.outdate(amount());
  if (form.isValid) preview.show({ preset, overrides });
}

function choosePreset(name) {
  preset = name;
  for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.preset === name));
  document.querySelector("[data-preset-note]").textContent = presets[name].note;
  form.refill(presets[name].prefills);
}

/** A fault that belongs to a field is shown there, and nowhere else. */
function showInField(event) {
  const { field, message } = event.detail;
  if (field && form.showFault(field, message)) event.preventDefault();
}

function start() {
  if (!form.isValid) {
    form.focusProblem();
    return;
  }
  exporting.start({ series: chosen().map((box) => box.value), studies: [], ...settings() });
}

for (const chip of chips) chip.addEventListener("click", () => choosePreset(chip.dataset.preset));
for (const box of boxes) box.addEventListener("change", changed);
root.querySelector("[data-refill]").addEventListener("click", () => form.refill(presets[preset].prefills, { all: true }));
form.addEventListener("change", changed);
preview.addEventListener("fault", showInField);
exporting.addEventListener("fault", showInField);
exporting.addEventListener("start", start);
preview.show({ preset, overrides: form.overrides });
exporting.resume();
