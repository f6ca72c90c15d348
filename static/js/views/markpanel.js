// The panel's tab of measurements (templates/viewer/marks.html): the list, the details of the selected one, what
// concerns all. Draws from Marks; whatever it changes can be undone.

import { barsPath, fewerBins, MARK_COLOURS, measurementsOf, tabbed } from "../lib/marklist.js";
import { AREAS } from "../lib/measure.js";
import { plain } from "../lib/numbers.js";
import { jumpToMark } from "../state/jump.js";
import { _, ngettext } from "../state/words.js";
import { copyText } from "./clipboard.js";
import { element } from "./elements.js";
import { markRow } from "./markitem.js";
import { colourWord, factsOf, nameOf, placeWords, valuesOf } from "./markwords.js";

const SVG = "http://www.w3.org/2000/svg";
const BARS = 36;

export class MarkPanel {
  #root;
  #context;
  #sprite;
  #badge;
  #parts = {};
  #drawn = null; // the mark that the details show

  /**
   * @param context  { state, series, marks, panes, toast, history?, say }
   * @param badge    where the count of measurements stands, beside the tab's name
   */
  constructor(root, context, badge) {
    this.#root = root;
    this.#context = context;
    this.#badge = badge;
    this.#sprite = root.querySelector("use").getAttribute("href").split("#")[0];
    for (const name of ["list", "empty", "foot", "tools", "detail"]) {
      this.#parts[name] = root.querySelector(`[data-mark-${name}], [data-marks-${name}]`);
    }
    this.#swatches();
    this.#listen();
    this.#draw();
  }

  get #all() {
    return measurementsOf(this.#context.marks.all);
  }

  get #selected() {
    const { marks } = this.#context;
    const mark = marks.get(marks.selected);
    return mark && mark.kind !== "keyimage" ? mark : null;
  }

  #listen() {
    const { marks } = this.#context;
    marks.addEventListener("marks", () => this.#draw());
    marks.addEventListener("selected", () => this.#draw());
    const press = (selector, act) => this.#find(selector).addEventListener("click", act);
    press("[data-marks-hide]", () => this.#hideAll());
    press("[data-marks-clear]", () => this.#deleteAll());
    press("[data-marks-copy]", () => this.#copy(this.#all));
    press("[data-detail-copy]", () => this.#selected && this.#copy([this.#selected]));
    press("[data-detail-delete]", () => this.#selected && this.#delete([this.#selected]));
    const name = this.#find("[data-detail-name]");
    name.addEventListener("change", () => this.#rename(name.value));
    name.addEventListener("keydown", (event) => this.#nameKeyed(event));
    this.#parts.list.addEventListener("keydown", (event) => this.#rowKeyed(event));
    this.#parts.list.addEventListener("dblclick", () => this.#editName());
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }

  #draw() {
    const marks = this.#all;
    const focused = this.#focusedRow();
    const selected = this.#selected;
    const rows = marks.map((mark) =>
      markRow(mark, {
        sprite: this.#sprite,
        context: this.#context,
        isSelected: mark.id === selected?.id,
        onOpen: (one) => this.#open(one),
        onHide: (one) => this.#context.marks.change(one.id, { hidden: !one.hidden }),
      }),
    );
    this.#parts.list.replaceChildren(...rows);
    focused?.();
    const isEmpty = !marks.length;
    this.#parts.empty.hidden = !isEmpty;
    this.#parts.tools.hidden = this.#parts.foot.hidden = isEmpty;
    this.#badge.textContent = isEmpty ? "" : String(marks.length);
    this.#drawHideAll(marks);
    this.#drawDetail(selected);
  }

  /** The focus stays on the button it was on, though the row is made anew. */
  #focusedRow() {
    const now = document.activeElement;
    const row = now?.closest?.("[data-mark]");
    if (!row || !this.#parts.list.contains(row)) return null;
    const place = [...this.#parts.list.children].indexOf(row);
    const part = now.matches(".mark-hide") ? ".mark-hide" : ".mark-open";
    return () => {
      const rows = [...this.#parts.list.children];
      const again = rows.find((other) => other.dataset.mark === row.dataset.mark) ?? rows[Math.min(place, rows.length - 1)];
      again?.querySelector(part).focus({ preventScroll: true });
    };
  }

  #drawHideAll(marks) {
    const isHidden = marks.length > 0 && marks.every(({ hidden }) => hidden);
    const button = this.#find("[data-marks-hide]");
    button.setAttribute("aria-pressed", String(isHidden));
    button.title = isHidden ? _("Show all measurements") : _("Hide all measurements");
    button.setAttribute("aria-label", button.title);
  }

  // --- the selected one
  #drawDetail(mark) {
    this.#parts.detail.hidden = !mark;
    const field = this.#find("[data-detail-name]");
    const isSame = mark?.id === this.#drawn?.id;
    this.#drawn = mark;
    if (!mark) return;
    const name = nameOf(mark, this.#context.marks.all);
    this.#find("[data-detail-title]").textContent = name;
    field.placeholder = mark.label ? "" : name;
    if (!isSame || document.activeElement !== field) field.value = mark.label;
    const facts = factsOf(mark, this.#context).map(({ label, text }) =>
      element("div", "", element("dt", "", label), element("dd", "", text)),
    );
    this.#find("[data-detail-facts]").replaceChildren(...facts);
    this.#drawHistogram(mark);
    for (const button of this.#root.querySelectorAll("[data-colour]")) {
      button.setAttribute("aria-pressed", String(button.dataset.colour === mark.color));
    }
    this.#find("[data-detail-note]").textContent =
      mark.space === "patient"
        ? _("Stored in patient coordinates (LPS, mm): it shows on every plane that contains it.")
        : _("Stored in pixels of this image: it does not say where it lies in the patient.");
  }

  #drawHistogram(mark) {
    const box = this.#find("[data-detail-histogram]");
    const histogram = AREAS.has(mark.kind) ? mark.statistics?.histogram : null;
    box.hidden = !histogram?.counts?.length;
    if (box.hidden) return;
    const { series } = this.#context;
    const edges = histogram.bin_edges;
    const unit = series.unit_words?.[mark.statistics.unit] ?? mark.statistics.unit ?? "";
    const [low, high] = [edges[0], edges.at(-1)].map((value) => `${plain(value)}\u00a0${unit}`);
    box.querySelector("path").setAttribute("d", barsPath(fewerBins(histogram.counts, BARS), 288, 44));
    box.querySelector("svg").setAttribute("aria-label", _("How often each value occurs in it, from %(low)s to %(high)s", { low, high }));
    box.querySelector("[data-low]").textContent = low;
    box.querySelector("[data-high]").textContent = high;
  }

  #swatches() {
    const buttons = MARK_COLOURS.map((value) => {
      const button = element("button", "swatch");
      const word = colourWord(value);
      Object.assign(button, { type: "button", title: word });
      button.dataset.colour = value;
      button.setAttribute("aria-label", word);
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("viewBox", "0 0 16 16");
      svg.setAttribute("aria-hidden", "true");
      const square = document.createElementNS(SVG, "rect");
      for (const [key, number] of Object.entries({ width: 16, height: 16, rx: 3, fill: value })) square.setAttribute(key, number);
      svg.append(square);
      button.append(svg);
      button.addEventListener("click", () => this.#selected && this.#context.marks.change(this.#selected.id, { color: value }));
      return button;
    });
    this.#find("[data-detail-colours]").append(...buttons);
  }

  #open(mark) {
    const { state, marks, panes } = this.#context;
    jumpToMark(state, mark, (plane) => panes.get(plane)?.isShown ?? false);
    marks.select(mark.id);
  }

  #editName() {
    const field = this.#find("[data-detail-name]");
    if (this.#parts.detail.hidden) return;
    field.focus();
    field.select();
  }

  #rename(text) {
    const mark = this.#selected;
    const label = text.trim();
    if (mark && label !== mark.label) this.#context.marks.change(mark.id, { label });
  }

  #nameKeyed(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation(); // Esc would close the panel
    const field = event.target;
    if (event.key === "Escape") field.value = this.#selected?.label ?? "";
    this.#rename(field.value);
    this.#parts.list.querySelector("[aria-current=true] .mark-open")?.focus({ preventScroll: true });
  }

  /** In the list: arrows go from row to row, F2 renames, Delete deletes. */
  #rowKeyed(event) {
    const row = event.target.closest("[data-mark]");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const mark = row && this.#context.marks.get(row.dataset.mark);
    if (!mark) return;
    if (step) {
      const rows = [...this.#parts.list.children];
      rows[rows.indexOf(row) + step]?.querySelector(".mark-open").focus();
    } else if (event.key === "F2") {
      this.#context.marks.select(mark.id);
      this.#editName();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.#delete([mark]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // --- what concerns several
  #hideAll() {
    const marks = this.#all;
    const hidden = !marks.every((mark) => mark.hidden);
    for (const mark of marks) if (mark.hidden !== hidden) this.#context.marks.change(mark.id, { hidden });
  }

  #deleteAll() {
    this.#delete(this.#all);
  }

  #delete(marks) {
    const { history, toast } = this.#context;
    if (!marks.length) return;
    const name = nameOf(marks[0], this.#context.marks.all);
    const wasSelected = marks.some(({ id }) => id === this.#drawn?.id);
    for (const { id } of marks) this.#context.marks.remove(id);
    if (wasSelected) this.#context.marks.select(null);
    const many = ngettext("%(count)s measurement deleted", "%(count)s measurements deleted", marks.length);
    toast.show(marks.length === 1 ? _("%(name)s deleted", { name }) : many, { undo: history ? () => history.undo() : null });
  }

  async #copy(marks) {
    const rows = marks.map((mark) => [
      nameOf(mark, this.#context.marks.all),
      placeWords(mark, this.#context),
      ...valuesOf(mark, this.#context.series).map(({ text }) => text),
    ]);
    const isCopied = await copyText(tabbed(rows));
    const told = ngettext("%(count)s measurement copied", "%(count)s measurements copied", marks.length);
    this.#context.toast.show(isCopied ? told : _("This browser did not let the text be copied."));
  }
}
