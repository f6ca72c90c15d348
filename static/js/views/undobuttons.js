// [data-undo] and [data-redo], in the top bar and in the phone's menu: their names say which step they take.

import { _ } from "../state/words.js";

export class UndoButtons {
  #history = null;
  #known = new WeakSet();
  #undo;
  #redo;
  #say;

  /**
   * @param element  holds the buttons
   * @param history  History
   * @param say      (text) → void
   */
  constructor(element, history, say) {
    this.#say = say;
    this.#undo = element.querySelectorAll("[data-undo]");
    this.#redo = element.querySelectorAll("[data-redo]");
    for (const button of this.#undo) button.addEventListener("click", () => this.undo());
    for (const button of this.#redo) button.addEventListener("click", () => this.redo());
    this.follow(history);
  }

  /** Act on this history from now on: another series became the active one. */
  follow(history) {
    this.#history = history;
    if (!this.#known.has(history)) history.addEventListener("history", () => this.#draw());
    this.#known.add(history);
    this.#draw();
  }

  undo() {
    const step = this.#history.undo();
    this.#say(step ? _("Undone: %(step)s", { step }) : _("Nothing to undo"));
  }

  redo() {
    const step = this.#history.redo();
    this.#say(step ? _("Done again: %(step)s", { step }) : _("Nothing to redo"));
  }

  #draw() {
    const { undoWords, redoWords } = this.#history;
    name(this.#undo, undoWords ? _("Undo: %(step)s", { step: undoWords }) : "", _("Undo"), _("Nothing to undo"));
    name(this.#redo, redoWords ? _("Redo: %(step)s", { step: redoWords }) : "", _("Redo"), _("Nothing to redo"));
  }
}

function name(buttons, words, plain, reason) {
  for (const button of buttons) {
    button.setAttribute("aria-disabled", String(!words));
    const label = button.querySelector("[data-step]");
    if (label) label.textContent = words || plain;
    else button.setAttribute("aria-label", words || plain);
    button.title = words || reason;
  }
}
