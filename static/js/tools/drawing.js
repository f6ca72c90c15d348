// How a mark is drawn by hand: lines are pressed at one end and let go at the other, single places are pressed. What
// takes more than one gesture stays open between them. A press without a movement draws no line.

import { build, GESTURES } from "../lib/markbuild.js";
import { basisOn, draft, isWhole, keep, markOn, MOVED_FROM, placeAt, refusal } from "./drafting.js";

/**
 * @param kind  of the mark
 * @param hint  () → what to do, said after a mere click
 * @param next  () → what to do now, said between gestures
 */
export function drawingTool(kind, { hint, next = hint }) {
  return {
    kind,
    begin(_state, pane, at, _event, bench) {
      const reason = refusal(pane, kind);
      if (reason) {
        bench.say(reason);
        return null;
      }
      const start = { bench, mark: markOn(pane, kind, bench.marks), basis: basisOn(pane), clicks: [], gesture: 0 };
      bench.marks.select(null);
      this.press(null, pane, start, at);
      return start;
    },
    /** A gesture begins: a line with both its ends here. */
    press(_state, pane, start, at, event) {
      const place = placeAt(start.basis, pane, at);
      start.from = at;
      start.clicksBefore = [...start.clicks];
      if (GESTURES[kind][start.gesture] === 2) start.clicks.push(place);
      show(pane, start, place, event);
    },
    move(_state, pane, start, _by, at, event) {
      show(pane, start, placeAt(start.basis, pane, at), event);
    },
    /** Between gestures: what the next place would make. A line that has not begun is not shown. */
    hover(_state, pane, start, at, event) {
      if (GESTURES[kind][start.gesture] === 1) show(pane, start, placeAt(start.basis, pane, at), event);
    },
    end(_state, pane, start, at, event) {
      const { bench, clicks } = start;
      const isLine = GESTURES[kind][start.gesture] === 2;
      if (isLine && Math.hypot(at[0] - start.from[0], at[1] - start.from[1]) < MOVED_FROM) {
        start.clicks = start.clicksBefore;
        bench.say(start.gesture ? next() : hint());
        if (!start.gesture) bench.marks.setDraft(null);
        else draft(bench, start.mark, start.basis, build(kind, start.clicks), pane);
        return start.gesture > 0 ? false : undefined;
      }
      const place = placeAt(start.basis, pane, at);
      show(pane, start, place, event);
      clicks.push(evened(kind, clicks, place, event));
      start.gesture += 1;
      if (!isWhole(kind, clicks)) {
        bench.say(next());
        return false;
      }
      keep(bench, pane, bench.marks.draft);
      return undefined;
    },
    cancel(_state, _pane, { bench }) {
      bench.marks.setDraft(null);
    },
  };
}

function show(pane, start, place, event) {
  const places = build(start.mark.kind, [...start.clicks, place], { even: Boolean(event?.shiftKey) });
  draft(start.bench, start.mark, start.basis, places, pane);
}

/** Of a half-drawn mark the place as it was drawn: what was evened stays so when the key is let go. */
function evened(kind, clicks, place, event) {
  if (!event?.shiftKey || kind === "ellipse" || kind === "rectangle") return place;
  return build(kind, [...clicks, place], { even: true })[clicks.length] ?? place;
}
