// What buttons, menus and keys of the viewer do. `commandsOf` gives the names of data-command, `actionsOf` those of
// lib/keymap.js; both act on the pane that is active, of whichever series it shows.

import { readingSense } from "../lib/frames.js";
import { flipped, oneToOne, pan, turned, zoomAt } from "../lib/viewtransform.js";
import { _ } from "../state/words.js";

const STEP = 0.1; // of the pane, that a key moves over the image

/** Commands by name; what other parts of the page bring is added to them. */
export function commandsOf(context) {
  const { say, viewer } = context;
  const shown = (change) => {
    const pane = context.activePane();
    if (pane) pane.state.setView(pane.plane, change(pane.state.view(pane.plane), pane));
  };
  const zoom = (factor) =>
    shown((view, { frame, size }) => zoomAt(view, frame, size, factor, [size.width / 2, size.height / 2]));
  return {
    reset() {
      for (const { state } of context.readings) state.reset();
      say(_("View reset"));
    },
    invert: () => context.activeState().setInverted(!context.activeState().inverted),
    crosshair() {
      for (const { state } of context.readings) state.setCrosshair(!state.crosshair);
    },
    rotateRight: () => shown((view) => turned(view, 90)),
    rotateLeft: () => shown((view) => turned(view, -90)),
    flipAcross: () => shown((view) => flipped(view, "h")),
    flipDown: () => shown((view) => flipped(view, "v")),
    fit: () => shown((view) => ({ ...view, zoom: 1, dx: 0, dy: 0 })),
    pan: (right, down) =>
      shown((view, { frame, size }) => pan(view, frame, size, -right * size.width * STEP, -down * size.height * STEP)),
    actual: () => shown((view, { frame, size }) => oneToOne(view, frame, size)),
    zoom,
    straighten: () => context.activeState().straighten(),
    fullscreen: () => toggleFullScreen(viewer, say),
  };
}

/** What keys do, by the actions of lib/keymap.js. */
export function actionsOf(context) {
  const { commands, say } = context;
  const run = (name) => () => commands[name]?.();
  /** The window panel is the first series'; a second one has presets of its own. */
  const presetOf = (place) => {
    const state = context.activeState();
    const preset = state.series.presets?.[place];
    if (preset && !state.series.is_colour) state.setWindow(preset);
    return preset;
  };
  return {
    scroll(by) {
      const pane = context.activePane();
      if (!pane) return;
      const { state, plane } = pane;
      state.setSlice(plane, state.slice(plane) + by * readingSense(state.plane(plane)));
    },
    scrollTo(end) {
      const pane = context.activePane();
      if (!pane) return;
      const frame = pane.state.plane(pane.plane);
      const first = (end === "first") === readingSense(frame) > 0;
      pane.state.setSlice(pane.plane, first ? 0 : frame.count - 1);
    },
    series(by) {
      const address = context.series.neighbours?.[by < 0 ? "previous" : "next"];
      if (address) location.assign(address);
      else say(by < 0 ? _("This is the study’s first series.") : _("This is the study’s last series."));
    },
    pane: (by) => context.stage.walk(by),
    layout: (by) => context.stage.step(by),
    phase(by) {
      const state = context.activeState();
      for (const film of context.films) film.stop();
      state.setPhase(state.phase + by);
      const { phases } = state.series;
      if (phases) say(`${phases.kind}: ${phases.labels[state.phase]}`);
    },
    play: () => context.films[0]?.toggle(),
    tool: (name) => context.chooseTool(name),
    invert: run("invert"),
    zoom: (factor) => commands.zoom(factor),
    fit: run("fit"),
    actual: run("actual"),
    rotate: (degrees) => commands[degrees > 0 ? "rotateRight" : "rotateLeft"](),
    flip: (way) => commands[way === "h" ? "flipAcross" : "flipDown"](),
    reset: run("reset"),
    pan: ([right, down]) => commands.pan(right, down),
    preset(place) {
      const preset = context.activeState() === context.state ? context.windowPanel.choosePreset(place) : presetOf(place);
      if (preset) say(`${preset.label}: W ${preset.width} L ${preset.center}`);
    },
    slab: () => context.slab?.toggle(),
    straighten: run("straighten"),
    magnifier: run("magnifier"),
    segments: run("toggleSegments"),
    keyimage: run("keyimage"),
    snapshot: run("snapshot"),
    undo: run("undo"),
    redo: run("redo"),
    remove: run("remove"),
    copy: run("copy"),
    paste: run("paste"),
    menu: run("menu"),
    help: run("keys"),
    escape() {
      const busy = context.hands.find((hand) => hand.isBusy);
      if (busy) busy.cancel();
      else if (context.panel.isOver) context.panel.close();
      else if (!commands.escape?.()) context.panel.close();
    },
  };
}

async function toggleFullScreen(viewer, say) {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await viewer.requestFullscreen();
  } catch {
    say(_("This browser does not allow full screen."));
  }
}
