// Drag: the image goes with the hand.

import { pan } from "../lib/viewtransform.js";

export const panTool = {
  begin: (state, pane) => ({ view: state.view(pane.plane) }),
  move(state, pane, start, [byX, byY]) {
    state.setView(pane.plane, pan(start.view, pane.frame, pane.size, byX, byY));
  },
};
