// Drag: down goes on in reading order. The pane's height is worth the whole series, but never less than
// 4 CSS pixels a slice: a finger must be able to stop on each.

import { readingSense } from "../lib/planes.js";

const LEAST_PIXELS = 4;

export const scrollTool = {
  begin: (state, pane) => ({ slice: state.slice(pane.name) }),
  move(state, pane, start, [, byY]) {
    const pixels = Math.max(LEAST_PIXELS, pane.size.height / pane.plane.count);
    const steps = Math.trunc(byY / pixels) * readingSense(pane.plane, state.series.affine);
    state.setSlice(pane.name, start.slice + steps);
  },
};
