// Where a menu stands beside its button, on the screen, in CSS pixels.

const GAP = 4;

/** [left, top]: below the button, from its left edge; above it, and further left, where there is no room. */
export function placeBeside(button, menu, screen) {
  const isBelow = button.bottom + GAP + menu.height <= screen.height;
  const left = Math.max(GAP, Math.min(button.left, screen.width - menu.width - GAP));
  return [left, isBelow ? button.bottom + GAP : Math.max(GAP, button.top - GAP - menu.height)];
}
