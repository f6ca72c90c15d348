// One message at a time above the status bar, with the way back where there is one. It goes by itself, but not
// while a pointer or the focus is on it. Expects <div data-toast hidden> with [data-toast-text],
// [data-toast-action] and [data-toast-close].

import { _ } from "../state/words.js";

const SECONDS = 8;

export class Toast {
  #element;
  #action;
  #say;
  #timer = 0;
  #act = null;

  /** @param say  (text) → void: speaks to those who do not see it */
  constructor(element, say) {
    this.#element = element;
    this.#say = say;
    this.#action = element.querySelector("[data-toast-action]");
    this.#action.addEventListener("click", () => this.#take());
    element.querySelector("[data-toast-close]").addEventListener("click", () => this.clear());
    for (const stay of ["pointerenter", "focusin"]) element.addEventListener(stay, () => clearTimeout(this.#timer));
    for (const go of ["pointerleave", "focusout"]) element.addEventListener(go, () => this.#wait());
  }

  /**
   * @param undo   what takes the step back, where there is such
   * @param label  what its button says
   */
  show(text, { undo = null, label = _("Undo") } = {}) {
    this.#element.querySelector("[data-toast-text]").textContent = text;
    this.#action.textContent = label;
    this.#action.hidden = !undo;
    this.#act = undo;
    this.#element.hidden = false;
    this.#say(text);
    this.#wait();
  }

  clear() {
    clearTimeout(this.#timer);
    this.#element.hidden = true;
    this.#act = null;
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear(), SECONDS * 1000);
  }

  #take() {
    const act = this.#act;
    this.clear();
    act?.();
  }
}
