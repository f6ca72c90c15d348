// Keys of the whole page: they act on the active pane, never while somebody types or a dialog is open.

const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const OWN_MOVES = "input[type=range], input[type=radio], [data-note-text]";
const MOVES = /^( |Arrow.*|Page.*|Home|End)$/;
const OWN_SPACE = "button, a, summary, input, [role=tab]";

export class Keyboard {
  #actions;
  #dialog;

  /**
   * @param actions  { scroll(by), scrollTo("first"|"last"), tool(name), … }: see lib/keymap.js; what the page
   *                 cannot do is left out, and its key is nobody's then
   * @param dialog   KeysDialog: knows the keys
   */
  constructor(actions, dialog) {
    this.#actions = actions;
    this.#dialog = dialog;
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    const { target } = event;
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (target.closest(TYPING) && event.key !== "Escape") return;
    if (event.key === "Escape" && document.querySelector(":popover-open")) return; // the browser closes it
    if (target.matches(OWN_MOVES) && MOVES.test(event.key)) return;
    if (event.key === " " && target.closest(OWN_SPACE)) return;
    const [name, argument] = this.#dialog.keymap.actionOf(event) ?? [];
    if (!this.#actions[name]) return;
    // Text that somebody marked with the mouse is what he wants to copy.
    if (name === "copy" && !getSelection().isCollapsed) return;
    event.preventDefault();
    this.#actions[name](argument);
  }
}
