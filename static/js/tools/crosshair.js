// Press or drag: the other planes go to the point under the pointer. On one of their lines, away from the middle, the
// drag turns them instead.

import { lpsAt } from "../lib/frames.js";
import { grabbedLine, screenAngle, turnSense } from "../lib/turning.js";
import { voxelAt } from "../lib/planes.js";

export const crosshairTool = {
  begin(state, pane, at) {
    const line = grabbedLine(pane.crossings, at);
    if (line) return { line: line.plane, angle: screenAngle(line.at, at) };
    goTo(state, pane, at);
    return { at };
  },
  move(state, pane, start, [byX, byY], at) {
    if (start.line) turn(state, pane, start, at);
    else goTo(state, pane, [start.at[0] + byX, start.at[1] + byY]);
  },
};

function turn(state, pane, start, at) {
  const line = pane.crossings.find(({ plane }) => plane === start.line);
  if (!line || !at) return;
  const angle = screenAngle(line.at, at);
  state.rotate(pane.plane, (angle - start.angle) * turnSense(pane.frame, pane.placed));
  start.angle = angle;
}

function goTo(state, pane, at) {
  const pixel = pane.nearestPixel(at);
  const { frame, index } = pane;
  if (frame.to_ijk && !state.isOblique) state.movePoint(voxelAt(frame, pixel, index));
  else if (frame.to_lps) state.moveToLps(lpsAt(frame, pixel, index));
}
