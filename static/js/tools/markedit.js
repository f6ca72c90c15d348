// Take hold of a mark: a handle changes it, its line moves all of it; a click selects it. On a plane that runs
// otherwise than the one it was drawn on, it is that of this plane from then on.

import { dragged, handlePlaces, moved } from "../lib/markdrag.js";
import { basisOf, flatten, isParallel } from "../lib/markplane.js";
import { _ } from "../state/words.js";
import { basisOn, draft, MOVED_FROM, placeAt, settled, tell } from "./drafting.js";

// What must not fall together: a length of nothing, an angle without a leg.
const APART = {
  length: [[0, 1]],
  arrow: [[0, 1]],
  angle: [[0, 1], [1, 2]],
  cobb: [[0, 1], [2, 3]],
  bidirectional: [[0, 1], [2, 3]],
  ellipse: [[0, 1], [0, 2]],
  rectangle: [[0, 1], [1, 2]],
};

/** Whether a mark has shrunk to less than a hand can draw. */
function hasShrunk(pane, { kind, space, points, image }) {
  const seen = (point) => pane.screenOf(space === "image" ? [...point, image] : point);
  return (APART[kind] ?? []).some(([one, other]) => {
    const [from, to] = [seen(points[one]), seen(points[other])];
    return Math.hypot(to[0] - from[0], to[1] - from[1]) < MOVED_FROM;
  });
}

export const markEdit = {
  begin(_state, pane, at, _event, bench) {
    const { mark, handle } = bench.hit;
    bench.marks.select(mark.id);
    const seen = basisOn(pane);
    const stays = mark.space === "image" || (mark.plane && isParallel(mark.plane, seen));
    const basis = mark.space === "image" || !stays ? seen : basisOf(mark);
    const places = flatten(basis, mark.points);
    const from = placeAt(basis, pane, at);
    const held = handle === null ? from : handlePlaces(mark.kind, places)[handle];
    const grip = [held[0] - from[0], held[1] - from[1]]; // the handle does not jump to the pointer
    return { bench, mark: stays ? mark : { ...mark, plane: seen }, handle, basis, places, from, grip, at, isMoving: false };
  },
  move(_state, pane, start, _by, at, event) {
    start.isMoving ||= Math.hypot(at[0] - start.at[0], at[1] - start.at[1]) >= MOVED_FROM;
    if (!start.isMoving) return;
    const { bench, mark, handle, basis, places, from, grip } = start;
    const [u, v] = placeAt(basis, pane, at);
    const next =
      handle === null
        ? moved(places, [u - from[0], v - from[1]])
        : dragged(mark.kind, places, handle, [u + grip[0], v + grip[1]], { even: Boolean(event?.shiftKey) });
    draft(bench, mark, basis, next, pane);
  },
  end(_state, pane, start) {
    const { marks } = start.bench;
    const changed = marks.draft;
    if (!start.isMoving || changed?.id !== start.mark.id) return;
    if (hasShrunk(pane, changed)) {
      marks.setDraft(null);
      start.bench.say?.(_("A measurement needs some length: it stays as it was."));
      return;
    }
    const { points, plane, spacing_mm: spacing, statistics } = settled(changed);
    const isImage = changed.space === "image";
    marks.setDraft(null);
    const mark = marks.change(changed.id, { points, statistics, ...(isImage ? { spacing_mm: spacing } : { plane }) });
    if (mark) tell(start.bench, pane, mark);
  },
  cancel(_state, _pane, { bench }) {
    bench.marks.setDraft(null);
  },
};
