// Which key does what. One table for the handler and for the dialog that shows and changes it; an entry names
// an action of the page, its argument and its usual keys. Keys are written as chords: modifiers in the order
// Ctrl+ Alt+ Shift+, then KeyboardEvent.key, letters in lower case. Cmd counts as Ctrl.

const action = (id, group, name, argument, ...keys) => ({ id, group, does: [name, argument], keys });
const tool = (name, key) => action(name, "tools", "tool", name, key);

/** The actions in the dialog's order; their words are with the dialog. */
export const ACTIONS = [
  action("previous", "slices", "scroll", -1, "ArrowUp"),
  action("next", "slices", "scroll", 1, "ArrowDown"),
  action("tenBack", "slices", "scroll", -10, "Shift+ArrowUp"),
  action("tenOn", "slices", "scroll", 10, "Shift+ArrowDown"),
  action("first", "slices", "scrollTo", "first", "Home"),
  action("last", "slices", "scrollTo", "last", "End"),
  action("previousSeries", "slices", "series", -1, "PageUp"),
  action("nextSeries", "slices", "series", 1, "PageDown"),
  action("previousPane", "slices", "pane", -1, "ArrowLeft"),
  action("nextPane", "slices", "pane", 1, "ArrowRight"),
  action("previousPhase", "slices", "phase", -1, "Shift+ArrowLeft"),
  action("nextPhase", "slices", "phase", 1, "Shift+ArrowRight"),
  action("previousLayout", "slices", "layout", -1, ","),
  action("nextLayout", "slices", "layout", 1, "."),
  action("cine", "slices", "play", null, "c"),
  tool("window", "w"),
  tool("pan", "n"),
  tool("zoom", "z"),
  tool("scroll", "s"),
  tool("crosshair", "x"),
  tool("probe", "p"),
  tool("length", "d"),
  tool("bidirectional", "q"),
  tool("angle", "a"),
  tool("cobb", "k"),
  tool("ellipse", "o"),
  tool("rectangle", "u"),
  tool("freehand", "f"),
  tool("arrow", "t"),
  ...Array.from({ length: 9 }, (_, at) => action(`preset${at + 1}`, "image", "preset", at, String(at + 1))),
  action("nearer", "image", "zoom", 1.25, "+"),
  action("farther", "image", "zoom", 0.8, "-", "\u2212"),
  action("fit", "image", "fit", null, "="),
  // Not Shift with =: that is + on one keyboard, and on another the only way to =.
  action("actual", "image", "actual", null, "0"),
  action("panLeft", "image", "pan", [-1, 0], "Ctrl+ArrowLeft"),
  action("panRight", "image", "pan", [1, 0], "Ctrl+ArrowRight"),
  action("panUp", "image", "pan", [0, -1], "Ctrl+ArrowUp"),
  action("panDown", "image", "pan", [0, 1], "Ctrl+ArrowDown"),
  action("turnRight", "image", "rotate", 90, "r"),
  action("turnLeft", "image", "rotate", -90, "l"),
  action("flipAcross", "image", "flip", "h", "h"),
  action("flipDown", "image", "flip", "v", "v"),
  action("invert", "image", "invert", null, "i"),
  action("reset", "image", "reset", null, " "),
  action("slab", "image", "slab", null, "b"),
  action("straighten", "image", "straighten", null, "y"),
  action("magnifier", "image", "magnifier", null, "g"),
  action("segments", "image", "segments", null, "Shift+s"),
  action("keyimage", "work", "keyimage", null, "m"),
  action("snapshot", "work", "snapshot", null, "j"),
  action("undo", "work", "undo", null, "Ctrl+z"),
  action("redo", "work", "redo", null, "Ctrl+y", "Ctrl+Shift+z"),
  action("remove", "work", "remove", null, "Delete", "Backspace"),
  action("copy", "work", "copy", null, "Ctrl+c"),
  action("paste", "work", "paste", null, "Ctrl+v"),
  action("menu", "work", "menu", null, "Shift+F10", "ContextMenu"),
  action("escape", "work", "escape", null, "Escape"),
  action("help", "work", "help", null, "?"),
];

const MODIFIERS = /^(?:Ctrl\+|Alt\+|Shift\+)*/;
const NO_KEY = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Dead", "Unidentified", "Process"]);
// What moves the focus, works a button or belongs to the browser is not given away.
const RESERVED = /^(?:(?:Shift\+)?Tab|Enter|Escape|F\d+|Ctrl\+(?:Shift\+)?[wtnrlpq]|Ctrl\+Tab|Alt\+(?:ArrowLeft|ArrowRight|F4))$/;

const isLetter = (key) => /^\p{L}$/u.test(key);

/** The chord of a key press, "" for a modifier alone. */
export function chordOf({ key, ctrlKey, altKey, metaKey, shiftKey }) {
  if (!key || NO_KEY.has(key)) return "";
  const name = key.length === 1 ? key.toLowerCase() : key;
  // Shift is part of how a sign is typed, and that differs between keyboards; of letters and named keys it is told.
  const shift = shiftKey && (name.length > 1 || name === " " || isLetter(name)) ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}${shift}${name}`;
}

/** ["Ctrl", "Shift", "z"]: the pieces of a chord, the key last. */
export function piecesOf(chord) {
  const [modifiers] = chord.match(MODIFIERS);
  return [...modifiers.split("+").filter(Boolean), chord.slice(modifiers.length)];
}

/** Whether a chord is a single character without Ctrl or Alt, which speech input may type by accident (WCAG 2.1.4). */
export function isCharacter(chord) {
  const pieces = piecesOf(chord);
  return pieces.at(-1).length === 1 && pieces.at(-1) !== " " && !pieces.includes("Ctrl") && !pieces.includes("Alt");
}

export class Keymap {
  #custom;
  #letters;
  #does = new Map(); // chord → action

  /**
   * @param custom   {id: chord}: what the reader changed; "" takes the key away
   * @param letters  whether single characters act
   */
  constructor({ custom = {}, letters = true } = {}) {
    const known = ACTIONS.filter(({ id }) => typeof custom[id] === "string");
    this.#custom = Object.fromEntries(known.map(({ id }) => [id, custom[id]]));
    this.#letters = letters;
    for (const one of ACTIONS) for (const key of one.keys) if (!(one.id in this.#custom)) this.#does.set(key, one);
    for (const one of known) if (this.#custom[one.id]) this.#does.set(this.#custom[one.id], one);
  }

  /** What the reader changed, to be kept. */
  get custom() {
    return { ...this.#custom };
  }

  get lettersAct() {
    return this.#letters;
  }

  /** [action, argument] of a key press, or null. */
  actionOf(event) {
    const chord = chordOf(event);
    if (!chord || (!this.#letters && isCharacter(chord))) return null;
    // A letter typed with Shift or Caps Lock is the letter, unless it has work of its own.
    const found = this.#does.get(chord) ?? (isLetter(chord.at(-1)) && this.#does.get(chord.replace(/^Shift\+/, "")));
    return found ? found.does : null;
  }

  /** The chords that do an action now. */
  keysOf(id) {
    return [...this.#does].filter(([, one]) => one.id === id).map(([chord]) => chord);
  }

  /** The id of the other action that has this chord, or null. */
  takenBy(chord, id) {
    const other = this.#does.get(chord);
    return other && other.id !== id ? other.id : null;
  }

  /** Another keymap, in which *chord* does the action; who had it has it no more. */
  with(id, chord) {
    const custom = { ...this.#custom, [id]: chord };
    const other = this.takenBy(chord, id);
    if (other && custom[other] === chord) custom[other] = "";
    return new Keymap({ custom, letters: this.#letters });
  }
}

/** Whether a chord may be given to an action. */
export const mayBind = (chord) => chord !== "" && !RESERVED.test(chord);

const USUAL = new Keymap();

/** The action of a key press by the usual keys, or null. */
export function actionOf(event, { letters = true } = {}) {
  return letters ? USUAL.actionOf(event) : new Keymap({ letters }).actionOf(event);
}
