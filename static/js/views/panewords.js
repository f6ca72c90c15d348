// The words at a pane's corners and edges: how values became greys, the zoom, slice and place, letters. Each is written
// only when it changes: scrolling must not make the browser lay the page out anew.

import { calm } from "../lib/calm.js";
import { lpsAt, placeOf } from "../lib/frames.js";
import { location } from "../lib/letters.js";
import { plain } from "../lib/numbers.js";
import { windowOn } from "../lib/windowing.js";
import { edgeLetters } from "../lib/viewtransform.js";
import { _ } from "../state/words.js";

const SIDES = { left: "l", right: "r", top: "t", bottom: "b" };

export class PaneWords {
  #element;
  #parts;
  #written = new Map();
  #wanted = null;
  #writeCalmly = calm(() => this.#write(...this.#wanted));

  /** @param parts  the pane's [data-part] elements by name */
  constructor(element, parts) {
    this.#element = element;
    this.#parts = parts;
  }

  /**
   * @param series, state
   * @param frame  of the slice that is drawn
   * @param shown  { index, window, inverted, slab, view } of what is drawn
   */
  write(state, frame, shown) {
    this.#tell("index", shown.index);
    this.#tell("zoom", shown.view.zoom.toFixed(3));
    this.#wanted = [state, frame, shown];
    this.#writeCalmly();
  }

  #write(state, frame, shown) {
    const { series } = state;
    this.#say("window", windowWords(series, frame, shown.window));
    this.#hide("inverted", !shown.inverted);
    this.#say("zoom", zoomWords(shown.view));
    this.#say("mode", modeWords(frame, shown.slab));
    this.#say("slice", shown.index + 1);
    this.#say("count", frame.count);
    this.#say("location", placeWords(frame, shown.index, state.pointLps));
    const letters = edgeLetters(frame.letters, shown.view);
    for (const [side, suffix] of Object.entries(SIDES)) this.#say(`edge-${suffix}`, letters?.[side] ?? "");
    this.#name(frame, shown.index);
  }

  #name(frame, index) {
    const words = { plane: this.#element.getAttribute("aria-label"), slice: index + 1, total: frame.count };
    const told = _("%(plane)s, slice %(slice)s of %(total)s", words);
    const canvas = this.#element.querySelector("canvas.pane-image");
    if (canvas.getAttribute("aria-label") !== told) canvas.setAttribute("aria-label", told);
  }

  #say(part, text) {
    const element = this.#parts[part];
    if (!element || this.#written.get(part) === text) return;
    this.#written.set(part, text);
    element.textContent = text;
  }

  #hide(part, hidden) {
    const element = this.#parts[part];
    if (element.hidden !== hidden) element.hidden = hidden;
  }

  #tell(name, value) {
    if (this.#written.get(`data-${name}`) === value) return;
    this.#written.set(`data-${name}`, value);
    this.#element.dataset[name] = value;
  }
}

/** How the values on the canvas became greys. */
function windowWords(series, frame, window) {
  const { center, width, function: name, lut, own, curve } = windowOn(frame, window);
  if (frame.is_colour) return _("Colour");
  if (own && lut !== undefined) return "VOI LUT";
  if (lut !== undefined) return series.presets.find((preset) => preset.lut === lut)?.label ?? "VOI LUT";
  if (curve) return _("Curve %(low)s to %(high)s", { low: plain(curve[0][0]), high: plain(curve.at(-1)[0]) });
  const numbers = `W ${plain(width)} L ${plain(center)}`;
  return name === "sigmoid" ? `${numbers} ${_("sigmoid")}` : numbers;
}

function zoomWords({ zoom, turn, mirrored }) {
  const parts = [`${zoom.toFixed(2)}\u00d7`];
  if (turn) parts.push(`${turn}\u00b0`);
  if (mirrored) parts.push(_("mirrored"));
  return parts.join(" \u00b7 ");
}

const PROJECTIONS = { mip: "MIP", minip: "MinIP" };

/** What is shown other than one slice along the voxels. */
function modeWords(frame, slab) {
  const parts = [];
  if (frame.is_oblique) parts.push(_("oblique"));
  if (slab?.mm) parts.push(`${PROJECTIONS[slab.projection] ?? _("Mean")} ${plain(slab.mm)}\u00a0mm`);
  return parts.join(" \u00b7 ");
}

/** Where the slice lies along its normal, read where the crosshair goes through it. */
function placeWords(frame, index, pointLps) {
  if (frame.is_calibrated === false) return _("uncalibrated: no mm");
  if (!frame.to_lps) return "";
  const at = pointLps ? placeOf(frame, pointLps) : [0, 0];
  const axes = frame.plane === "stack" ? frame.to_lps : undefined;
  return `${location(frame.plane, lpsAt(frame, at, index), axes)}\u00a0mm`;
}
