// Ticks on the panes' sliders at the slices that hold marks.

import { markedSlices } from "../lib/marklist.js";

/** @param panes  of one series; each with its slider, or none */
export function mountTicks({ state, marks, panes }) {
  let wanted = 0;
  const draw = () => {
    wanted = 0;
    for (const pane of panes.values()) pane.slider?.showMarks(markedSlices(marks.all, state.plane(pane.plane)));
  };
  // Several changes at once, as when a workspace arrives, are one drawing.
  const ask = () => (wanted ||= requestAnimationFrame(draw));
  marks.addEventListener("marks", ask);
  for (const change of ["planes", "layout"]) state.addEventListener(change, ask);
  ask();
}
