// Drag: the image goes with the hand.

import { pan } from "../lib/viewtransform.js";

export const panTool = {
  begin: (state, pane) => ({ view: state.view(pane.name) }),
  move(state, pane, start, [byX, byY]) {
    state.setView(pane.name, pan(start.view, pane.image, pane.size, byX, byY));
  },
};
