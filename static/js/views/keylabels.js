// The letters on the buttons of tools follow the keys that count: <button class="tool"> with data-tool or
// data-command, a .key inside, and aria-label "Length (D)".

import { chordWords } from "./keywords.js";

const ARIA = { Ctrl: "Control", " ": "Space" };
/** Commands whose action has another name. */
const ACTIONS = { rotateRight: "turnRight", rotateLeft: "turnLeft" };
const names = new WeakMap(); // button → its label without the key

function nameOf(button) {
  if (!names.has(button)) names.set(button, button.getAttribute("aria-label").replace(/ \([^()]*\)$/, ""));
  return names.get(button);
}

/** Write the keys of *keymap* on the tools of *viewer*. */
export function labelTools(viewer, keymap) {
  for (const letter of viewer.querySelectorAll(".tool[aria-label] > .key")) {
    const button = letter.parentElement;
    const { tool, command } = button.dataset;
    const [chord] = keymap.keysOf(tool ?? ACTIONS[command] ?? command);
    const name = nameOf(button);
    // The space bar's sign is the template's: its word is too long for the corner of a button.
    if (chord !== " ") letter.textContent = chord ? chordWords(chord) : "";
    button.setAttribute("aria-label", chord ? `${name} (${chordWords(chord)})` : name);
    if (button.getAttribute("aria-disabled") !== "true") button.title = chord ? `${name}  ${chordWords(chord)}` : name;
    if (chord) button.setAttribute("aria-keyshortcuts", chord.replace(/Ctrl|^ $/, (key) => ARIA[key]));
    else button.removeAttribute("aria-keyshortcuts");
  }
}
