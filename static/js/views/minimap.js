// A small picture of the whole plane in a pane's corner, with the part that is seen, once it is not all of it; a press
// or a drag on it goes there. For eyes and hands alone: with keys, zoom and fit lead to every part.

import { FITTED, centred, place, toImage, toScreen } from "../lib/viewtransform.js";

const SHOWN_FROM = 1.1; // zoom
const LONGEST = 96; // CSS pixels
const SVG = "http://www.w3.org/2000/svg";

export class Minimap {
  #pane;
  #onStroke;
  #element = null;
  #canvas;
  #rects;
  #drawn = null; // what its canvas shows
  #placed = null;

  /** @param onStroke  ("begin" | "end", name) → void: a drag is one step */
  constructor(pane, onStroke = () => {}) {
    this.#pane = pane;
    this.#onStroke = onStroke;
    pane.addEventListener("painted", () => this.#draw());
  }

  #draw() {
    const { view, isShown, picture } = this.#pane;
    const isWanted = isShown && picture && view.zoom > SHOWN_FROM;
    if (!isWanted && !this.#element) return;
    this.#element ??= this.#make();
    this.#element.hidden = !isWanted;
    if (!isWanted) return;
    this.#place();
    this.#drawSeen();
  }

  #make() {
    const element = document.createElement("div");
    element.className = "minimap";
    element.setAttribute("aria-hidden", "true");
    this.#canvas = document.createElement("canvas");
    const svg = document.createElementNS(SVG, "svg");
    this.#rects = ["halo", "seen"].map((name) => {
      const rect = document.createElementNS(SVG, "rect");
      rect.setAttribute("class", name);
      svg.append(rect);
      return rect;
    });
    element.append(this.#canvas, svg);
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, (event) => this.#up(event));
    for (const own of ["dblclick", "contextmenu"]) {
      element.addEventListener(own, (event) => {
        event.preventDefault();
        event.stopPropagation();
      });
    }
    this.#pane.element.append(element);
    return element;
  }

  /** The picture, unless it is there already. */
  #place() {
    const { frame, view, picture, drawn } = this.#pane;
    const { turn = 0, mirrored = false } = view;
    if (this.#drawn?.of === drawn && this.#drawn.turn === turn && this.#drawn.mirrored === mirrored) return;
    this.#drawn = { of: drawn, turn, mirrored };
    const whole = { ...frame, centre_px: undefined, fit_mm: undefined };
    const sides = [frame.width * frame.spacing_x_mm, frame.height * frame.spacing_y_mm];
    if (turn % 180) sides.reverse();
    const [width, height] = sides.map((side) => Math.max(1, Math.round((side / Math.max(...sides)) * LONGEST)));
    this.#placed = { ...place(whole, { width, height }, { ...FITTED, turn, mirrored }), width, height };
    const ratio = window.devicePixelRatio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext("2d", { alpha: false });
    const [a, b, c, d, e, f] = this.#placed.matrix.map((value) => value * ratio);
    context.setTransform(a, b, c, d, e - (a + c) / 2, f - (b + d) / 2);
    context.drawImage(picture, 0, 0, frame.width, frame.height);
  }

  #drawSeen() {
    const { placed, size } = this.#pane;
    const ends = [[0, 0], [size.width, size.height]].map((at) => toScreen(this.#placed, toImage(placed, at)));
    const [[left, top], [right, bottom]] = [0, 1].map((end) => {
      const pick = end ? Math.max : Math.min;
      return [0, 1].map((axis) => {
        const most = axis ? this.#placed.height : this.#placed.width;
        return Math.min(most, Math.max(0, pick(ends[0][axis], ends[1][axis])));
      });
    });
    const box = { x: left, y: top, width: right - left, height: bottom - top };
    for (const rect of this.#rects) {
      for (const [name, value] of Object.entries(box)) rect.setAttribute(name, value.toFixed(1));
    }
  }

  #down(event) {
    event.preventDefault();
    event.stopPropagation();
    this.#pane.element.focus({ preventScroll: true });
    this.#element.setPointerCapture(event.pointerId);
    this.#onStroke("begin", "pan");
    this.#goTo(event);
  }

  #move(event) {
    event.stopPropagation();
    if (this.#element.hasPointerCapture(event.pointerId)) this.#goTo(event);
  }

  #up(event) {
    event.stopPropagation();
    this.#onStroke("end", "pan");
  }

  #goTo({ clientX, clientY }) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    const pixel = toImage(this.#placed, [clientX - left, clientY - top]);
    const { state, plane, frame, view } = this.#pane;
    state.setView(plane, centred(view, frame, pixel));
  }
}
