// What two series on the page share: the place (scrolling, crosshair), zoom and pan, the window; each with its switch.
// Places are the patient's where both state the same frame of reference, else what was linked by hand: the way between
// two places, or between two images. Sends "link" when a switch or the way changes, and "beside" (detail: { side,
// isBeside }) when a place lies in one series and not in the other. A change is passed on once: never back again.

import { distanceFrom } from "../lib/frames.js";
import { isInside, isSameView, linkedView, middleOf, nearestImage, ontoPlane, sameWay } from "../lib/linking.js";
import { add } from "../lib/vectors.js";
import { FITTED } from "../lib/viewtransform.js";

const NOWHERE = Object.freeze([0, 0, 0]);
const LEAST_GAP_MM = 5; // a single image stands for half of this on either side

/** Whether the same window means the same in both: values with a unit, not in colour. */
export function agreeInUnits({ series: one }, { series: other }) {
  return Boolean(one.unit) && one.unit === other.unit && !one.is_colour && !other.is_colour;
}

export class Linking extends EventTarget {
  #sides;
  #switches;
  #shift = null; // by hand, from the first series to the second: { mm } or { images }
  #isPassing = false;
  #isBeside = [false, false];

  /**
   * @param sides     two readings: { state, panes }
   * @param switches  { position, view, window, lines }
   */
  constructor(sides, switches = {}) {
    super();
    this.#sides = sides;
    const usual = { position: true, view: true, window: true, lines: true, ...switches };
    this.#switches = { ...usual, window: usual.window && agreeInUnits(sides[0].state, sides[1].state) };
    for (const [side, { state }] of sides.entries()) {
      state.addEventListener("point", () => this.#pass("position", side));
      state.addEventListener("window", () => this.#pass("window", side));
      state.addEventListener("view", ({ detail }) => this.#pass("view", side, detail.plane));
    }
    this.align(0);
  }

  /** "patient", "hand" (places), "images" (by hand, counted), or "none". */
  get way() {
    if (this.#shift) return this.#shift.mm ? "hand" : "images";
    const [one, other] = this.#sides.map(({ state }) => state.series.frame_of_reference);
    return one && one === other && this.#sides.every((side) => this.#hasPlace(side)) ? "patient" : "none";
  }

  get switches() {
    return { ...this.#switches };
  }

  set(name, isOn, side = 0) {
    this.#switches = { ...this.#switches, [name]: isOn };
    if (isOn) this.#pass(name, side);
    if (name === "position" && !isOn) this.#tellBeside([false, false]);
    this.#tell();
  }

  /** What leads from a place of series *from* to that of the other, LPS mm; null where it is not known. */
  shiftFrom(from) {
    if (this.way === "patient") return NOWHERE;
    if (this.way !== "hand") return null;
    return from === 0 ? this.#shift.mm : this.#shift.mm.map((value) => -value);
  }

  /** From now on what both show stands for the same place. */
  linkHere() {
    const [one, other] = this.#sides;
    if (this.#hasPlace(one) && this.#hasPlace(other)) {
      const [from, to] = [this.#place(one, other), this.#place(other, one)];
      this.#shift = { mm: add(to, from, -1) };
    } else {
      this.#shift = { images: this.#image(other) - this.#image(one) };
    }
    this.#switches = { ...this.#switches, position: true };
    this.#tell();
  }

  unlink() {
    this.#shift = null;
    this.#tellBeside([false, false]);
    this.#tell();
    this.align(0);
  }

  /** Let the other series show what this one does. */
  align(side) {
    this.#pass("position", side);
    this.#pass("window", side);
  }

  /** Let the views agree, where this series' is not the usual one: once panes have their sizes. */
  alignViews(side) {
    const { state } = this.#sides[side];
    if (state.planes.some(({ plane }) => !isSameView(state.view(plane), FITTED))) this.#pass("view", side);
  }

  // --- from one to the other

  #pass(name, side, plane) {
    if (this.#isPassing || !this.#switches[name]) return;
    this.#isPassing = true;
    try {
      if (name === "position") this.#passPosition(side);
      else if (name === "window") this.#passWindow(side);
      else if (name === "view") this.#passView(side, plane);
    } finally {
      this.#isPassing = false;
    }
  }

  #passPosition(side) {
    const [from, to] = [this.#sides[side], this.#sides[1 - side]];
    if (this.way === "images") {
      const by = side === 0 ? this.#shift.images : -this.#shift.images;
      this.#goToImage(to, this.#image(from) + by, 1 - side);
      return;
    }
    const shift = this.shiftFrom(side);
    if (!shift) return;
    const target = this.#target(from, to, shift);
    if (target) this.#goTo(to, target, 1 - side);
  }

  /** Where the other is to go: a volume from an image of a stack along its normal alone. */
  #target(from, to, shift) {
    if (from.state.pointLps) return add(from.state.pointLps, shift);
    const frame = from.state.frame("stack");
    if (!frame.to_lps) return null;
    const index = from.state.slice("stack");
    if (!to.state.pointLps) {
      const there = to.state.frame("stack");
      return there.to_lps && sameWay(frame, [{ ...there, plane: "" }]) ? add(middleOf(frame, index), shift) : null;
    }
    return add(ontoPlane(frame, index, add(to.state.pointLps, shift, -1)), shift);
  }

  #goTo({ state }, target, side) {
    if (state.pointLps) {
      state.moveToLps(target);
      this.#tellBeside(side === 0 ? [!this.#holds(state, target), false] : [false, !this.#holds(state, target)]);
      return;
    }
    const { count } = state.plane("stack");
    const nearest = nearestImage(count, (index) => state.frame("stack", index), target);
    if (!nearest) return;
    state.setSlice("stack", nearest.index);
    const isBeside = nearest.distance_mm > this.#reach(state, nearest.index);
    this.#tellBeside(side === 0 ? [isBeside, false] : [false, isBeside]);
  }

  #holds(state, pointLps) {
    return isInside(state.voxelAt(pointLps), state.series.shape_ijk);
  }

  /** Half the way to the neighbour that is farther: so far an image stands for its surroundings, mm. */
  #reach(state, index) {
    const { count } = state.plane("stack");
    const frame = state.frame("stack", index);
    const gaps = [index - 1, index + 1]
      .filter((near) => near >= 0 && near < count && state.frame("stack", near).to_lps)
      .map((near) => Math.abs(distanceFrom(frame, middleOf(state.frame("stack", near), near), index)));
    return Math.max(LEAST_GAP_MM, ...gaps) / 2;
  }

  #goToImage({ state }, index, side) {
    const plane = this.#countedPlane(state);
    state.setSlice(plane, index);
    const isBeside = index < 0 || index >= state.plane(plane).count;
    this.#tellBeside(side === 0 ? [isBeside, false] : [false, isBeside]);
  }

  #passWindow(side) {
    const [from, to] = [this.#sides[side].state, this.#sides[1 - side].state];
    const { center, width, function: shape, lut } = from.window;
    if (lut === undefined && !from.series.is_colour) to.setWindow(shape ? { center, width, function: shape } : { center, width });
    if (from.inverted !== to.inverted) to.setInverted(from.inverted);
  }

  #passView(side, plane) {
    const [from, to] = [this.#sides[side], this.#sides[1 - side]];
    const planes = plane ? [plane] : from.state.planes.map((frame) => frame.plane);
    for (const name of planes) this.#passViewOf(from, to, name, side);
  }

  #passViewOf(from, to, name, side) {
    const here = this.#shown(from, name);
    const frames = to.state.planes.map(({ plane }) => to.state.frame(plane));
    const frame = sameWay(here.frame, frames);
    if (!frame) return;
    const there = this.#shown(to, frame.plane);
    // The whole picture here is the whole picture there, however large each is.
    const isFitted = isSameView({ ...here.view, turn: 0, mirrored: false }, FITTED);
    const { turn, mirrored } = here.view;
    const view = isFitted ? { ...FITTED, turn, mirrored } : linkedView(here, there, this.shiftFrom(side));
    if (!isSameView(view, there.view)) to.state.setView(frame.plane, view);
  }

  /** What a pane of this plane shows: { frame, index, size, view }; the size is 0 where no pane is seen. */
  #shown({ state, panes }, name) {
    const pane = [...panes.values()].find((one) => one.plane === name && one.isShown);
    const index = state.slice(name);
    return { frame: state.frame(name, index), index, size: pane?.size ?? { width: 0, height: 0 }, view: state.view(name) };
  }

  // --- where a series stands

  #hasPlace({ state }) {
    return Boolean(state.pointLps || state.frame("stack")?.to_lps);
  }

  /** The place that a series shows; of a stack the one on its image nearest to what the other shows. */
  #place({ state }, { state: other }) {
    if (state.pointLps) return state.pointLps;
    const [frame, index] = [state.frame("stack"), state.slice("stack")];
    return other.pointLps ? ontoPlane(frame, index, other.pointLps) : middleOf(frame, index);
  }

  #countedPlane(state) {
    const { main } = this.#sides[0].state;
    return (state.plane(main) ?? state.planes[0]).plane;
  }

  #image({ state }) {
    return state.slice(this.#countedPlane(state));
  }

  #tellBeside(isBeside) {
    for (const side of [0, 1]) {
      if (isBeside[side] === this.#isBeside[side]) continue;
      this.dispatchEvent(new CustomEvent("beside", { detail: { side, isBeside: isBeside[side] } }));
    }
    this.#isBeside = isBeside;
  }

  #tell() {
    this.dispatchEvent(new Event("link"));
  }
}
