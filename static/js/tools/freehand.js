// Drag round an outline; it closes where the button is let go.

import { simplified } from "../lib/simplify.js";
import { _ } from "../state/words.js";
import { basisOn, draft, keep, markOn, placeAt } from "./drafting.js";

const APART = 2; // CSS pixels between points
const TOLERANCE = 0.25; // CSS pixels: what simplifying may take off
const LEAST_SIZE = 4; // CSS pixels: smaller is a click
const MOST_POINTS = 5000;

export const freehandTool = {
  kind: "freehand",
  begin(_state, pane, at, _event, bench) {
    bench.marks.select(null);
    const start = { bench, mark: markOn(pane, "freehand", bench.marks), basis: basisOn(pane), path: [at] };
    return start;
  },
  move(_state, pane, start, _by, at, event) {
    // A browser gives one event a frame; what lay between are the corners of a quick hand.
    const between = event?.getCoalescedEvents?.() ?? [];
    const added = [...between.map((one) => pane.at(one)), at].filter((place) => add(start.path, place));
    if (added.length) show(pane, start, start.path);
  },
  end(_state, pane, start) {
    const { bench, path } = start;
    const across = [0, 1].map((axis) => Math.max(...path.map((at) => at[axis])) - Math.min(...path.map((at) => at[axis])));
    if (path.length < 3 || Math.max(...across) < LEAST_SIZE) {
      bench.marks.setDraft(null);
      bench.say(_("To outline a region, drag round it."));
      return;
    }
    const kept = simplified(path, TOLERANCE).map((n) => path[n]);
    // A straight stroke keeps its two ends only, and is no outline.
    if (kept.length < 3) kept.splice(1, 0, path[path.length >> 1]);
    show(pane, start, kept);
    keep(bench, pane, bench.marks.draft);
  },
  cancel(_state, _pane, { bench }) {
    bench.marks.setDraft(null);
  },
};

/** Go on to a place; false where it is too near to the last, or the outline is full. */
function add(path, at) {
  const last = path.at(-1);
  if (Math.hypot(at[0] - last[0], at[1] - last[1]) < APART || path.length >= MOST_POINTS) return false;
  path.push(at);
  return true;
}

function show(pane, { bench, mark, basis }, path) {
  draft(bench, mark, basis, path.map((at) => placeAt(basis, pane, at)), pane);
}
