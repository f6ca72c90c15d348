// One row of the list of segments: <li class="segment-row"> with eye, swatch, name, volume, mean, lock and menu.

import { SEGMENT_COLOURS, inkOn } from "../lib/segmentdisplay.js";
import { _ } from "../state/words.js";
import { element, icon } from "./elements.js";
import { openMenu } from "./popmenu.js";
import { segmentName, valueText, volumeText } from "./segmentwords.js";

const SVG = "http://www.w3.org/2000/svg";
const COLOUR_WORDS = [
  () => _("mint"),
  () => _("lavender"),
  () => _("rose"),
  () => _("crimson"),
  () => _("blue"),
  () => _("sage"),
  () => _("plum"),
  () => _("mauve"),
  () => _("forest"),
  () => _("olive"),
];

/** A square of a colour with a number in it: what a segment is known by beside its name. */
export function segmentSwatch(color, text = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "segment-swatch");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const square = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: 20, height: 20, rx: 4, fill: color })) square.setAttribute(name, value);
  svg.append(square);
  if (text !== "") {
    const number = document.createElementNS(SVG, "text");
    for (const [name, value] of Object.entries({ x: 10, y: 10.5, fill: inkOn(color) })) number.setAttribute(name, value);
    number.textContent = text;
    svg.append(number);
  }
  return svg;
}

/**
 * @param context  { series, segmentations, sprite, on }: *on* has jump, rename, colour, code, remove
 */
export function segmentRow(segmentation, segment, context) {
  const { segmentations, series, sprite, on } = context;
  const { id } = segmentation;
  const { number } = segment;
  const name = segmentName(segment);
  const isShown = segmentations.isShown(id, number);
  const isLocked = segmentations.isLocked(id, number);
  const isCurrent = segmentations.selected?.id === id && segmentations.selected.number === number;
  const row = element("li", ["segment-row", !isShown && "is-hidden", segmentations.isSolo(id, number) && "is-solo"].filter(Boolean).join(" "));
  row.dataset.segment = number;
  if (isCurrent) row.setAttribute("aria-current", "true");

  const eye = iconButton(sprite, isShown ? "eye" : "eye-slash", isShown ? _("Hide %(name)s", { name }) : _("Show %(name)s", { name }), "segment-eye");
  eye.setAttribute("aria-pressed", String(isShown));
  // With the Alt key (as on a layer of other programs) only this one.
  eye.addEventListener("click", ({ altKey }) => (altKey ? on.solo(segmentation, segment) : segmentations.toggle(id, number)));

  const swatch = element("button", "segment-colour", segmentSwatch(segment.color, String(number)));
  swatch.type = "button";
  swatch.setAttribute("aria-haspopup", "menu");
  named(swatch, _("Colour of %(name)s", { name }));
  swatch.addEventListener("click", () => (isLocked || segmentation.may_change === false ? on.locked(segment) : colourMenu(swatch, segment, context, (color) => on.colour(segmentation, segment, color))));

  const open = element("button", "segment-open", element("span", "name", name));
  open.type = "button";
  open.title = segment.code ? `${name} · ${segment.code.meaning}` : name;
  open.addEventListener("click", () => on.jump(segmentation, segment));
  open.addEventListener("dblclick", () => on.rename(segmentation, segment));

  const volume = element("span", "num segment-ml", volumeText(segment.volume_ml));
  volume.title = _("Volume in ml");
  const mean = element("span", "num segment-mean", valueText(segment.mean, series));
  mean.title = _("Mean of its values");

  const lock = iconButton(sprite, isLocked ? "lock-fill" : "unlock", isLocked ? _("Unlock %(name)s", { name }) : _("Lock %(name)s", { name }), "segment-lock");
  lock.setAttribute("aria-pressed", String(isLocked));
  lock.addEventListener("click", () => segmentations.toggleLock(id, number));

  const more = iconButton(sprite, "three-dots-vertical", _("More for %(name)s", { name }), "segment-more");
  more.setAttribute("aria-haspopup", "menu");
  more.addEventListener("click", () => segmentMenu(more, segmentation, segment, context));
  row.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    segmentMenu(more, segmentation, segment, context);
  });
  row.append(eye, swatch, open, volume, mean, lock, more);
  return row;
}

function segmentMenu(button, segmentation, segment, context) {
  const { segmentations, on, sprite } = context;
  const { id } = segmentation;
  const { number } = segment;
  const isLocked = segmentations.isLocked(id, number);
  const reason = segmentation.may_change === false ? _("Only its owner may change it.") : isLocked ? _("It is locked.") : "";
  const isSolo = segmentations.isSolo(id, number);
  const items = [
    { label: _("Go to its centre"), icon: "bullseye", act: () => on.jump(segmentation, segment), reason: segment.centroid_lps ? "" : _("Not known yet.") },
    { label: isSolo ? _("Show the others again") : _("Only this one"), icon: isSolo ? "collection" : "record-circle", act: () => on.solo(segmentation, segment) },
    null,
    { label: _("Rename…"), icon: "cursor-text", act: () => on.rename(segmentation, segment), reason },
    { label: _("Colour…"), icon: "paint-bucket", act: () => colourMenu(button, segment, context, (color) => on.colour(segmentation, segment, color)), reason },
    on.code && { label: _("Anatomical code…"), icon: "card-list", act: () => on.code(segmentation, segment), reason },
    { label: _("Export…"), icon: "download", act: () => on.export(segmentation, segment) },
    on.remove && null,
    on.remove && { label: _("Delete…"), icon: "trash3", act: () => on.remove(segmentation, segment), isDanger: true, reason },
  ];
  openMenu(button, items.filter((item) => item !== undefined && item !== false), { label: segmentName(segment), sprite });
}

function colourMenu(button, segment, { sprite }, choose) {
  const items = SEGMENT_COLOURS.map((color, n) => ({
    label: COLOUR_WORDS[n](),
    node: segmentSwatch(color, color === segment.color ? "\u2713" : ""),
    isOn: color === segment.color,
    act: () => choose(color),
    group: n < SEGMENT_COLOURS.length / 2 ? "colours" : "colours2",
  }));
  const other = { label: _("Another colour…"), icon: "eyedropper", act: () => askColour(button, segment.color, choose) };
  openMenu(button, [...items, null, other], { label: _("Colour"), sprite });
}

/** The browser's own choice of colours. */
function askColour(button, color, choose) {
  const field = element("input", "visually-hidden");
  field.type = "color";
  field.value = color;
  field.tabIndex = -1;
  field.setAttribute("aria-label", _("Colour"));
  button.after(field);
  field.addEventListener("change", () => {
    field.remove();
    choose(field.value);
  });
  field.addEventListener("blur", () => field.remove());
  field.focus();
  if (field.showPicker) field.showPicker();
  else field.click();
}

export function iconButton(sprite, name, label, extra = "") {
  const button = element("button", `btn btn-icon btn-quiet btn-sm ${extra}`.trim(), icon(sprite, name));
  button.type = "button";
  return named(button, label);
}

function named(button, label) {
  button.setAttribute("aria-label", label);
  button.title = label;
  return button;
}
