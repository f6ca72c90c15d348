// Ticked rows of the worklist and the bar about them. Expects <table data-worklist> with
// <input data-select-all> and rows <tr data-study> with <input class="tick">, and the bar
// <div data-selection hidden> with [data-selected], [data-selected-size], [data-anonymise], [data-clear].

import { formatBytes, formatCount } from "../lib/amounts.js";
import { ngettext } from "../state/words.js";

const TABLE = "table[data-worklist]";

export class Selection {
  #bar;
  #chosen = new Set();
  #last = null;

  constructor(bar) {
    this.#bar = bar;
    document.addEventListener("change", (event) => this.#onChange(event.target));
    document.addEventListener("click", (event) => this.#onClick(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) this.clear();
    });
    bar.querySelector("[data-clear]").addEventListener("click", () => this.clear());
    for (const row of this.#all) if (row.querySelector(".tick").checked) this.#chosen.add(row.dataset.study);
    this.redraw();
  }

  /** The chosen rows that are on the page. */
  get rows() {
    return this.#all.filter((row) => this.#chosen.has(row.dataset.study));
  }

  clear() {
    this.#chosen.clear();
    this.redraw();
  }

  /** Put the choice on the rows as they are now: the table may have been swapped. */
  redraw() {
    const { rows } = this;
    for (const row of this.#all) {
      const isChosen = this.#chosen.has(row.dataset.study);
      row.querySelector(".tick").checked = isChosen;
      row.toggleAttribute("aria-selected", false);
      if (isChosen) row.setAttribute("aria-selected", "true");
    }
    const all = document.querySelector(`${TABLE} [data-select-all]`);
    if (all) {
      all.checked = rows.length > 0 && rows.length === this.#all.length;
      all.indeterminate = rows.length > 0 && !all.checked;
    }
    this.#drawBar(rows);
  }

  get #all() {
    return [...document.querySelectorAll(`${TABLE} tr[data-study]`)];
  }

  #drawBar(rows) {
    this.#bar.hidden = !rows.length;
    const count = formatCount(rows.length);
    const words = ngettext("%(n)s study selected", "%(n)s studies selected", rows.length, { n: count });
    this.#bar.querySelector("[data-selected]").textContent = words;
    const bytes = rows.reduce((sum, row) => sum + Number(row.dataset.size), 0);
    this.#bar.querySelector("[data-selected-size]").textContent = formatBytes(bytes);
    const link = this.#bar.querySelector("[data-anonymise]");
    const query = new URLSearchParams(rows.map((row) => ["study", row.dataset.study]));
    link.href = `${link.href.split("?")[0]}?${query}`;
    const isOwn = rows.some((row) => "own" in row.dataset);
    this.#bar.querySelector("[data-delete]").disabled = !isOwn;
  }

  #onChange(target) {
    if (target.matches?.("[data-select-all]")) {
      this.#chosen = new Set(target.checked ? this.#all.map((row) => row.dataset.study) : []);
      this.redraw();
    } else if (target.matches?.(`${TABLE} tr[data-study] .tick`)) {
      this.#choose(target.closest("tr"), target.checked);
    }
  }

  #choose(row, isOn) {
    this.#chosen[isOn ? "add" : "delete"](row.dataset.study);
    this.#last = row.dataset.study;
    this.redraw();
  }

  /** Shift takes everything from the last tick to this one. */
  #onClick(event) {
    const tick = event.target.closest?.(`${TABLE} tr[data-study] .tick`);
    if (!tick || !event.shiftKey || !this.#last) return;
    const rows = this.#all;
    const from = rows.findIndex((row) => row.dataset.study === this.#last);
    const to = rows.indexOf(tick.closest("tr"));
    if (from < 0) return;
    for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      this.#chosen[tick.checked ? "add" : "delete"](row.dataset.study);
    }
  }
}
