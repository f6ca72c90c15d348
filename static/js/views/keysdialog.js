// The dialog of keys and mouse (templates/viewer/keys.html): shows them, finds them, changes them. What is changed
// is kept with the account: preferences keys, letters, mouse, mouse_custom, left_scrolls, invert_wheel.

import { CHOICES, SLOTS, bindingsFrom } from "../lib/bindings.js";
import { Keymap, chordOf, mayBind } from "../lib/keymap.js";
import { _ } from "../state/words.js";
import { element } from "./elements.js";
import { actionWords, chordWords, keyGroups, keyNames, slotNames, toolWords } from "./keywords.js";

const OPTIONS = { "data-left-scrolls": "left_scrolls", "data-invert-wheel": "invert_wheel" };
const OWN = new Set(["keys", "letters", "mouse", "mouse_custom", ...Object.values(OPTIONS)]);
const FIXED = new Set(["escape"]); // the way out stays where it is

export class KeysDialog extends EventTarget {
  #dialog;
  #preferences;
  #keymap;
  #bindings;
  #changing = false;
  #asked = null; // the id whose new key is awaited
  #find;

  /**
   * Sends "change" when other keys or buttons count.
   * @param dialog       <dialog data-keys>
   * @param preferences  Preferences
   * @param onTour       () → void
   */
  constructor(dialog, preferences, { onTour = () => {} } = {}) {
    super();
    this.#dialog = dialog;
    this.#preferences = preferences;
    this.#find = (selector) => dialog.querySelector(selector);
    preferences.addEventListener("change", ({ detail }) => OWN.has(detail.key) && this.#read());
    dialog.addEventListener("click", (event) => this.#clicked(event, onTour));
    dialog.addEventListener("change", ({ target }) => this.#chose(target));
    dialog.addEventListener("keydown", (event) => this.#asked && this.#pressed(event), true);
    dialog.addEventListener("cancel", (event) => this.#asked && event.preventDefault());
    dialog.addEventListener("close", () => this.#closed());
    this.#find("[data-key-search]").addEventListener("input", () => this.#filter());
    this.#read();
  }

  get isOpen() {
    return this.#dialog.open;
  }

  get keymap() {
    return this.#keymap;
  }

  /** What the mouse's buttons do (lib/bindings.js). */
  get bindings() {
    return this.#bindings;
  }

  open() {
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    this.#find("[data-key-groups]").focus(); // not the search: the keys are there to be read
  }

  #read() {
    const { keys, letters = true, ...mouse } = this.#preferences.all;
    this.#keymap = new Keymap({ custom: keys, letters });
    this.#bindings = bindingsFrom(mouse);
    this.#draw();
    this.dispatchEvent(new Event("change"));
  }

  #clicked({ target }, onTour) {
    const key = target.closest("[data-key-of]");
    const set = target.closest("[data-mouse-set]");
    if (key) this.#ask(key.dataset.keyOf);
    else if (set) this.#preferences.set("mouse", set.dataset.mouseSet);
    else if (target.closest("[data-change-keys]")) this.#toggleChanging();
    else if (target.closest("[data-usual-keys]")) this.#reset();
    else if (target === this.#dialog || target.closest("[data-close]")) this.#dialog.close();
    else if (target.closest("[data-start-tour]")) {
      this.#dialog.close();
      onTour();
    }
  }

  #chose(target) {
    if (target.matches("[data-letters]")) this.#preferences.set("letters", target.checked);
    for (const [attribute, name] of Object.entries(OPTIONS)) {
      if (target.hasAttribute(attribute)) this.#preferences.set(name, target.checked);
    }
    if (target.matches("[data-slot]")) {
      const slots = Object.fromEntries(SLOTS.map((slot) => [slot, this.#bindings[slot]]));
      this.#preferences.set("mouse_custom", { ...slots, [target.dataset.slot]: target.value });
      this.#find(`[data-slot="${target.dataset.slot}"]`).focus();
    }
  }

  #closed() {
    this.#asked = null;
    this.#changing = false;
    this.#find("[data-key-search]").value = "";
    this.#say("");
    this.#draw();
  }

  // --- changing

  #toggleChanging() {
    this.#changing = !this.#changing;
    this.#asked = null;
    this.#say(this.#changing ? _("Choose a key to change it.") : "");
    this.#draw();
  }

  #ask(id) {
    this.#asked = id;
    this.#say(_("%(action)s: press the new key. Esc leaves it as it is.", { action: actionWords(id) }));
    this.#draw();
    this.#find(`[data-key-of="${id}"]`).focus();
  }

  #pressed(event) {
    const id = this.#asked;
    const chord = chordOf(event);
    if (!chord) return; // a modifier, and the key is yet to come
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") this.#settle(id, "");
    else if (!mayBind(chord)) this.#say(_("%(key)s belongs to the browser. Press another.", { key: chordWords(chord) }));
    else this.#bind(id, chord);
  }

  #bind(id, chord) {
    const other = this.#keymap.takenBy(chord, id);
    this.#asked = null;
    this.#preferences.set("keys", this.#keymap.with(id, chord).custom);
    const words = { key: chordWords(chord), action: actionWords(id), other: other && actionWords(other) };
    const left = other && this.#keymap.keysOf(other).length;
    const isBare = _("%(key)s is now %(action)s. %(other)s has no key any more.", words);
    const isShared = _("%(key)s is now %(action)s, and no longer %(other)s.", words);
    const text = other ? (left ? isShared : isBare) : _("%(key)s is now %(action)s.", words);
    this.#settle(id, text);
  }

  #settle(id, text) {
    this.#asked = null;
    this.#say(text);
    this.#draw();
    this.#find(`[data-key-of="${id}"]`).focus();
  }

  #reset() {
    this.#asked = null;
    this.#preferences.set("keys", {});
    this.#say(_("All keys are as usual."));
    this.#draw();
    this.#find("[data-change-keys]").focus();
  }

  #say(text) {
    this.#find("[data-key-note]").textContent = text;
  }

  // --- drawing

  #draw() {
    const { letters = true, mouse, left_scrolls: leftScrolls, invert_wheel: invertWheel } = this.#preferences.all;
    this.#find("[data-letters]").checked = letters;
    this.#find("[data-left-scrolls]").checked = Boolean(leftScrolls);
    this.#find("[data-invert-wheel]").checked = Boolean(invertWheel);
    for (const button of this.#dialog.querySelectorAll("[data-mouse-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mouseSet === (mouse ?? "usual")));
    }
    this.#find("[data-change-keys]").setAttribute("aria-pressed", String(this.#changing));
    this.#find("[data-usual-keys]").hidden = !this.#changing || !Object.keys(this.#keymap.custom).length;
    const groups = keyGroups().map(([title, rows]) => section(title, rows.map((row) => this.#keyRow(row))));
    groups.push(section(_("Measuring with keys"), placingRows()));
    groups.push(section(_("Mouse"), this.#mouseRows()), section(_("Fingers"), fingerRows()));
    this.#find("[data-key-groups]").replaceChildren(...groups);
    this.#filter();
  }

  #keyRow([label, ids]) {
    return row(label, ids.flatMap((id) => this.#keysOf(id)));
  }

  #keysOf(id) {
    const chords = this.#keymap.keysOf(id);
    const isDrawnTwice = chords.includes("-"); // the minus of typography is the same key to a reader
    const shown = chords.filter((chord) => !(isDrawnTwice && chord === "\u2212"));
    if (!this.#changing || FIXED.has(id)) return shown.length ? shown.map(keys) : [element("span", "muted", "\u2014")];
    const button = element("button", "key-button", ...(this.#asked === id ? ["\u2026"] : shown.map(keys)));
    if (!shown.length && this.#asked !== id) button.append("\u2014");
    button.type = "button";
    button.dataset.keyOf = id;
    button.setAttribute("aria-pressed", String(this.#asked === id));
    button.setAttribute("aria-label", `${actionWords(id)}: ${shown.map(chordWords).join(", ") || _("no key")}`);
    return [button];
  }

  #mouseRows() {
    const { bindings } = this;
    const isOwn = this.#preferences.get("mouse") === "custom";
    const slots = SLOTS.map((slot) => (isOwn ? this.#choice(slot) : row(toolWords(bindings[slot]), named(slotNames(slot)))));
    const rows = [
      row(_("Slices"), named([_("Wheel")])),
      row(_("Zoom at the cursor"), named(["Ctrl", _("Wheel")])),
      row(_("One pane large, and back"), named([_("Double click")])),
      row(_("Menu of the pane"), named([_("Right")])),
    ];
    if (bindings.hover.shift) rows.unshift(row(_("Crosshair along"), named([_("Shift"), _("Move")])));
    return [...slots, ...rows];
  }

  #choice(slot) {
    const select = element("select", "form-select form-select-sm");
    select.dataset.slot = slot;
    select.setAttribute("aria-label", slotNames(slot).join("+"));
    for (const name of CHOICES) {
      const option = new Option(toolWords(name), name, false, this.#bindings[slot] === name);
      select.append(option);
    }
    const line = row("", named(slotNames(slot)));
    line.firstChild.replaceWith(select);
    return line;
  }

  /** Only the rows whose words or keys hold what is searched. */
  #filter() {
    const wanted = fold(this.#find("[data-key-search]").value.trim());
    for (const group of this.#find("[data-key-groups]").children) {
      let count = 0;
      for (const line of group.querySelectorAll("li")) {
        line.hidden = wanted !== "" && !fold(line.textContent).includes(wanted) && !hasKey(line, wanted);
        count += Number(!line.hidden);
      }
      group.hidden = count === 0;
    }
  }
}

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const hasKey = (line, wanted) => [...line.querySelectorAll("kbd")].some((key) => fold(key.textContent) === wanted);

function section(title, rows) {
  const list = element("ul", "", ...rows);
  return element("section", "", element("h3", "", title), list);
}

function row(label, shown) {
  return element("li", "", element("span", "", label), ...shown);
}

const named = (names) => names.map((name) => element("kbd", "", name));

/** The keys of a chord, held together. */
function keys(chord) {
  return element("span", "chord", ...named(keyNames(chord)));
}

/** What tools/keyplacing.js does; these keys are not to be changed. */
function placingRows() {
  const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].flatMap(keyNames);
  return [
    row(_("Move the point, with a measuring tool chosen"), named([...keyNames("Alt"), ...arrows])),
    row(_("By ten pixels"), named([...keyNames("Alt+Shift"), ...arrows])),
    row(_("Set the point"), [keys("Enter")]),
  ];
}

function fingerRows() {
  return [
    row(_("Chosen tool"), named([_("One")])),
    row(_("Pan and zoom"), named([_("Two")])),
    row(_("Menu of the pane"), named([_("Long press")])),
  ];
}
