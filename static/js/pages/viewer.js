// The viewer of a series. Expects <div class="viewer" data-series="{json}" data-workspace="{json}"> of
// templates/viewer/view.html: .stage with .pane[data-plane] · [role=toolbar] with [data-tool] · .viewer-panel ·
// .viewer-status · .viewer-notice. Puts state, views and tools together; knows no arithmetic.

import { requestJson } from "../http/request.js";
import { workspaceUrl } from "../http/workspace.js";
import { bindingsFrom } from "../lib/bindings.js";
import { Hand } from "../tools/hand.js";
import { mountMarking } from "../views/marking.js";
import { mountLists } from "../views/lists.js";
import { watchMenus } from "../views/menus.js";
import { Notice } from "../views/notice.js";
import { Panel } from "../views/panel.js";
import { PhoneSlider } from "../views/phoneslider.js";
import { Readout } from "../views/readout.js";
import { SlabControl } from "../views/slabcontrol.js";
import { StageNote } from "../views/stagenote.js";
import { TagPanel } from "../views/tagpanel.js";
import { Toolbar } from "../views/toolbar.js";
import { VolumeProgress } from "../views/volumeprogress.js";
import { mountSegments } from "../views/segments.js";
import { mountWindow } from "../views/windowpanel.js";
import { activeSeriesOf } from "./activeseries.js";
import { Reading } from "./reading.js";
import { mountSecondPanels } from "./secondpanels.js";
import { actionsOf, commandsOf } from "./viewercommands.js";
import { mountScene } from "./scenes.js";
import { mountFilms } from "./viewerfilms.js";
import { mountKeys } from "./viewerkeys.js";
import { mountSaving } from "./viewersaving.js";
import { mountStage } from "./viewerstage.js";

const viewer = document.querySelector(".viewer");
const find = (selector) => viewer.querySelector(selector);
const series = JSON.parse(viewer.dataset.series);
// A page does not carry hundreds of outlines: those are asked for, before anything is shown that could hide their absence.
const workspace = JSON.parse(viewer.dataset.workspace) ?? (await requestJson(workspaceUrl(series)));
const isPhone = matchMedia("(max-width: 600px)").matches;
const device = {
  isPhone: isPhone || matchMedia("(pointer: coarse) and (max-width: 900px)").matches,
  savesData: Boolean(navigator.connection?.saveData),
  memoryGiB: navigator.deviceMemory,
};

// --- the series
const stageElement = find(".stage");
const notice = new Notice(find(".viewer-notice"), { onRetry: retryAll });
const reading = new Reading(series, stageElement.querySelectorAll(".pane:not([data-series])"), {
  device,
  tool: isPhone || series.is_colour ? "scroll" : "window",
  layout: isPhone ? "1" : series.planes.length === 1 ? "stack" : "2x2",
  onDrawn: drawn,
  onFail: (error) => notice.fault(error),
});
const { state, client, marks, source } = reading;
const live = find("[data-live]");

const context = {
  viewer,
  series,
  state,
  marks,
  client,
  source,
  workspace,
  notice,
  isPhone,
  user: viewer.dataset.user,
  panes: reading.panes,
  readings: [reading],
  hands: [],
  films: [],
  history: null,
  bindings: bindingsFrom(),
  say: (text) => {
    live.textContent = text;
  },
  activePane: () => context.readings.map(({ panes }) => panes.get(state.active)).find(Boolean) ?? null,
  activeState: () => context.activePane()?.state ?? state,
  chooseTool: (name) => !(series.is_colour && name === "window") && state.setTool(name),
};
context.active = activeSeriesOf(context);
context.commands = commandsOf(context);
mountSaving(context);

function drawn(pane) {
  notice.drawn(pane.isLocal);
  context.readout?.refresh();
  if (!context.readings.every(({ isDrawn }) => isDrawn)) return;
  stageElement.dataset.state = "ready";
  for (const { source: one } of context.readings) one.begin();
}

function retryAll() {
  notice.clear();
  for (const one of context.readings) one.retry();
}
addEventListener("online", retryAll);

// --- panes
context.readout = new Readout(find(".viewer-status"), state, client, () => source.pictures);
for (const pane of reading.panes.values()) {
  const hand = new Hand(pane, {
    marks,
    say: context.say,
    onHover: (over, at) => context.readout.hover(over, at),
    onStroke: (moment) => context.history?.stroke(moment),
    onDouble: () => context.stage.toggleSingle(pane.name),
    bindings: () => context.bindings,
  });
  context.hands.push(hand);
}
context.marking = mountMarking(context);
mountStage(context, { device, onDrawn: drawn, onFail: (error) => notice.fault(error) });
new PhoneSlider(find(".phone-slider"), state);
new VolumeProgress(find("[data-volume]"), source, () => reading.panes.values());

mountFilms(context);
for (const note of stageElement.querySelectorAll(".stage-note")) new StageNote(note);
watchMenus();

// --- bars and panel
for (const bar of viewer.querySelectorAll("[role=toolbar]")) new Toolbar(bar, state);
context.windowPanel = mountWindow(context);
const tagPanel = new TagPanel(document.getElementById("panel-tags"), state, client);
context.panel = new Panel(find(".viewer-panel"), {
  buttons: viewer.querySelectorAll("[data-panel-toggle]"),
  onShow: () => (context.secondPanels ?? tagPanel).refresh(),
});
const slabMenu = find("[data-slab]");
context.slab = slabMenu ? new SlabControl(slabMenu, context.active, context.readings, find("[data-slab-button]")) : null;
Object.assign(context.commands, {
  tags: (button) => context.panel.open("panel-tags", button),
  window: (button) => context.panel.open("panel-window", button),
});

mountLists(context);
mountSegments(context);
context.scene = mountScene(context, { device });
context.secondPanels = mountSecondPanels(context, tagPanel);

// --- what the buttons do
viewer.addEventListener("click", (event) => {
  const button = event.target.closest("[data-command]");
  if (!button) return;
  context.commands[button.dataset.command]?.(button);
  button.closest("details")?.removeAttribute("open");
  button.closest("[popover]")?.hidePopover();
});
// A tool chosen with the mouse leaves the keys to the pane.
viewer.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-tool], [data-preset], [data-layout-choice]");
  if (event.detail > 0 && chosen && !chosen.dataset.command && !isPhone) context.stage.focus();
});
const pressed = (command, value) => {
  for (const button of viewer.querySelectorAll(`[data-command=${command}]`)) {
    button.setAttribute("aria-pressed", String(value));
  }
};
state.addEventListener("crosshair", () => pressed("crosshair", state.crosshair));
document.addEventListener("fullscreenchange", () => pressed("fullscreen", Boolean(document.fullscreenElement)));
mountKeys(context, actionsOf(context));
