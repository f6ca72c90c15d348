// The viewer of one series. Expects <div class="viewer" data-series="{json}"> of templates/viewer/view.html:
// .stage with .pane[data-plane] · [role=toolbar] with [data-tool] · .viewer-panel · .viewer-status ·
// .viewer-notice · dialog[data-keys]. Puts state, views and tools together; knows no arithmetic.

import { SeriesClient } from "../http/series.js";
import { USUAL_INTERVAL_MS } from "../lib/cine.js";
import { readingSense } from "../lib/frames.js";
import { wholeImages } from "../lib/planes.js";
import { zoomAt } from "../lib/viewtransform.js";
import { ViewerState } from "../state/viewer.js";
import { _ } from "../state/words.js";
import { Hand } from "../tools/hand.js";
import { Keyboard } from "../tools/keyboard.js";
import { KeysDialog } from "../views/keysdialog.js";
import { Notice } from "../views/notice.js";
import { Pane } from "../views/pane.js";
import { Panel } from "../views/panel.js";
import { PlayBar } from "../views/playbar.js";
import { PhoneSlider } from "../views/phoneslider.js";
import { Readout } from "../views/readout.js";
import { Stage } from "../views/stage.js";
import { StageNote } from "../views/stagenote.js";
import { TagPanel } from "../views/tagpanel.js";
import { Toolbar } from "../views/toolbar.js";
import { watchMenus } from "../views/menus.js";
import { WindowPanel } from "../views/windowpanel.js";

const viewer = document.querySelector(".viewer");
const series = JSON.parse(viewer.dataset.series);
series.images = wholeImages(series.images);
const isPhone = matchMedia("(max-width: 600px)").matches;
const find = (selector) => viewer.querySelector(selector);

const single = isPhone || series.planes.length === 1;
const state = new ViewerState(series, {
  tool: isPhone || series.is_colour ? "scroll" : "window",
  layout: single && isPhone ? "1" : series.planes.length === 1 ? "stack" : "2x2",
});
const client = new SeriesClient(series);
const local = () => null;
const live = find("[data-live]");
const say = (text) => {
  live.textContent = text;
};

// --- panes
const stageElement = find(".stage");
const notice = new Notice(find(".viewer-notice"), { onRetry: retryAll });
const readout = new Readout(find(".viewer-status"), state, client, local);
const panes = new Map();
const hands = [];

function drawn() {
  notice.clear();
  readout.refresh();
  const waiting = [...panes.values()].some((pane) => pane.isShown && !pane.isDrawn);
  if (!waiting) stageElement.dataset.state = "ready";
}

function retryAll() {
  notice.clear();
  for (const pane of panes.values()) pane.retry();
}

for (const element of stageElement.querySelectorAll(".pane")) {
  if (!state.plane(element.dataset.plane)) continue;
  const onFail = (error) => notice.fault(error);
  const pane = new Pane(element, state, client, { local, onDrawn: drawn, onFail });
  panes.set(pane.name, pane);
  hands.push(new Hand(state, pane, (over, at) => readout.hover(over, at)));
}
addEventListener("online", retryAll);

const stage = new Stage(stageElement, state, { tabs: find(".plane-tabs"), choices: find(".viewer-top") });
new PhoneSlider(find(".phone-slider"), state);

// --- films: the volumes of a part, or the images of a stack
const isDrawn = () => [...panes.values()].every((pane) => !pane.isShown || pane.isCurrent);
const walks = {
  phase: {
    count: series.phases?.labels.length ?? 1,
    now: () => state.phase,
    goTo: (phase) => state.setPhase(phase),
    label: (phase) => series.phases.labels[phase],
    isDrawn,
  },
  stack: {
    count: series.planes[0].count,
    now: () => state.slice("stack"),
    goTo: (index) => state.setSlice("stack", index),
    label: (index) => `${((index * series.frame_ms) / 1000).toFixed(2)} s`,
    isDrawn,
  },
};
const films = [];
for (const element of viewer.querySelectorAll("[data-play-bar]")) {
  const walk = walks[element.dataset.playBar];
  const film = new PlayBar(element, walk, (element.dataset.playBar === "stack" && series.frame_ms) || USUAL_INTERVAL_MS);
  for (const change of ["phase", "point"]) state.addEventListener(change, () => film.draw());
  films.push(film);
}
for (const note of stageElement.querySelectorAll(".stage-note")) new StageNote(note);
watchMenus();

// --- bars and panel
for (const bar of viewer.querySelectorAll("[role=toolbar]")) new Toolbar(bar, state);
const windowPanel = new WindowPanel(document.getElementById("panel-window"), state, client);
const tagPanel = new TagPanel(document.getElementById("panel-tags"), state, client);
const panel = new Panel(find(".viewer-panel"), {
  buttons: viewer.querySelectorAll("[data-panel-toggle]"),
  onShow: () => tagPanel.refresh(),
});
const keys = new KeysDialog(viewer.querySelector("dialog[data-keys]"));

const commands = {
  tags: (button) => panel.open("panel-tags", button),
  window: (button) => panel.open("panel-window", button),
  keys: () => keys.open(),
  reset: () => resetAll(),
  invert: () => state.setInverted(!state.inverted),
  crosshair: () => state.setCrosshair(!state.crosshair),
  fullscreen: () => toggleFullScreen(),
};
viewer.addEventListener("click", (event) => {
  const button = event.target.closest("[data-command]");
  if (!button) return;
  commands[button.dataset.command](button);
  button.closest("details")?.removeAttribute("open");
});
// A tool chosen with the mouse leaves the keys to the pane.
viewer.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-tool], [data-preset], [data-layout-choice]");
  if (event.detail > 0 && chosen && !chosen.dataset.command && !isPhone) stage.focus();
});
state.addEventListener("crosshair", () => {
  for (const button of viewer.querySelectorAll("[data-command=crosshair]")) {
    button.setAttribute("aria-pressed", String(state.crosshair));
  }
});

async function toggleFullScreen() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await viewer.requestFullscreen();
  } catch {
    say(_("This browser does not allow full screen."));
  }
}
document.addEventListener("fullscreenchange", () => {
  const full = String(Boolean(document.fullscreenElement));
  for (const button of viewer.querySelectorAll("[data-command=fullscreen]")) {
    button.setAttribute("aria-pressed", full);
  }
});

// --- keys
function resetAll() {
  state.reset();
  say(_("View reset"));
}

const active = () => panes.get(state.active) ?? null;

new Keyboard(
  {
    scroll(by) {
      const pane = active();
      if (!pane) return;
      const sense = readingSense(state.plane(pane.plane));
      state.setSlice(pane.plane, state.slice(pane.plane) + by * sense);
    },
    scrollTo(end) {
      const pane = active();
      if (!pane) return;
      const frame = state.plane(pane.plane);
      const first = (end === "first") === readingSense(frame) > 0;
      state.setSlice(pane.plane, first ? 0 : frame.count - 1);
    },
    pane: (by) => stage.walk(by),
    layout: (by) => stage.step(by),
    phase(by) {
      for (const film of films) film.stop();
      state.setPhase(state.phase + by);
      if (series.phases) say(`${series.phases.kind}: ${series.phases.labels[state.phase]}`);
    },
    play: () => films[0]?.toggle(),
    tool: (name) => !(series.is_colour && name === "window") && state.setTool(name),
    invert: commands.invert,
    zoom(factor) {
      const pane = active();
      if (!pane) return;
      const middle = [pane.size.width / 2, pane.size.height / 2];
      state.setView(pane.plane, zoomAt(state.view(pane.plane), pane.frame, pane.size, factor, middle));
    },
    fit: () => active() && state.setView(active().plane, { ...state.view(active().plane), zoom: 1, dx: 0, dy: 0 }),
    reset: resetAll,
    preset(place) {
      const preset = windowPanel.choosePreset(place);
      if (preset) say(`${preset.label}: W ${preset.width} L ${preset.center}`);
    },
    help: () => keys.open(),
    escape() {
      const busy = hands.find((hand) => hand.isBusy);
      if (busy) busy.cancel();
      else panel.close();
    },
  },
  keys,
);
