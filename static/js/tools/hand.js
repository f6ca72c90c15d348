// What mouse, pen and fingers do on a pane. Left or one finger: the chosen tool (with Shift the crosshair,
// with Ctrl zoom); middle: pan; right: zoom; wheel: slices, with Ctrl zoom at the cursor; two fingers: pan and
// pinch; double click: reset.

import { pinch } from "../lib/pinch.js";
import { readingSense } from "../lib/frames.js";
import { pan, zoomAt } from "../lib/viewtransform.js";
import { WheelSteps, wheelZoom } from "../lib/wheel.js";
import { TOOLS } from "./tools.js";

const MIDDLE = 1;
const RIGHT = 2;

export class Hand {
  #state;
  #pane;
  #fingers = new Map(); // pointer id → place on the pane
  #stroke = null;
  #wheel = new WheelSteps();
  #moved = null; // the last move of the pointer
  #onHover;

  /**
   * @param onHover  (pane, at or null) → void: where the pointer is, for the values under it
   */
  constructor(state, pane, onHover) {
    this.#state = state;
    this.#pane = pane;
    this.#onHover = onHover;
    const { element } = pane;
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(end, (event) => this.#up(event));
    }
    element.addEventListener("pointerleave", () => onHover(pane, null));
    element.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener("auxclick", (event) => event.preventDefault());
    element.addEventListener("mousedown", (event) => event.button === MIDDLE && event.preventDefault());
    element.addEventListener("dblclick", (event) => this.#reset(event));
  }

  /** Give up the stroke and put back what it changed. */
  cancel() {
    this.#stroke?.undo();
    this.#stroke = null;
  }

  get isBusy() {
    return this.#stroke !== null;
  }

  #down(event) {
    if (event.target.closest("button, [role=slider]")) return;
    const at = this.#pane.at(event);
    this.#state.setActive(this.#pane.name);
    this.#pane.element.focus({ preventScroll: true });
    this.#pane.element.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, at);
    if (this.#fingers.size === 2) this.#stroke = null; // the second finger ends what the first began
    if (this.#fingers.size > 1) return;
    event.preventDefault();
    this.#begin(this.#toolFor(event), at);
  }

  #begin(name, at) {
    const { window } = this.#state;
    const { plane } = this.#pane;
    const [view, point] = [this.#state.view(plane), this.#state.point];
    const start = TOOLS[name].begin(this.#state, this.#pane, at);
    const undo = () => {
      this.#state.setWindow(window);
      this.#state.setView(plane, view);
      this.#state.movePoint(point);
    };
    this.#stroke = { tool: TOOLS[name], start, at, undo };
  }

  #toolFor(event) {
    if (event.button === MIDDLE) return "pan";
    if (event.button === RIGHT) return "zoom";
    if (event.shiftKey) return "crosshair";
    return event.ctrlKey ? "zoom" : this.#state.tool;
  }

  #move(event) {
    this.#moved = event;
    const at = this.#pane.at(event);
    if (this.#fingers.has(event.pointerId)) {
      if (this.#fingers.size === 2) this.#pinch(event.pointerId, at);
      else if (this.#stroke) this.#draw(at);
      this.#fingers.set(event.pointerId, at);
    }
    if (event.pointerType === "mouse" || this.#stroke) this.#onHover(this.#pane, at);
  }

  #draw([x, y]) {
    const { tool, start, at } = this.#stroke;
    tool.move(this.#state, this.#pane, start, [x - at[0], y - at[1]], [x, y]);
  }

  #pinch(id, at) {
    const before = [...this.#fingers.values()];
    const after = [...this.#fingers].map(([finger, place]) => (finger === id ? at : place));
    const { factor, byX, byY, at: about } = pinch(before, after);
    const { plane, frame, size } = this.#pane;
    const moved = pan(this.#state.view(plane), frame, size, byX, byY);
    this.#state.setView(plane, zoomAt(moved, frame, size, factor, about));
  }

  #up(event) {
    this.#fingers.delete(event.pointerId);
    this.#stroke = null;
    if (event.pointerType !== "mouse") this.#onHover(this.#pane, null);
  }

  #turn(event) {
    event.preventDefault();
    const { name, plane, frame, size } = this.#pane;
    this.#state.setActive(name);
    const at = this.#pointed(event);
    if (event.ctrlKey || event.metaKey) {
      const view = zoomAt(this.#state.view(plane), frame, size, wheelZoom(event), at);
      this.#state.setView(plane, view);
      return;
    }
    const steps = this.#wheel.add(event);
    if (steps === 0) return;
    const sense = readingSense(this.#state.plane(plane));
    this.#state.setSlice(plane, this.#state.slice(plane) + steps * sense);
    this.#onHover(this.#pane, at);
  }

  /** Where the wheel is turned: its event knows whole CSS pixels only, the last move knew what lies between. */
  #pointed(event) {
    const same = ["clientX", "clientY"].every((name) => Math.floor(this.#moved?.[name]) === Math.floor(event[name]));
    return this.#pane.at(same ? this.#moved : event);
  }

  #reset(event) {
    if (event.target.closest("button, [role=slider]")) return;
    this.#state.reset([this.#pane.plane]);
  }
}
