// The preview: every element of one image, old and new, by the walk the export takes.
// Expects a section with select[data-series] (options carry data-images), input[data-image], [data-of],
// input[data-search], button.fate-filter[data-fate] with a [data-count] inside, ul[data-rows],
// p[data-no-rows] (these two in .anon-rows), [data-preview-state]; in the page <template data-row="removed|replaced|kept">.

import { requestJson } from "../http/request.js";
import { FATES, filterRows, shortened } from "../lib/anonymise.js";
import { _, ngettext } from "../state/words.js";

const PAUSE_MS = 250;
const COUNTS = {
  removed: (count, shown) => ngettext("1 removed", "%(count)s removed", count, { count: shown }),
  replaced: (count, shown) => ngettext("1 replaced", "%(count)s replaced", count, { count: shown }),
  kept: (count, shown) => ngettext("1 kept", "%(count)s kept", count, { count: shown }),
};

function span(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

/** Old and new value as the row shows them. */
function values(row) {
  const was = span("old", shortened(row.old));
  const becomes = span("new", shortened(row.new));
  if (row.fate === "kept") return [becomes];
  return row.fate === "removed" ? [was] : [was, span("arrow", "→"), becomes];
}

export class AnonymisePreview extends EventTarget {
  #root;
  #url;
  #question = null;
  #rows = [];
  #answer = null;
  #abort = null;
  #timer = 0;
  #templates = {};

  constructor(root, url) {
    super();
    this.#root = root;
    this.#url = url;
    for (const template of document.querySelectorAll("template[data-row]")) {
      this.#templates[template.dataset.row] = template;
    }
    this.#part("[data-series]").addEventListener("change", () => this.#chosenSeries());
    this.#part("[data-image]").addEventListener("input", () => this.#ask());
    this.#part("[data-search]").addEventListener("input", () => this.#draw());
    for (const button of this.#filters()) button.addEventListener("click", () => this.#toggle(button));
  }

  /** Show the image with these settings; quick changes are gathered into one question. */
  show(question) {
    this.#question = question;
    this.#ask();
  }

  #part(selector) {
    return this.#root.querySelector(selector);
  }

  #filters() {
    return [...this.#root.querySelectorAll(".fate-filter")];
  }

  #chosenSeries() {
    const { images } = this.#part("[data-series]").selectedOptions[0].dataset;
    const input = this.#part("[data-image]");
    input.max = images;
    input.value = 1;
    this.#part("[data-of]").textContent = _("of %(total)s", { total: Number(images).toLocaleString("en") });
    this.#ask();
  }

  #toggle(button) {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
    this.#draw();
  }

  #ask() {
    clearTimeout(this.#timer);
    const image = this.#part("[data-image]");
    if (!this.#question || !image.checkValidity() || !image.value) return;
    this.#timer = setTimeout(() => this.#load(), PAUSE_MS);
  }

  async #load() {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    const slow = setTimeout(() => this.#wait(), 400);
    try {
      const json = {
        ...this.#question,
        series: this.#part("[data-series]").value,
        image: Number(this.#part("[data-image]").value),
      };
      this.#take(await requestJson(this.#url, { method: "POST", json, signal: abort.signal }));
    } catch (fault) {
      if (fault.name !== "AbortError") this.#fail(fault);
    } finally {
      clearTimeout(slow);
      if (abort === this.#abort) this.#part(".anon-rows").setAttribute("aria-busy", "false");
    }
  }

  /** The rows on show are of an earlier question. */
  #wait() {
    this.#say(_("Working it out"));
    this.#part(".anon-rows").setAttribute("aria-busy", "true");
  }

  #take(answer) {
    this.#answer = answer;
    this.#rows = answer.rows;
    for (const button of this.#filters()) {
      const count = answer.counts[button.dataset.fate];
      button.querySelector("[data-count]").textContent = COUNTS[button.dataset.fate](count, count.toLocaleString("en"));
    }
    this.#say(answer.cut ? _("Only the first %(count)s elements", { count: answer.rows.length.toLocaleString("en") }) : "");
    this.#draw();
  }

  #fail(fault) {
    this.#say("");
    const event = new CustomEvent("fault", { detail: fault, cancelable: true });
    if (!this.dispatchEvent(event)) return; // a field shows it
    this.#answer = null;
    this.#rows = [];
    this.#draw();
    this.#nothing(fault.message);
  }

  #say(text) {
    this.#part("[data-preview-state]").textContent = text;
  }

  #nothing(text) {
    this.#part("[data-no-rows]").textContent = text;
    this.#part("[data-no-rows]").hidden = !text;
  }

  #draw() {
    const pressed = this.#filters().filter((button) => button.getAttribute("aria-pressed") === "true");
    const fates = FATES.filter((fate) => pressed.some((button) => button.dataset.fate === fate));
    const rows = filterRows(this.#rows, { text: this.#part("[data-search]").value, fates });
    this.#part("[data-rows]").replaceChildren(...rows.map((row) => this.#row(row)));
    this.#nothing(this.#answer && !rows.length ? _("No element fits.") : "");
  }

  #row(row) {
    const item = this.#templates[row.fate].content.firstElementChild.cloneNode(true);
    const [, tag, keyword, value] = item.children;
    tag.textContent = row.tag;
    keyword.textContent = row.keyword || row.name || _("Private element");
    keyword.title = [row.keyword, row.name].filter(Boolean).join(" · ");
    keyword.classList.add(`depth-${Math.min(row.depth, 4)}`);
    value.append(...values(row));
    value.title = row.fate === "replaced" ? `${row.old} → ${row.new}` : row.old || row.new;
    return item;
  }
}
