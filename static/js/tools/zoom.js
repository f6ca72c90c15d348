// Drag: up brings nearer, about the point where the drag began.

import { zoomAt } from "../lib/viewtransform.js";

const PIXELS_PER_E = 160; // CSS pixels of drag that magnify e times

export const zoomTool = {
  begin: (state, pane, at) => ({ view: state.view(pane.plane), at }),
  move(state, pane, start, [, byY]) {
    const factor = Math.exp(-byY / PIXELS_PER_E);
    state.setView(pane.plane, zoomAt(start.view, pane.frame, pane.size, factor, start.at));
  },
};
