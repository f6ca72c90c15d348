// Press or drag: the other planes go to the point under the pointer.

import { voxelAt } from "../lib/planes.js";

export const crosshairTool = {
  begin(state, pane, at) {
    state.movePoint(voxelAt(pane.plane, pane.nearestPixel(at), state.slice(pane.name)));
    return { at };
  },
  move(state, pane, start, [byX, byY]) {
    this.begin(state, pane, [start.at[0] + byX, start.at[1] + byY]);
  },
};
