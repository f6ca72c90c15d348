// To the place of a mark: its slice on the plane it was drawn on, turned as it was, the crosshair in its middle.

import { axesLike, axesOf } from "../lib/frames.js";
import { middleOf } from "../lib/marklist.js";

/**
 * @param isShown  (plane) → whether the layout shows it; where not, that plane is shown alone
 */
export function jumpToMark(state, mark, isShown = () => true) {
  const name = mark.plane?.name ?? state.planes[0].plane;
  if (Number.isInteger(mark.phase) && mark.phase !== state.phase) state.setPhase(mark.phase);
  if (mark.space === "patient" && name !== "stack" && state.moveToLps && state.plane(name)) {
    state.moveToLps(middleOf(mark));
    lieIn(state, name, mark.plane);
  } else if (state.plane(name)) {
    state.setSlice(name, mark.space === "image" ? (mark.image ?? mark.plane?.index ?? 0) : mark.plane.index);
  }
  show(state, name, isShown);
}

/** Turn the planes so that the one called *name* is the mark's own: there it is seen whole. */
function lieIn(state, name, plane) {
  const axes = axesLike(axesOf(state.planes), name, plane);
  if (axes) state.setAxes(axes);
}

/** Everything as it was when the key image was kept; what it does not know stays. */
export function jumpToKeyImage(state, mark, isShown = () => true) {
  const { view, ...shown } = mark.shown ?? {};
  const name = mark.plane?.name ?? state.planes[0].plane;
  const views = view && state.plane(name) ? { views: { ...state.snapshot().views, [name]: view } } : {};
  const place = mark.space === "patient" && name !== "stack" ? { point_lps: mark.points[0] } : {};
  state.restore({ ...shown, ...views, ...place, phase: mark.phase ?? 0 });
  if (!("point_lps" in place) && state.plane(name)) state.setSlice(name, mark.image ?? mark.plane?.index ?? 0);
  show(state, name, isShown);
}

function show(state, name, isShown) {
  if (!state.plane(name)) return;
  if (!isShown(name)) state.setLayout("1", name);
  state.setActive(name);
}
