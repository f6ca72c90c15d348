// Puts what draws marks, and draws on panes, together.
//   const marking = mountMarking({ series, marks, panes, say, commands })    marking.add(pane) for one that came later
// Adds the commands remove (the selected mark) and escape (what the keys draw, then the selection).
// A pane of another series (comparison) has marks of its own: its own mountMarking.

import { RegionStatistics } from "../http/regionstatistics.js";
import { RegionValues } from "../state/regionvalues.js";
import { markWord } from "../state/stepwords.js";
import { _ } from "../state/words.js";
import { KeyPlacing } from "../tools/keyplacing.js";
import { KeyCursor } from "./keycursor.js";
import { MarkLayer } from "./marklayer.js";
import { MarkWriting } from "./markwriting.js";

/**
 * @param panes  Map or list of Pane
 * @returns {{ values: RegionValues, layers: MarkLayer[], add: (pane) => void, cancel: () => boolean }}
 *   cancel gives up what is being drawn by keys, and tells whether there was anything
 */
export function mountMarking({ series, marks, panes, say, commands = {} }) {
  const statistics = new RegionStatistics(series);
  const isGrey = ({ image }) => !series.is_colour && !series.images?.[image]?.is_colour;
  const values = new RegionValues(marks, (mark, signal) => statistics.ask(mark, signal), isGrey);
  const layers = [];
  const placings = [];
  const add = (pane) => {
    const placing = new KeyPlacing(pane, { marks, say });
    layers.push(new MarkLayer(pane, marks));
    placings.push(placing);
    new MarkWriting(pane, marks);
    new KeyCursor(pane, placing);
  };
  for (const pane of panes.values()) add(pane);
  const cancel = () => {
    const busy = placings.filter((placing) => placing.isOpen);
    for (const placing of busy) placing.cancel();
    return busy.length > 0;
  };
  addEventListener("online", () => values.retry());
  const { escape } = commands;
  Object.assign(commands, {
    remove: () => marks.selected && remove(marks, say),
    escape: () => cancel() || unselect(marks) || Boolean(escape?.()),
  });
  return { values, layers, add, cancel };
}

function remove(marks, say) {
  const { kind } = marks.get(marks.selected);
  marks.remove(marks.selected);
  say(_("Deleted: %(mark)s", { mark: markWord(kind) }));
}

function unselect(marks) {
  const had = marks.selected !== null;
  marks.select(null);
  return had;
}
