// One row of the list of measurements: <li> with a button that jumps there and a button that hides it.

import { element, icon } from "./elements.js";
import { iconOf, nameOf, placeWords, valuesOf } from "./markwords.js";
import { _ } from "../state/words.js";

const SVG = "http://www.w3.org/2000/svg";
const SHOWN_VALUES = 2;

/**
 * @param sprite   address of the icons
 * @param context  { series, marks }
 * @param onOpen   (mark) → void
 * @param onHide   (mark) → void
 */
export function markRow(mark, { sprite, context, isSelected, onOpen, onHide }) {
  const { marks } = context;
  const name = nameOf(mark, marks.all);
  const row = element("li", mark.hidden ? "mark-row is-hidden" : "mark-row");
  row.dataset.mark = mark.id;
  row.setAttribute("aria-current", String(isSelected));
  const open = element("button", "mark-open");
  open.type = "button";
  if (isSelected) open.setAttribute("aria-current", "true");
  const words = element("span", "mark-row-words", element("span", "name", name), element("span", "sub", subWords(mark, context)));
  open.append(tinted(sprite, mark), words, valueWords(mark, context.series));
  open.addEventListener("click", () => onOpen(mark));
  row.append(open, hideButton(sprite, mark, name, onHide));
  return row;
}

function subWords(mark, context) {
  return [placeWords(mark, context), mark.hidden && _("hidden")].filter(Boolean).join(" · ");
}

/** The icon of the kind with a dot of the mark's colour: on white, a light icon would not be seen. */
function tinted(sprite, mark) {
  const dot = document.createElementNS(SVG, "svg");
  dot.setAttribute("class", "mark-dot");
  dot.setAttribute("viewBox", "0 0 8 8");
  dot.setAttribute("aria-hidden", "true");
  const circle = document.createElementNS(SVG, "circle");
  for (const [name, value] of Object.entries({ cx: 4, cy: 4, r: 3.25, fill: mark.color })) circle.setAttribute(name, value);
  dot.append(circle);
  return element("span", "mark-icon", icon(sprite, iconOf(mark.kind)), dot);
}

function valueWords(mark, series) {
  const values = valuesOf(mark, series).slice(0, SHOWN_VALUES);
  return element("span", "val", ...values.map(({ text }, n) => element("span", n ? "sub" : "", text)));
}

function hideButton(sprite, mark, name, onHide) {
  const button = element("button", "btn btn-icon btn-quiet btn-sm mark-hide", icon(sprite, mark.hidden ? "eye-slash" : "eye"));
  button.type = "button";
  const label = mark.hidden ? _("Show %(name)s", { name }) : _("Hide %(name)s", { name });
  button.setAttribute("aria-label", label);
  button.title = label;
  button.addEventListener("click", () => onHide(mark));
  return button;
}
