// The panel's "Tags" tab (templates/viewer/tags.html): the elements of one image, or of two side by side. Loads
// when it is first seen, and follows the slice while it is open, unless an image was chosen by its number.
// Of thousands of rows those in reach are drawn; arrow keys walk through them.

import { countFound, isItem, rowLine, shownRows, tagRows } from "../lib/tagtree.js";
import { ngettext, _ } from "../state/words.js";
import { copyText } from "./clipboard.js";
import { TagRows } from "./tagrows.js";

const PAUSE_MS = 250;

export class TagPanel {
  #element;
  #state;
  #client;
  #parts;
  #list;
  #first = null;
  #second = null;
  #rows = [];
  #asked = null;
  #isPinned = false;
  #opened = new Set();
  #abort = new AbortController();
  #timer = 0;

  constructor(element, state, client) {
    this.#element = element;
    this.#state = state;
    this.#client = client;
    const find = (name) => element.querySelector(`[data-tag-${name}]`);
    const names = ["search", "instance", "other", "different", "total", "pin", "compare", "pair", "count", "open", "close", "note"];
    this.#parts = Object.fromEntries(names.map((name) => [name, find(name)]));
    this.#list = new TagRows(element, {
      toggle: (row) => this.#toggle(row),
      copy: (row, what) => this.#copy(row, what),
    });
    this.#listen();
    state.addEventListener("point", () => this.refresh());
    state.addEventListener("phase", () => {
      this.#asked = null;
      this.refresh();
    });
  }

  /** Load what belongs to the slice now shown, if anybody is looking. */
  refresh() {
    clearTimeout(this.#timer);
    if (this.#element.hidden) return;
    const slice = this.#isPinned ? Number(this.#parts.instance.value) - 1 : this.#state.point[2];
    const wanted = Math.min(slice, (this.#first?.instances ?? Infinity) - 1);
    const question = this.#compares ? `${wanted} ${Number(this.#parts.other.value) - 1}` : `${wanted}`;
    if (question === this.#asked) return;
    this.#timer = setTimeout(() => this.#load(wanted, question), this.#asked === null ? 0 : PAUSE_MS);
  }

  get #compares() {
    return this.#parts.compare.getAttribute("aria-pressed") === "true";
  }

  #listen() {
    const { search, instance, other, different, pin, compare, open, close } = this.#parts;
    search.addEventListener("input", () => this.#draw());
    different.addEventListener("change", () => this.#draw());
    instance.addEventListener("change", () => this.#pin(true));
    other.addEventListener("change", () => this.refresh());
    pin.addEventListener("click", () => this.#pin(!this.#isPinned));
    compare.addEventListener("click", () => this.#compare());
    open.addEventListener("click", () => {
      this.#opened = new Set(this.#rows.filter(({ children }) => children).map(({ key }) => key));
      this.#draw();
    });
    close.addEventListener("click", () => {
      this.#opened.clear();
      this.#draw();
    });
  }

  #pin(isPinned) {
    this.#isPinned = isPinned;
    this.#parts.pin.setAttribute("aria-pressed", String(isPinned));
    this.refresh();
  }

  #compare() {
    const { compare, pair, other, instance } = this.#parts;
    const on = !this.#compares;
    compare.setAttribute("aria-pressed", String(on));
    pair.hidden = !on;
    // Beside the image that is shown another one: the next, or the one before the last.
    const shown = Number(instance.value);
    if (on) other.value = String(shown < Number(other.max) ? shown + 1 : Math.max(1, shown - 1));
    this.refresh();
  }

  async #load(wanted, question) {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const image = (number) => this.#client.metadata(number, this.#state.phase, signal);
    try {
      const other = Number(this.#parts.other.value) - 1;
      const [first, second] = await Promise.all([image(wanted), this.#compares ? image(other) : null]);
      if (signal.aborted) return;
      this.#asked = question;
      this.#take(first, second);
    } catch (error) {
      if (signal.aborted) return;
      // A resampled volume may have more slices than images.
      if (this.#first === null && wanted > 0) await this.#load(0, question);
      else this.#say(error.message);
    }
  }

  #take(first, second) {
    this.#first = first;
    this.#second = second;
    const { instance, other, total } = this.#parts;
    instance.max = other.max = first.instances;
    if (document.activeElement !== instance) instance.value = first.instance + 1;
    total.textContent = _("of %(total)s", { total: first.instances });
    const help = { ...first.help, ...second?.help };
    this.#rows = tagRows(first.elements, second?.elements ?? null, help);
    this.#list.help = help;
    this.#say(first.is_complete ? null : _("The list is cut after %(count)s elements.", { count: first.elements.length }));
    this.#draw();
  }

  #say(problem) {
    const { note } = this.#parts;
    note.hidden = !problem;
    note.querySelector("span").textContent = problem ?? "";
  }

  #draw() {
    const { search, different, count } = this.#parts;
    const compares = this.#second !== null;
    const wish = { words: search.value, opened: this.#opened, onlyDifferent: compares && different.checked };
    const indexes = shownRows(this.#rows, wish);
    const isFiltered = Boolean(search.value.trim()) || wish.onlyDifferent;
    const found = isFiltered ? countFound(this.#rows, indexes, wish) : this.#rows.filter((row) => !isItem(row)).length;
    count.textContent =
      wish.onlyDifferent && !found && !search.value.trim()
        ? _("No differences")
        : ngettext("%(count)s element", "%(count)s elements", found);
    this.#list.show(indexes.map((index) => this.#rows[index]), { compares, isFiltered, opened: this.#opened });
  }

  #toggle(row) {
    if (!this.#opened.delete(row.key)) this.#opened.add(row.key);
    this.#draw();
  }

  async #copy(row, what) {
    const value = (row.element ?? row.other).value;
    const copied = await copyText(what === "row" ? rowLine(row, this.#second !== null) : value);
    this.#parts.count.textContent = copied ? _("Copied") : _("The browser does not let the page copy.");
  }
}
