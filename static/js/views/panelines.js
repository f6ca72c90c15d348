// The lines over a picture: the other planes as they cut it, and the scale bar. <svg class="pane-lines"> with <g> and
// <text data-part="scale">; elements are kept and changed only where something moved.

import { linePath } from "../lib/crosshair.js";
import { linesOn } from "../lib/frames.js";
import { scaleBar, scaleBarPath } from "../lib/scalebar.js";
import { toScreen } from "../lib/viewtransform.js";

const SVG = "http://www.w3.org/2000/svg";
const SCALE_BAR_ROOM = 0.2; // of the pane's width

export class PaneLines {
  #svg;
  #group;
  #text;
  #paths = new Map(); // class → [element, d]

  constructor(svg, text) {
    this.#svg = svg;
    this.#group = svg.querySelector("g");
    this.#text = text;
  }

  resize({ width, height }) {
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  /** The crosshair, which pairs with `crossingsOf`: what is on the screen can be taken hold of. */
  drawCrosshair(lines, size) {
    for (const { plane, at, along } of lines) this.#path(`xh xh-${plane}`, linePath(at, along, size));
    const names = new Set(lines.map(({ plane }) => `xh xh-${plane}`));
    for (const name of this.#paths.keys()) {
      if (name.startsWith("xh ") && !names.has(name)) this.#path(name, "");
    }
  }

  /** A bar of a round length; none where the picture is in no millimetres. */
  drawScale(image, scale, { width, height }) {
    const isCalibrated = image.is_calibrated !== false;
    const bar = isCalibrated && scaleBar(scale, Math.max(50, width * SCALE_BAR_ROOM));
    const [x, y] = [Math.round((width - (bar.width ?? 0)) / 2), Math.round(height - 32)];
    const d = bar ? scaleBarPath(bar, x, y) : "";
    this.#path("scale-halo", d);
    this.#path("scale-bar", d);
    const { mm_note: note } = image; // words need the room above the bar
    this.#say(!bar ? "" : note ? `${bar.label} ${note}` : bar.label);
    if (!bar) return;
    this.#place("text-anchor", note ? "middle" : "start");
    this.#place("x", note ? width / 2 : x + bar.width + 7);
    this.#place("y", note ? y - 16 : y + 1);
  }

  #path(name, d) {
    let [path, drawn] = this.#paths.get(name) ?? [];
    if (drawn === d) return;
    if (!path) {
      path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      this.#group.append(path);
    }
    path.setAttribute("d", d);
    this.#paths.set(name, [path, d]);
  }

  #say(text) {
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }

  #place(name, value) {
    if (this.#text.getAttribute(name) !== String(value)) this.#text.setAttribute(name, value);
  }
}

/** The other planes as lines on the screen: { plane, at: [x, y], along: [dx, dy] } in CSS pixels of the pane. */
export function crossingsOf(frame, frames, pointLps, placed) {
  if (!pointLps || !frame.to_lps || frames.length < 2) return [];
  const [a, b, c, d] = placed.matrix;
  return linesOn(frame, frames, pointLps).map(({ plane, at, along: [x, y] }) => ({
    plane,
    at: toScreen(placed, at),
    along: [a * x + c * y, b * x + d * y].map((part) => (Math.abs(part) < 1e-9 ? 0 : part)),
  }));
}
