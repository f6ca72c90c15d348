// Drag: right widens the window, down raises its level.

import { dragged } from "../lib/windowing.js";

export const windowTool = {
  begin: (state) => ({ window: state.window }),
  move(state, _pane, start, [byX, byY]) {
    state.setWindow(dragged(start.window, byX, byY, state.digits));
  },
};
