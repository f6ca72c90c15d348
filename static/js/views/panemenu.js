// The menu of a pane: at the right button (without a drag), a long press, or Shift+F10. Windows, what is done to
// the view, what is kept of it, and the mark under the pointer. A popover that is placed within the screen.

import { _ } from "../state/words.js";
import { markWord } from "../state/stepwords.js";
import { element, icon } from "./elements.js";
import { actionWords, chordWords } from "./keywords.js";

const EDGE = 8; // CSS pixels between menu and screen
const WINDOWS = 6;
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
// [id of the action, icon, command]
const VIEW = [
  ["turnLeft", "arrow-counterclockwise", "rotateLeft"],
  ["turnRight", "arrow-clockwise", "rotateRight"],
  ["flipAcross", "symmetry-vertical", "flipAcross"],
  ["flipDown", "symmetry-horizontal", "flipDown"],
];
const ROWS = [
  ["reset", "arrows-angle-expand"],
  ["fit", "tp-one"],
  ["actual", "zoom-in"],
  ["invert", "circle-half"],
  ["keyimage", "bookmark"],
  ["snapshot", "camera"],
];

export class PaneMenu {
  #context;
  #menu;
  #pane = null;
  #keymap;
  #sprite;

  /**
   * @param context  the page's: viewer, commands, choosePreset(place), marks, history, say, valueText?(pane, at); what is
   *                 no command of it is not in the menu
   * @param keymap   () → Keymap: the keys written beside
   * @param sprite   address of the icons
   */
  constructor(context, keymap, sprite) {
    this.#context = context;
    this.#keymap = keymap;
    this.#sprite = sprite;
    this.#menu = element("div", "pane-menu");
    this.#menu.popover = "manual"; // a long press ends with the finger's going up, which would close any other
    this.#menu.setAttribute("role", "menu");
    context.viewer.append(this.#menu);
    this.#menu.addEventListener("keydown", (event) => this.#pressed(event));
    this.#menu.addEventListener("contextmenu", (event) => event.preventDefault());
    document.addEventListener("pointerdown", (event) => this.#outside(event), true);
    for (const gone of ["resize", "blur"]) addEventListener(gone, () => this.close());
  }

  get isOpen() {
    return this.#menu.matches(":popover-open");
  }

  /** Open for *pane* at a place of it (CSS pixels); without one in its middle. */
  open(pane, at = [pane.size.width / 2, pane.size.height / 2]) {
    if (this.isOpen) this.close();
    this.#pane = pane;
    pane.state.setActive(pane.name);
    this.#menu.setAttribute("aria-label", _("Menu: %(pane)s", { pane: pane.element.getAttribute("aria-label") }));
    this.#menu.replaceChildren(...this.#parts(pane, at));
    this.#menu.showPopover();
    this.#place(pane, at);
    this.#items[0]?.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    const hadFocus = this.#menu.contains(document.activeElement);
    this.#menu.hidePopover();
    if (hadFocus) this.#pane.element.focus({ preventScroll: true });
  }

  get #items() {
    return [...this.#menu.querySelectorAll("[role=menuitem]")];
  }

  #parts(pane, at) {
    const parts = [this.#windows(pane), this.#view(), this.#rows(pane, at)].filter(({ children }) => children.length);
    return parts.flatMap((part, order) => (order ? [element("hr"), part] : [part]));
  }

  #windows({ state }) {
    const group = this.#group("pane-menu-windows", _("Windows"));
    const { is_colour: isColour, presets = [] } = state.series;
    for (const [place, preset] of (isColour ? [] : presets.slice(0, WINDOWS)).entries()) {
      const isOn = preset.width === state.window.width && preset.center === state.window.center;
      const item = this.#item("", preset.label, () => this.#context.choosePreset(place), `preset${place + 1}`);
      item.classList.toggle("is-on", isOn);
      group.append(item);
    }
    return group;
  }

  #view() {
    const group = this.#group("pane-menu-view", _("View"));
    const { commands } = this.#context;
    for (const [id, picture, name] of VIEW) {
      if (!commands[name]) continue;
      const item = this.#item(picture, "", () => commands[name]());
      const chord = this.#keymap().keysOf(id)[0];
      item.setAttribute("aria-label", actionWords(id));
      item.title = chord ? `${actionWords(id)}  ${chordWords(chord)}` : actionWords(id);
      group.append(item);
    }
    return group;
  }

  #rows(pane, at) {
    const group = this.#group("pane-menu-rows", _("Pane"));
    const { commands, history } = this.#context;
    const undo = history?.undoWords;
    if (undo) group.append(this.#item("arrow-counterclockwise", _("Undo: %(step)s", { step: undo }), () => commands.undo(), "undo"));
    const redo = history?.redoWords;
    if (redo) group.append(this.#item("arrow-clockwise", _("Redo: %(step)s", { step: redo }), () => commands.redo(), "redo"));
    for (const [id, picture] of ROWS) {
      if (commands[id]) group.append(this.#item(picture, actionWords(id), () => commands[id](), id));
    }
    const value = this.#context.valueText?.(pane, at);
    if (value) group.append(this.#item("copy", _("Copy %(value)s", { value }), () => this.#copy(value)));
    const mark = this.#markUnder();
    if (mark) {
      const words = _("Delete: %(mark)s", { mark: mark.label || markWord(mark.kind) });
      const item = this.#item("trash3", words, () => this.#context.marks.remove(mark.id));
      item.classList.add("danger");
      group.append(item);
    }
    return group;
  }

  #markUnder() {
    const { marks } = this.#context;
    return marks?.get(marks.hovered ?? marks.selected) ?? null;
  }

  async #copy(value) {
    try {
      await navigator.clipboard.writeText(value);
      this.#context.say(_("Copied: %(value)s", { value }));
    } catch {
      this.#context.say(_("The browser did not allow copying."));
    }
  }

  #group(name, label) {
    const group = element("div", name);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    return group;
  }

  #item(picture, label, act, id = "") {
    const item = element("button", "pane-menu-item");
    item.type = "button";
    item.tabIndex = -1;
    item.setAttribute("role", "menuitem");
    if (picture) item.append(icon(this.#sprite, picture));
    if (label) item.append(element("span", "", label));
    const chord = id && this.#keymap().keysOf(id)[0];
    if (chord) {
      const key = element("kbd", "", chordWords(chord));
      key.setAttribute("aria-hidden", "true");
      item.append(key);
    }
    item.addEventListener("click", () => {
      this.close();
      act();
    });
    return item;
  }

  #place(pane, [x, y]) {
    const { left, top } = pane.element.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.#menu;
    const within = (wanted, size, room) => Math.max(EDGE, Math.min(wanted, room - size - EDGE));
    this.#menu.style.left = `${within(left + x, width, innerWidth)}px`;
    this.#menu.style.top = `${within(top + y, height, innerHeight)}px`;
  }

  #pressed(event) {
    event.stopPropagation(); // the keys are the menu's while it is open
    const items = this.#items;
    const now = items.indexOf(document.activeElement);
    if (event.key in STEPS) {
      event.preventDefault();
      items[(now + STEPS[event.key] + items.length) % items.length].focus();
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      items.at(event.key === "Home" ? 0 : -1).focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.close();
    }
  }

  #outside(event) {
    if (this.isOpen && !this.#menu.contains(event.target)) this.close();
  }
}
