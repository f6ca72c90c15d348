// A second series beside the first: the page's data-compare, its state, panes, hands, marks. What is shared between the
// two is state/linking.js. Its marks are saved as those of the first are; its layout and window are the comparison's,
// and do not replace what its own page keeps.

import { WorkspaceClient } from "../http/workspace.js";
import { Autosave } from "../state/autosave.js";
import { History } from "../state/history.js";
import { Linking } from "../state/linking.js";
import { Preferences } from "../state/preferences.js";
import { markWord } from "../state/stepwords.js";
import { _ } from "../state/words.js";
import { Hand } from "../tools/hand.js";
import { LinkMenu } from "../views/linkmenu.js";
import { mountMarking } from "../views/marking.js";
import { Readout } from "../views/readout.js";
import { ReferenceLines } from "../views/referencelines.js";
import { Reading } from "./reading.js";

const KEY = "link"; // of the preferences

/** The second Reading, put into the context; null where nothing is compared. */
export function beginComparison(context, { device, onDrawn, onFail }) {
  const { viewer, state } = context;
  if (!viewer.dataset.compare) return null;
  const elements = viewer.querySelectorAll(".pane[data-series]");
  const { tool } = state;
  const series = JSON.parse(viewer.dataset.compare);
  const second = new Reading(series, elements, { device, tool, layout: "pair", onDrawn, onFail });
  context.readings.push(second);
  second.history = new History(second.state, second.marks);
  second.readout = secondReadout(context, second);
  for (const pane of second.panes.values()) context.hands.push(handOf(context, second, pane));
  second.marking = mountMarking({ ...second, say: context.say });
  shareTools(context, second);
  shareCommands(context, second);
  saveMarks(context, second);
  return second;
}

function handOf(context, second, pane) {
  return new Hand(pane, {
    marks: second.marks,
    say: context.say,
    onHover: (over, at) => second.readout.hover(over, at),
    onStroke: (moment) => second.history.stroke(moment),
    onDouble: () => context.stage.toggleSingle(pane.name),
    bindings: () => context.bindings,
  });
}

/** One tool and one active pane for both. */
function shareTools({ state }, { state: second }) {
  const share = () => {
    if (second.active !== state.active) second.setActive(state.active);
  };
  state.addEventListener("tool", () => second.setTool(state.tool));
  state.addEventListener("active", share);
  state.addEventListener("layout", share);
  second.addEventListener("active", () => state.setActive(second.active));
  share();
}

/** Undo, redo and delete act on the series whose pane is active. */
function shareCommands(context, second) {
  const { commands } = context;
  const { remove, escape } = commands;
  const follow = () => {
    const isSecond = context.activePane()?.state === second.state;
    context.undoButtons?.follow(isSecond ? second.history : context.history);
  };
  context.state.addEventListener("active", follow);
  const { marks, marking } = second;
  commands.remove = () => {
    if (marks.selected) marks.remove(marks.selected);
    else remove?.();
  };
  commands.escape = () => {
    const had = marking.cancel() || marks.selected !== null;
    marks.select(null);
    return Boolean(escape?.()) || had;
  };
  // A mark is taken hold of in one series at a time.
  marks.addEventListener("selected", () => marks.selected && context.marks.select(null));
  context.marks.addEventListener("selected", () => context.marks.selected && marks.select(null));
}

/** The status bar tells of the series under the pointer, else of the active pane's. */
function secondReadout(context, second) {
  const bar = context.viewer.querySelector(".viewer-status");
  const parts = [...bar.querySelectorAll("[data-read]")].map((part) => part.closest(".viewer-status > *"));
  const first = [...new Set(parts)];
  const group = document.createElement("span");
  group.className = "second-reading";
  group.hidden = true;
  group.append(...first.map((part) => part.cloneNode(true)));
  first.at(-1).after(group);
  const readout = new Readout(group, second.state, second.client, () => second.source.pictures);
  const show = (isSecond) => {
    group.hidden = !isSecond;
    for (const part of first) part.hidden = isSecond;
  };
  const hovers = (one, isSecond) => {
    const hover = one.hover.bind(one);
    one.hover = (pane, at) => {
      show(at ? isSecond : context.activePane()?.state === second.state);
      hover(pane, at);
    };
  };
  hovers(context.readout, false);
  hovers(readout, true);
  context.state.addEventListener("active", () => show(context.activePane()?.state === second.state));
  return readout;
}

/** What is measured in the second series is its own: kept with it, as on its own page. */
async function saveMarks(context, second) {
  const { user, say } = context;
  const client = new WorkspaceClient(second.series, user);
  const workspace = await client.read().catch(() => null);
  if (!workspace?.marks) {
    second.isKept = false;
    return;
  }
  const silent = { addEventListener() {}, snapshot: () => ({}), restore() {} };
  const { marks } = second;
  const labelOf = ({ label, kind }) => label || markWord(kind);
  const preferences = new Preferences(); // the first series' page keeps them
  const autosave = new Autosave({ state: silent, marks, preferences, client, user, storage: null, labelOf });
  const early = marks.snapshot(); // drawn while the answer was on its way
  autosave.begin({ marks: workspace.marks });
  for (const mark of early) marks.add(mark);
  second.autosave = autosave;
  context.saves?.add(autosave);
  autosave.addEventListener("trouble", () => say(_("A measurement of the second series could not be saved.")));
  for (const news of ["online", "focus"]) addEventListener(news, () => autosave.wake());
  addEventListener("pagehide", () => autosave.leave());
  addEventListener("beforeunload", (event) => autosave.mustWarn && event.preventDefault());
  document.addEventListener("visibilitychange", () => (document.hidden ? autosave.hidden() : autosave.shown()));
}

/** Link the two, once the stage stands. */
export function linkSeries(context, second) {
  const { viewer, readings, preferences, say } = context;
  const linking = new Linking(readings, preferences.get(KEY, {}));
  new LinkMenu(viewer.querySelector("[data-link-menu]"), viewer.querySelector("[data-link-button]"), linking, {
    readings,
    say,
    // Places are linked again each time: what was let go in one comparison would be missed in the next.
    onChange: ({ view, window, lines }) => preferences.set(KEY, { view, window, lines }),
    activeSide: () => (context.activePane()?.state === second.state ? 1 : 0),
  });
  new ReferenceLines(readings, linking);
  alignOnce(context, linking);
  return linking;
}

/** Views can agree only once both series have a pane with a size. */
function alignOnce({ readings, stage, second }, linking) {
  const waiting = new Set(
    readings.map(({ panes }) => panes.get(stage.shown.find((name) => panes.has(name)))).filter(Boolean),
  );
  for (const pane of waiting) {
    const painted = () => {
      waiting.delete(pane);
      if (waiting.size > 0) return;
      linking.alignViews(0);
      second.history.begin(); // what the first one's window and view made of it is no step of the reader's
    };
    pane.addEventListener("painted", painted, { once: true });
  }
}
