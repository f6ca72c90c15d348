// What mouse, pen and fingers do on a pane. Left or one finger: the chosen tool; middle: pan; right: zoom; with keys
// held others (lib/bindings.js); wheel: slices, with Ctrl zoom at the cursor; two fingers: pan and pinch; double
// click: one pane large, and back. With the left button marks are taken hold of, whichever tool is chosen.

import { bindingsFrom, hoverTool, toolFor, wheelFor } from "../lib/bindings.js";
import { readingSense } from "../lib/frames.js";
import { hit, REACH, TOUCH_REACH } from "../lib/hits.js";
import { shapesOf } from "../lib/paneshapes.js";
import { pinch } from "../lib/pinch.js";
import { pan, zoomAt } from "../lib/viewtransform.js";
import { WheelSteps, wheelZoom } from "../lib/wheel.js";
import { MOVED_FROM } from "./drafting.js";
import { markEdit } from "./markedit.js";
import { TOOLS } from "./tools.js";

const LEFT = 0;
const MIDDLE = 1;
const OWN = "button, a, input, [role=slider]"; // what has its own use for the pointer
const USUAL = bindingsFrom();

let open = null; // the hand whose stroke waits for its next gesture: there is one of them on a page

export class Hand {
  #pane;
  #options;
  #fingers = new Map(); // pointer id → place on the pane
  #stroke = null; // { name, tool, start, at, picked, wasMoved, undo }
  #waiting = null; // a stroke between its gestures
  #wheel = new WheelSteps();
  #moved = null; // the last move of the pointer
  #wasDragged = false; // whether the last press was more than a click

  /**
   * @param pane      Pane; its state is what tools change
   * @param onHover   (pane, at or null) → void: where the pointer is, for the values under it
   * @param onStroke  ("begin" | "end", tool's name) → void: what changes between is one step
   * @param onDouble  (pane) → void
   * @param marks     Marks
   * @param say       (text) → void, for the live region
   * @param bindings  () → what buttons and keys take up: see lib/bindings.js
   */
  constructor(pane, { onHover, onStroke = () => {}, onDouble = () => {}, marks = null, say = () => {}, bindings = () => USUAL }) {
    this.#pane = pane;
    this.#options = { onHover, onStroke, onDouble, marks, say, bindings };
    const { element } = pane;
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#up(event));
    for (const loss of ["pointercancel", "lostpointercapture"]) {
      element.addEventListener(loss, (event) => this.#lost(event));
    }
    element.addEventListener("pointerleave", () => this.#leave());
    element.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener("auxclick", (event) => event.preventDefault());
    element.addEventListener("mousedown", (event) => event.button === MIDDLE && event.preventDefault());
    element.addEventListener("dblclick", (event) => this.#double(event));
  }

  get #state() {
    return this.#pane.state;
  }

  /** Give up the stroke and put back what it changed. */
  cancel() {
    const stroke = this.#stroke ?? this.#waiting;
    this.#stroke = null;
    this.#wait(null);
    if (!stroke) return;
    if (stroke.tool.cancel) stroke.tool.cancel(this.#state, this.#pane, stroke.start);
    else stroke.undo();
    this.#tell("end", stroke.name);
  }

  get isBusy() {
    return Boolean(this.#stroke ?? this.#waiting);
  }

  #down(event) {
    if (event.target.closest(OWN)) return;
    const at = this.#pane.at(event);
    this.#state.setActive(this.#pane.name);
    this.#pane.element.focus({ preventScroll: true });
    this.#pane.element.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, at);
    if (this.#fingers.size === 2) this.#drop(); // the second finger ends what the first began
    if (this.#fingers.size > 1) return;
    event.preventDefault();
    this.#wasDragged = false;
    if (open && open !== this) open.cancel();
    if (this.#waiting && event.button === LEFT) this.#resume(event, at);
    else this.#begin(event, at);
  }

  #begin(event, at) {
    const { marks, say, bindings } = this.#options;
    const chosen = toolFor(event, bindings(), this.#state.tool);
    const picked = this.#pickedBy(event, at);
    const isEdit = picked && (event.pointerType !== "touch" || picked.mark.id === marks.selected);
    const name = isEdit ? "edit" : TOOLS[chosen] && (marks || !TOOLS[chosen].kind) ? chosen : "scroll";
    const tool = isEdit ? markEdit : TOOLS[name];
    this.#tell("begin", name);
    const before = this.#state.snapshot();
    const undo = () => this.#state.restore(before);
    const start = tool.begin(this.#state, this.#pane, at, event, { marks, say, hit: picked });
    if (start === null) {
      this.#tell("end", name);
      return;
    }
    this.#stroke = { name, tool, start, at, picked, wasMoved: false, undo, isPlainLeft: this.#isPlainLeft(event) };
  }

  /** The mark under the pointer, for a press of the left button without keys, or for a finger. */
  #pickedBy(event, at) {
    const { marks } = this.#options;
    if (!marks || !this.#isPlainLeft(event)) return null;
    const reach = event.pointerType === "touch" ? TOUCH_REACH : REACH;
    return hit(shapesOf(this.#pane).of(marks.all), at, { selected: marks.selected, reach });
  }

  #isPlainLeft({ button, shiftKey, ctrlKey, metaKey, altKey }) {
    return button === LEFT && !shiftKey && !ctrlKey && !metaKey && !altKey;
  }

  #resume(event, at) {
    this.#stroke = { ...this.#waiting, at };
    this.#wait(null);
    this.#stroke.tool.press?.(this.#state, this.#pane, this.#stroke.start, at, event);
  }

  #wait(stroke) {
    this.#waiting = stroke;
    if (stroke) open = this;
    else if (open === this) open = null;
  }

  #move(event) {
    this.#moved = event;
    const at = this.#pane.at(event);
    if (this.#fingers.has(event.pointerId)) {
      if (this.#fingers.size === 2) this.#pinch(event.pointerId, at);
      else if (this.#stroke) this.#draw(at, event);
      this.#fingers.set(event.pointerId, at);
    } else {
      this.#hover(event, at);
    }
    if (event.pointerType === "mouse" || this.#stroke) this.#options.onHover(this.#pane, at);
  }

  #draw([x, y], event) {
    const { tool, start, at } = this.#stroke;
    const by = [x - at[0], y - at[1]];
    if (Math.hypot(...by) >= MOVED_FROM) this.#stroke.wasMoved = true;
    tool.move(this.#state, this.#pane, start, by, [x, y], event);
  }

  /** The pointer moves without a button. */
  #hover(event, at) {
    if (this.#waiting) {
      this.#waiting.tool.hover?.(this.#state, this.#pane, this.#waiting.start, at, event);
      return;
    }
    const held = TOOLS[hoverTool(event, this.#options.bindings())];
    if (held && !held.kind) {
      held.move(this.#state, this.#pane, held.begin(this.#state, this.#pane, at, event), [0, 0], at, event);
      return;
    }
    if (event.pointerType === "mouse" && !event.buttons) this.#point(this.#pickedBy({ ...this.#keys(event), button: LEFT }, at));
  }

  #keys({ shiftKey, ctrlKey, metaKey, altKey, pointerType }) {
    return { shiftKey, ctrlKey, metaKey, altKey, pointerType };
  }

  /** Show what a press would take hold of. */
  #point(picked) {
    const { element } = this.#pane;
    const over = picked ? (picked.handle === null ? "mark" : "handle") : "";
    if ((element.dataset.over ?? "") !== over) {
      if (over) element.dataset.over = over;
      else delete element.dataset.over;
    }
    this.#options.marks?.hover(picked?.mark.id ?? null);
  }

  #leave() {
    this.#point(null);
    this.#options.onHover(this.#pane, null);
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
    if (!this.#fingers.delete(event.pointerId)) return;
    const stroke = this.#stroke;
    if (stroke) this.#end(stroke, event);
    if (event.pointerType !== "mouse") this.#options.onHover(this.#pane, null);
  }

  #end(stroke, event) {
    this.#stroke = null;
    this.#wasDragged = stroke.wasMoved;
    const at = this.#pane.at(event);
    if (stroke.tool.end?.(this.#state, this.#pane, stroke.start, at, event) === false) {
      this.#wait(stroke);
      return;
    }
    if (!stroke.wasMoved && stroke.isPlainLeft) this.#click(stroke);
    this.#tell("end", stroke.name);
  }

  /** A stroke begins or ends. */
  #tell(moment, name) {
    this.#state.setHeld(moment === "begin" ? name : null);
    this.#options.onStroke(moment, name);
  }

  /** A click selects the mark under it; beside all marks it selects none. A finger's click may be a probe's press. */
  #click({ tool, picked }) {
    const { marks } = this.#options;
    if (!tool.kind || (picked && tool.kind !== "probe")) marks?.select(picked?.mark.id ?? null);
  }

  /** The pointer was taken away. */
  #lost(event) {
    if (!this.#fingers.delete(event.pointerId)) return;
    this.#drop();
  }

  /** End the stroke as it stands; a mark that is not whole goes. */
  #drop() {
    const stroke = this.#stroke;
    this.#stroke = null;
    if (!stroke) return;
    stroke.tool.cancel?.(this.#state, this.#pane, stroke.start);
    this.#tell("end", stroke.name);
  }

  #turn(event) {
    event.preventDefault();
    const { name, plane, frame, size } = this.#pane;
    this.#state.setActive(name);
    const at = this.#pointed(event);
    const { does, sense } = wheelFor(event, this.#options.bindings());
    if (does === "zoom") {
      this.#state.setView(plane, zoomAt(this.#state.view(plane), frame, size, wheelZoom(event), at));
      return;
    }
    const steps = this.#wheel.add(event) * sense;
    if (steps === 0) return;
    const reading = readingSense(this.#state.plane(plane));
    this.#state.setSlice(plane, this.#state.slice(plane) + steps * reading);
    this.#options.onHover(this.#pane, at);
  }

  /** Where the wheel is turned: its event knows whole CSS pixels only, the last move knew what lies between. */
  #pointed(event) {
    const same = ["clientX", "clientY"].every((name) => Math.floor(this.#moved?.[name]) === Math.floor(event[name]));
    return this.#pane.at(same ? this.#moved : event);
  }

  #double(event) {
    if (event.target.closest(OWN) || this.#wasDragged || this.isBusy) return;
    const { marks, onDouble } = this.#options;
    const picked = this.#pickedBy(event, this.#pane.at(event));
    if (picked?.mark.kind !== "arrow") {
      onDouble(this.#pane);
      return;
    }
    const { id } = picked.mark;
    marks.askWords(picked.mark, this.#pane, (text) => text !== null && marks.change(id, { label: text }));
  }
}
