// Which tool a mouse button takes up. Named sets, so that a reader keeps the habits of another viewer, and one
// of the reader's own. "active" stands for the tool that is chosen in the bar.

const LEFT = 0;
const MIDDLE = 1;
const RIGHT = 2;

/** What may be put on a button of one's own set. */
export const CHOICES = ["active", "window", "pan", "zoom", "scroll", "crosshair"];
/** What can be chosen for: buttons, the left one with a key held, and the wheel. */
export const SLOTS = ["left", "middle", "right", "shift", "ctrl", "alt"];

/**
 * left, middle, right: tools of the buttons; shift, ctrl, alt: of the left one with that key held.
 * first: the tool that is chosen as a series opens. hover: a key that, held, makes mere moving do something.
 */
export const SETS = {
  usual: { left: "active", middle: "pan", right: "zoom", shift: "crosshair", ctrl: "zoom", alt: "scroll", first: "window" },
  radiant: { left: "active", middle: "pan", right: "window", shift: "pan", ctrl: "zoom", alt: "crosshair", first: "scroll" },
  slicer: {
    left: "active", middle: "pan", right: "zoom", shift: "crosshair", ctrl: "scroll", alt: "zoom", first: "window",
    hover: { shift: "crosshair" },
  },
};

/**
 * The bindings of the preferences {mouse, mouse_custom, left_scrolls, invert_wheel}; what is unknown is usual.
 * @returns {{left, middle, right, shift, ctrl, alt, first, hover, invertWheel}}
 */
export function bindingsFrom({ mouse, mouse_custom: own, left_scrolls: leftScrolls, invert_wheel: invertWheel } = {}) {
  const named = Object.hasOwn(SETS, mouse ?? "") ? SETS[mouse] : SETS.usual;
  const chosen = { ...named };
  if (mouse === "custom") {
    for (const slot of SLOTS) if (CHOICES.includes(own?.[slot])) chosen[slot] = own[slot];
  }
  if (leftScrolls) chosen.first = "scroll";
  return { hover: {}, ...chosen, invertWheel: Boolean(invertWheel) };
}

/** The tool that a press takes up; fingers and pens hold no keys and no buttons. */
export function toolFor({ button, pointerType, shiftKey, ctrlKey, metaKey, altKey }, bindings, active) {
  const chosen = (slot) => (bindings[slot] === "active" ? active : bindings[slot]);
  if (pointerType === "touch") return active;
  if (button === MIDDLE) return chosen("middle");
  if (button === RIGHT) return chosen("right");
  if (button !== LEFT) return active;
  if (shiftKey) return chosen("shift");
  if (ctrlKey || metaKey) return chosen("ctrl");
  return altKey ? chosen("alt") : chosen("left");
}

/** What moving without a button does, or null. */
export function hoverTool({ buttons, shiftKey }, bindings) {
  return !buttons && shiftKey ? (bindings.hover.shift ?? null) : null;
}

/** What the wheel does: { does: "slices" | "zoom", sense: 1 or −1 }; a pinch on a touchpad comes with Ctrl. */
export function wheelFor({ ctrlKey, metaKey }, bindings) {
  if (ctrlKey || metaKey) return { does: "zoom", sense: 1 };
  return { does: "slices", sense: bindings.invertWheel ? -1 : 1 };
}
