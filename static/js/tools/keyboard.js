// Keys of the whole page: they act on the active pane, never while somebody types or a dialog is open.

import { actionOf } from "../lib/keymap.js";

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
const OWN_MOVES = "input[type=range], [data-note-text]";
const MOVES = /^( |Arrow.*|Page.*|Home|End)$/;
const OWN_SPACE = "button, a, summary, [role=tab]";

export class Keyboard {
  #actions;
  #dialog;

  /**
   * @param actions  { scroll(by), scrollTo("first"|"last"), tool(name), … }: see lib/keymap.js
   * @param dialog   KeysDialog: knows whether single letters act
   */
  constructor(actions, dialog) {
    this.#actions = actions;
    this.#dialog = dialog;
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    const { target } = event;
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (target.closest(TYPING) && event.key !== "Escape") return;
    if (target.matches(OWN_MOVES) && MOVES.test(event.key)) return;
    if (event.key === " " && target.closest(OWN_SPACE)) return;
    const action = actionOf(event, { letters: this.#dialog.lettersAct });
    if (!action) return;
    const [name, argument] = action;
    event.preventDefault();
    this.#actions[name](argument);
  }
}
