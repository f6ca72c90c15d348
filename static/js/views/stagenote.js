// <div class="stage-note"> with [data-note-text] and <button data-note-more>: what must be known of the images. A
// long note shows its first lines, and a button that shows the rest.

import { _ } from "../state/words.js";

export class StageNote {
  #text;
  #more;

  constructor(element) {
    this.#text = element.querySelector("[data-note-text]");
    this.#more = element.querySelector("[data-note-more]");
    this.#more.addEventListener("click", () => this.#toggle());
    new ResizeObserver(() => this.#measured()).observe(this.#text);
    this.#measured();
  }

  get #isOpen() {
    return this.#text.classList.contains("is-open");
  }

  #toggle() {
    const isOpen = this.#text.classList.toggle("is-open");
    this.#more.setAttribute("aria-expanded", String(isOpen));
    this.#text.tabIndex = isOpen ? 0 : -1; // what may have to be scrolled can be reached
    this.#more.textContent = isOpen ? _("Less") : _("More");
  }

  #measured() {
    if (!this.#isOpen) this.#more.hidden = this.#text.scrollHeight <= this.#text.clientHeight + 1;
  }
}
