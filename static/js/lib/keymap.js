// Which key does what. One table for the handler and for the dialog that shows it; an entry names an action
// of the page and its argument. Letters may be switched off as a whole (WCAG 2.1.4).

/** Key (KeyboardEvent.key, letters in lower case; with Shift where that makes another of it) → [action, argument]. */
export const KEYS = {
  ArrowUp: ["scroll", -1],
  ArrowDown: ["scroll", 1],
  PageUp: ["scroll", -10],
  PageDown: ["scroll", 10],
  Home: ["scrollTo", "first"],
  End: ["scrollTo", "last"],
  ArrowLeft: ["pane", -1],
  ArrowRight: ["pane", 1],
  "Shift+ArrowLeft": ["phase", -1],
  "Shift+ArrowRight": ["phase", 1],
  c: ["play", null],
  ",": ["layout", -1],
  ".": ["layout", 1],
  w: ["tool", "window"],
  n: ["tool", "pan"],
  z: ["tool", "zoom"],
  s: ["tool", "scroll"],
  x: ["tool", "crosshair"],
  i: ["invert", null],
  "+": ["zoom", 1.25],
  "-": ["zoom", 0.8],
  "\u2212": ["zoom", 0.8],
  "=": ["fit", null],
  " ": ["reset", null],
  "?": ["help", null],
  Escape: ["escape", null],
};

const isDigit = (key) => /^[1-9]$/.test(key);
const isLetter = (key) => /^[a-z]$/.test(key);

/**
 * The action of a key press, or null.
 * @param event  { key, ctrlKey, altKey, metaKey, shiftKey }
 * @param letters  whether single letters act
 */
export function actionOf({ key, ctrlKey, altKey, metaKey, shiftKey }, { letters = true } = {}) {
  if (ctrlKey || altKey || metaKey) return null;
  if (isDigit(key)) return ["preset", Number(key) - 1];
  const name = key.length === 1 ? key.toLowerCase() : key;
  if (isLetter(name) && !letters) return null;
  return (shiftKey && KEYS[`Shift+${name}`]) || KEYS[name] || null;
}
