// The lines over a picture: the other planes as they cut it, and the scale bar. <svg class="pane-lines"> with <g> and
// <text data-part="scale">. Each line of the crosshair is a thin drawing of its own that is only moved and turned: the
// browser's compositor does that without painting anything anew, however fast a hand scrolls.

import { linesOn } from "../lib/frames.js";
import { scaleBar, scaleBarPath } from "../lib/scalebar.js";
import { toScreen } from "../lib/viewtransform.js";

const SVG = "http://www.w3.org/2000/svg";
const SCALE_BAR_ROOM = 0.2; // of the pane's width
const GAP = 18; // CSS pixels of the crosshair that stay free
const THICK = 3; // CSS pixels of a line's drawing: odd, so that the line lies on the middle of a pixel

export class PaneLines {
  #svg;
  #group;
  #text;
  #paths = new Map(); // class → [element, d]
  #lines = new Map(); // plane → { element, reach, transform }
  #scale = ""; // what the bar was drawn for
  #reach = 0; // of a line to each side, CSS pixels: across the pane from wherever it is crossed

  constructor(svg, text) {
    this.#svg = svg;
    this.#group = svg.querySelector("g");
    this.#text = text;
  }

  resize({ width, height }) {
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#reach = Math.ceil(Math.hypot(width, height));
  }

  /** The crosshair as `crossingsOf` tells it: what is on the screen can be taken hold of. */
  drawCrosshair(lines) {
    for (const { plane, at, along } of lines) this.#moveLine(this.#lineOf(plane), at, along);
    for (const [plane, line] of this.#lines) {
      const isSeen = lines.some((one) => one.plane === plane);
      if (line.element.hasAttribute("hidden") === isSeen) line.element.toggleAttribute("hidden", !isSeen);
    }
  }

  #lineOf(plane) {
    let line = this.#lines.get(plane);
    if (!line) {
      const element = document.createElementNS(SVG, "svg");
      element.setAttribute("class", "xh-line");
      element.setAttribute("aria-hidden", "true");
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", `xh xh-${plane}`);
      element.append(path);
      this.#svg.after(element);
      line = { element, reach: 0, transform: "" };
      this.#lines.set(plane, line);
    }
    return line;
  }

  #moveLine(line, [x, y], [alongX, alongY]) {
    if (line.reach !== this.#reach) {
      const reach = (line.reach = this.#reach);
      line.element.setAttribute("width", 2 * reach);
      line.element.setAttribute("height", THICK);
      line.element.setAttribute("viewBox", `${-reach} ${-THICK / 2} ${2 * reach} ${THICK}`);
      // From the middle outwards, so that the dashes do not crawl; the middle stays free: the point must be seen.
      line.element.firstChild.setAttribute("d", `M${-GAP / 2} 0H${-reach}M${GAP / 2} 0H${reach}`);
    }
    // Straight lines on the middle of a pixel: one sharp line instead of two grey ones.
    const [isDown, isAcross] = [Math.abs(alongX) < 1e-9, Math.abs(alongY) < 1e-9];
    const [left, top] = [isDown ? Math.floor(x) + 0.5 : x, isAcross ? Math.floor(y) + 0.5 : y];
    const angle = isAcross ? 0 : isDown ? 90 : (Math.atan2(alongY, alongX) * 180) / Math.PI;
    const transform = `translate(${round(left - line.reach)}px, ${round(top - THICK / 2)}px) rotate(${round(angle)}deg)`;
    if (transform === line.transform) return;
    line.transform = transform;
    line.element.style.transform = transform;
  }

  /** A bar of a round length; none where the picture is in no millimetres. */
  drawScale(image, scale, { width, height }) {
    const isCalibrated = image.is_calibrated !== false;
    const wanted = [isCalibrated, image.mm_note, scale, width, height].join();
    if (wanted === this.#scale) return;
    this.#scale = wanted;
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

const round = (value) => Math.round(value * 1000) / 1000;

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
