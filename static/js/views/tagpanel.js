// The panel's "Tags" tab: the elements of one instance, searchable. Loads when it is first seen, and follows
// the slice while it is open.
//   input[data-tag-search], [data-tag-source], ol[data-tags], [data-tag-note]

import { ngettext, _ } from "../state/words.js";

const PAUSE_MS = 250;

export class TagPanel {
  #element;
  #state;
  #client;
  #list;
  #search;
  #elements = [];
  #instance = null;
  #abort = new AbortController();
  #timer = 0;

  constructor(element, state, client) {
    this.#element = element;
    this.#state = state;
    this.#client = client;
    this.#list = element.querySelector("[data-tags]");
    this.#search = element.querySelector("[data-tag-search]");
    this.#search.addEventListener("input", () => this.#filter());
    state.addEventListener("point", () => this.refresh());
    state.addEventListener("phase", () => {
      this.#instance = null;
      this.refresh();
    });
  }

  /** Load what belongs to the slice now shown, if anybody is looking. */
  refresh() {
    clearTimeout(this.#timer);
    const instance = this.#state.point[2];
    if (this.#element.hidden || instance === this.#instance) return;
    this.#timer = setTimeout(() => this.#load(instance), this.#instance === null ? 0 : PAUSE_MS);
  }

  async #load(instance) {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const answer = await this.#client.metadata(instance, this.#state.phase, signal);
      if (signal.aborted) return;
      this.#instance = instance;
      this.#elements = answer.elements;
      this.#say(null);
      this.#element.querySelector("[data-tag-source]").textContent = _(
        "Image %(image)s of %(total)s",
        { image: answer.instance + 1, total: answer.instances },
      );
      this.#filter();
    } catch (error) {
      if (!signal.aborted) this.#say(error.message);
    }
  }

  #say(problem) {
    const note = this.#element.querySelector("[data-tag-note]");
    note.hidden = !problem;
    note.querySelector("span").textContent = problem ?? "";
  }

  #filter() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.#elements.filter(({ tag, keyword, name, value }) => {
      const text = `${tag} ${tag.replace(/[(),]/g, "")} ${keyword} ${name} ${value}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    this.#list.replaceChildren(...found.map(tagRow));
    this.#element.querySelector("[data-tag-count]").textContent = ngettext(
      "%(count)s element",
      "%(count)s elements",
      found.length,
    );
  }
}

function tagRow({ tag, keyword, name, vr, value, depth }) {
  const row = document.createElement("li");
  row.dataset.depth = Math.min(depth, 6);
  const head = document.createElement("span");
  head.className = "tag-name";
  head.textContent = name || keyword || _("Private element");
  head.title = keyword;
  const code = document.createElement("code");
  code.textContent = `${tag} ${vr}`;
  const text = document.createElement("span");
  text.className = "tag-value";
  text.textContent = value || "\u2014";
  row.append(head, code, text);
  return row;
}
