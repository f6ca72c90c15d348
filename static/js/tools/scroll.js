// Drag: down goes on in reading order. The pane's height is worth the whole series, but never less than
// 4 CSS pixels a slice: a finger must be able to stop on each.

import { readingSense } from "../lib/frames.js";

const LEAST_PIXELS = 4;

export const scrollTool = {
  begin: (state, pane) => ({ slice: state.slice(pane.plane) }),
  move(state, pane, start, [, byY]) {
    const pixels = Math.max(LEAST_PIXELS, pane.size.height / pane.frame.count);
    const steps = Math.trunc(byY / pixels) * readingSense(pane.frame);
    state.setSlice(pane.plane, start.slice + steps);
  },
};
