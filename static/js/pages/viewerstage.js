// Puts together the stage: its layouts and what is remembered of them, the series to compare with, the panes' menu of
// planes, minimaps and the magnifier. Adds to the page's context: stage, second, linking, and the commands magnifier
// and escape (the magnifier first).

import { readingSense } from "../lib/frames.js";
import { LayoutMemory } from "../state/layoutmemory.js";
import { _ } from "../state/words.js";
import { Magnifier } from "../views/magnifier.js";
import { Minimap } from "../views/minimap.js";
import { PhoneTools } from "../views/phonetools.js";
import { PlaneMenu } from "../views/planemenu.js";
import { Stage } from "../views/stage.js";
import { beginComparison, linkSeries } from "./comparison.js";

/** @param context  { viewer, series, state, workspace, preferences, commands, readings, hands, isPhone, say … } */
export function mountStage(context, options) {
  const { viewer, series, state, workspace, preferences, isPhone } = context;
  const element = viewer.querySelector(".stage");
  const second = beginComparison(context, options);
  context.second = second;
  const name = second ? "compare" : series.modality || "other";
  const memory = isPhone ? null : new LayoutMemory(state, preferences, name);
  const stage = new Stage(element, state, {
    tabs: viewer.querySelector(".plane-tabs"),
    choices: viewer.querySelector(".viewer-top"),
    second: second?.state ?? null,
    onChoose: (layout) => memory?.keep(layout),
  });
  context.stage = stage;
  if (isPhone && second) state.setLayout("pair");
  memory?.recall(stage.layouts, second ? null : workspace.state?.layout);
  context.history?.begin(); // as the page lays itself out is no step of the reader's
  new PlaneMenu(document.getElementById("menu-plane"), element, stage);
  if (second) context.linking = linkSeries(context, second);
  watchTiles(context);
  new PhoneTools(viewer.querySelector(".phone-bar"), state, preferences);
  mountLenses(context, element);
}

/** A tile beyond the last slice shows nothing, rather than the last once more. */
function watchTiles({ panes, state }) {
  for (const pane of panes.values()) {
    if (!pane.offset) continue;
    pane.addEventListener("painted", () => {
      const frame = state.plane(pane.plane);
      const index = state.slice(pane.plane) + pane.offset * readingSense(frame);
      pane.element.classList.toggle("is-beyond", index < 0 || index >= frame.count);
    });
  }
}

function mountLenses(context, element) {
  const { viewer, readings, commands, say } = context;
  const panes = () => readings.flatMap((reading) => [...reading.panes.values()]);
  for (const reading of readings) {
    const stroke = (...moment) => (reading.history ?? context.history)?.stroke(...moment);
    for (const pane of reading.panes.values()) new Minimap(pane, stroke);
  }
  const magnifier = new Magnifier(element, {
    panes,
    activePane: () => context.activePane(),
    onChange(isOn) {
      for (const button of viewer.querySelectorAll("[data-command=magnifier]")) {
        button.setAttribute("aria-pressed", String(isOn));
      }
      say(isOn ? _("Magnifier on") : _("Magnifier off"));
    },
  });
  const { escape } = commands;
  commands.magnifier = () => magnifier.toggle();
  commands.escape = () => {
    const wasOn = magnifier.isOn;
    magnifier.toggle(false);
    return wasOn || Boolean(escape?.());
  };
}
