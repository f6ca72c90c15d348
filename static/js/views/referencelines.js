// The pictures of one series as lines on those of the other, where it is known how their places belong together.

import { lineOn } from "../lib/linking.js";
import { toScreen } from "../lib/viewtransform.js";

const SVG = "http://www.w3.org/2000/svg";
const LABEL_GAP = 4;

export class ReferenceLines {
  #readings;
  #linking;
  #wanted = 0;
  #drawn = new Map(); // pane → what its layer shows

  constructor(readings, linking) {
    this.#readings = readings;
    this.#linking = linking;
    for (const { panes } of readings) {
      for (const pane of panes.values()) pane.addEventListener("painted", () => this.#schedule());
    }
    linking.addEventListener("link", () => this.#schedule());
  }

  #schedule() {
    this.#wanted ||= requestAnimationFrame(() => {
      this.#wanted = 0;
      for (const side of [0, 1]) this.#draw(side);
    });
  }

  #draw(side) {
    const shown = (reading) => [...reading.panes.values()].filter((pane) => pane.isShown);
    const shift = this.#linking.switches.lines ? this.#linking.shiftFrom(1 - side) : null;
    for (const pane of shown(this.#readings[side])) {
      const others = shift ? shown(this.#readings[1 - side]) : [];
      const lines = others.map((other) => this.#line(pane, other, shift, "AB"[1 - side]));
      this.#paint(pane, lines.filter(Boolean));
    }
  }

  #line(pane, other, shift, letter) {
    // Of two volumes that are led to the same place the crosshair is that line.
    if (pane.crossings.length && other.state.pointLps && this.#linking.switches.position) return null;
    const line = lineOn(pane.frame, pane.index, other.frame, other.index, shift);
    if (!line) return null;
    return { plane: other.plane, words: `${letter} ${other.index + 1}`, ends: line.map((end) => toScreen(pane.placed, end)) };
  }

  #paint(pane, lines) {
    const text = JSON.stringify(lines);
    if ((this.#drawn.get(pane) ?? "[]") === text) return;
    this.#drawn.set(pane, text);
    const drawn = lines.flatMap(({ plane, words, ends: [[ax, ay], [bx, by]] }) => {
      const d = `M${ax.toFixed(1)} ${ay.toFixed(1)}L${bx.toFixed(1)} ${by.toFixed(1)}`;
      const [x, y] = ax < bx ? [ax, ay] : [bx, by];
      const at = { x: Math.max(LABEL_GAP, x + LABEL_GAP), y: Math.max(3 * LABEL_GAP, y - LABEL_GAP) };
      return [shape("path", { class: "halo", d }), shape("path", { class: `of-${plane}`, d }), label(at, words)];
    });
    pane.svg("references").replaceChildren(...drawn);
  }
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function label({ x, y }, words) {
  const made = shape("text", { x, y });
  made.textContent = words;
  return made;
}
