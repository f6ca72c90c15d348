// The dialog of keys and mouse: <dialog data-keys> with [data-key-groups] and input[data-letters]. Whether
// single letters act is remembered in this browser.

import { _ } from "../state/words.js";

const REMEMBERED = "triplano.letters";

function groups() {
  return [
    [
      _("Slices and panes"),
      [
        [_("Previous and next slice"), ["\u2191", "\u2193"]],
        [_("Ten slices"), [_("PgUp"), _("PgDn")]],
        [_("First and last"), [_("Home"), _("End")]],
        [_("Previous and next pane"), ["\u2190", "\u2192"]],
        [_("Layout"), [",", "."]],
        [_("Previous and next volume"), ["Shift", "\u2190", "\u2192"]],
        [_("Play and pause"), ["C"]],
      ],
    ],
    [
      _("Tools"),
      [
        [_("Window and level"), ["W"]],
        [_("Pan"), ["N"]],
        [_("Zoom"), ["Z"]],
        [_("Scroll slices"), ["S"]],
        [_("Crosshair"), ["X"]],
      ],
    ],
    [
      _("Image"),
      [
        [_("Windows, in the panel\u2019s order"), ["1", "\u2026", "9"]],
        [_("Invert"), ["I"]],
        [_("Nearer, farther, whole image"), ["+", "\u2212", "="]],
        [_("Reset view"), [_("Space")]],
      ],
    ],
    [
      _("Mouse"),
      [
        [_("Chosen tool"), [_("Left")]],
        [_("Pan"), [_("Middle")]],
        [_("Zoom"), [_("Right")]],
        [_("Slices"), [_("Wheel")]],
        [_("Zoom at the cursor"), ["Ctrl", _("Wheel")]],
        [_("Crosshair"), ["Shift", _("Left")]],
        [_("Reset view"), [_("Double click")]],
      ],
    ],
    [
      _("Fingers"),
      [
        [_("Chosen tool"), [_("One")]],
        [_("Pan and zoom"), [_("Two")]],
      ],
    ],
    [
      _("Everywhere"),
      [
        [_("Cancel, close"), ["Esc"]],
        [_("This page"), ["?"]],
      ],
    ],
  ];
}

export class KeysDialog {
  #dialog;
  #letters;

  constructor(dialog) {
    this.#dialog = dialog;
    this.#letters = dialog.querySelector("[data-letters]");
    this.#letters.checked = remembered() !== "off";
    this.#letters.addEventListener("change", () => remember(this.#letters.checked ? "on" : "off"));
    dialog.querySelector("[data-key-groups]").replaceChildren(...groups().map(groupElement));
    dialog.addEventListener("click", ({ target }) => {
      if (target === dialog || target.closest("[data-close]")) dialog.close();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  get lettersAct() {
    return this.#letters.checked;
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}

function groupElement([title, rows]) {
  const section = document.createElement("section");
  const heading = document.createElement("h3");
  heading.textContent = title;
  const list = document.createElement("ul");
  list.append(...rows.map(rowElement));
  section.append(heading, list);
  return section;
}

function rowElement([label, keys]) {
  const row = document.createElement("li");
  const text = document.createElement("span");
  text.textContent = label;
  row.append(text, ...keys.map(keyElement));
  return row;
}

function keyElement(name) {
  const key = document.createElement("kbd");
  key.textContent = name;
  return key;
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // storage can be forbidden; the letters then act
  }
}

function remember(value) {
  try {
    localStorage.setItem(REMEMBERED, value);
  } catch {
    // Nothing to be done: it holds for this page.
  }
}
