// How segments are shown, as the viewer's state keeps it: { of: { [segmentation id]: { isHidden, hidden, locked,
// opacity, mode } }, solo: { id, number }|null }, of a dose { dose } (doseplane.js). Only what differs from the usual is
// kept.

export const NO_DISPLAY = Object.freeze({ of: Object.freeze({}), solo: null });
export const MODES = ["both", "fill", "outline"];
export const USUAL = Object.freeze({ isHidden: false, hidden: [], locked: [], opacity: 0.32, mode: "both" });

// Of --seg-1 to --seg-12 of tokens.css, which are far from each other for all kinds of eyes, those that nobody takes
// for a plane's red, yellow or green.
export const SEGMENT_COLOURS = [
  "#3bffb1", "#b19dff", "#ffb1d8", "#eb3b62", "#2762d8", "#62c49d", "#9d4e89", "#c476b1", "#278962", "#627600",
]; // prettier-ignore

const numbers = (value) => (Array.isArray(value) ? value.filter(Number.isInteger) : []);

/** Whatever was saved, as something that can be shown. */
export function tidyDisplay(saved) {
  if (!saved || typeof saved !== "object") return NO_DISPLAY;
  const of = {};
  for (const [id, one] of Object.entries(saved.of ?? {})) if (one && typeof one === "object") of[id] = tidied(one);
  const { id, number } = saved.solo ?? {};
  return { of, solo: typeof id === "string" && Number.isInteger(number) ? { id, number } : null };
}

function tidied({ isHidden, hidden, locked, opacity, mode, ...further }) {
  const kept = {};
  if (isHidden === true) kept.isHidden = true;
  if (numbers(hidden).length) kept.hidden = numbers(hidden);
  if (numbers(locked).length) kept.locked = numbers(locked);
  if (Number.isFinite(opacity) && opacity !== USUAL.opacity) kept.opacity = Math.min(1, Math.max(0, opacity));
  if (MODES.includes(mode) && mode !== USUAL.mode) kept.mode = mode;
  if (further.dose && typeof further.dose === "object") kept.dose = further.dose;
  return kept;
}

/** How one segmentation is shown, whole. */
export function displayOf(display, id) {
  return { ...USUAL, ...display?.of?.[id] };
}

export function isShown(display, id, number) {
  const { solo } = display ?? NO_DISPLAY;
  if (solo) return solo.id === id && solo.number === number;
  const { isHidden, hidden } = displayOf(display, id);
  return !isHidden && !hidden.includes(number);
}

/** The display with changes to one; what is of segmentations that are no more goes. */
export function withDisplay(display, id, changes, known) {
  const { of, solo } = display ?? NO_DISPLAY;
  const kept = Object.fromEntries(Object.entries(of).filter(([one, shown]) => one === id || known.includes(one) || shown.dose));
  return tidyDisplay({ of: { ...kept, [id]: { ...of[id], ...changes } }, solo });
}

/** [red, green, blue] of "#rrggbb". */
export function rgbOf(color) {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The RGBA words of a picture of labels: 0 where a label is not shown. */
export function fillTable(colours) {
  const bytes = new Uint8ClampedArray(4 * 256);
  for (const [label, color] of colours) bytes.set([...rgbOf(color), 255], 4 * label);
  return new Uint32Array(bytes.buffer);
}

/** Black or white, whichever is read better on a colour. */
export function inkOn(color) {
  const [red, green, blue] = rgbOf(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000000" : "#ffffff";
}
