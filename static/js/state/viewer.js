// What is shown: the point in which the planes meet, window, colours, views, slab, tool, layout. Tools change it,
// views draw from it; each change is an event of that name: "point", "phase", "window", "view", "slab", "planes",
// "tool", "layout", "active", "crosshair", "held", "segments", "scene". Nothing here knows the page.
//
// Of a volume whose planes lie along the voxels the point is always a voxel; of turned ones it is where three of
// their slices meet, and point is the voxel nearest to it. A stack's point is [i, j, image].

import {
  axesOf,
  framesAlong,
  framesOf,
  imageFrame,
  meetingOf,
  meetingPoint,
  placeOf,
  turnedAxes,
} from "../lib/frames.js";
import { knownOrder } from "../lib/layouts.js";
import { inverse, transform } from "../lib/matrix.js";
import { sliceOf, withSlice } from "../lib/planes.js";
import { FITTED } from "../lib/viewtransform.js";
import { digitsFor } from "../lib/numbers.js";
import { USUAL_SCENE, tidyScene } from "../lib/scenesettings.js";
import { NO_DISPLAY, tidyDisplay } from "../lib/segmentdisplay.js";
import { plainWindow, sameWindow, tidy } from "../lib/windowing.js";
import { fitting } from "./restoring.js";

export const NO_SLAB = Object.freeze({ mm: 0, projection: "mip" });
export const PROJECTIONS = ["mip", "minip", "mean"];

export class ViewerState extends EventTarget {
  #series;
  #frames;
  #axes = null; // of turned planes
  #point;
  #pointLps = null;
  #toIndex = null; // LPS mm → voxel
  #phase;
  #window;
  #inverted;
  #colormap = "gray";
  #views = new Map();
  #slab = NO_SLAB;
  #tool;
  #held = null;
  #layout;
  #active;
  #main;
  #order;
  #crosshair = true;
  #overlays;
  #segments = NO_DISPLAY;
  #scene = USUAL_SCENE;

  /**
   * @param series  what the page gives: planes, affine, shape_ijk, window, value_range …
   * @param tool    the tool of the left button or the one finger
   * @param layout  a name of lib/layouts.js
   */
  constructor(series, { tool = "window", layout = "2x2" } = {}) {
    super();
    this.#series = series;
    this.#frames = framesOf(series);
    this.#toIndex = series.affine ? inverse(series.affine) : null;
    this.#point = series.shape_ijk.map((count) => Math.floor(count / 2));
    this.#pointLps = this.#placeOfVoxel();
    this.#phase = series.phases?.now ?? 0;
    this.#overlays = Boolean(series.overlays?.length);
    this.#inverted = Boolean(series.is_inverted);
    this.#tool = tool;
    this.#layout = layout;
    this.#active = this.#main = series.planes[0].plane;
    this.#order = series.planes.map(({ plane }) => plane);
    this.#window = this.#tidied(series.window);
    for (const plane of series.planes) this.#views.set(plane.plane, FITTED);
  }

  get series() {
    return this.#series;
  }

  /** The frames of the planes, in the order of the panes: see lib/frames.js. */
  get planes() {
    return this.#frames;
  }

  get digits() {
    const [low, high] = this.#series.value_range;
    return digitsFor(high - low);
  }

  plane(name) {
    return this.#frames.find((frame) => frame.plane === name) ?? null;
  }

  /** The frame of one slice: a stack's images may differ in size and place. */
  frame(name, index = this.slice(name)) {
    const frame = this.plane(name);
    return this.#series.images ? imageFrame(frame, this.#series.images[index], index) : frame;
  }

  // --- where

  get point() {
    return this.#point;
  }

  /** The point in the patient, LPS mm; null in a stack. */
  get pointLps() {
    return this.#pointLps;
  }

  get isOblique() {
    return this.#axes !== null;
  }

  /** The volume that is shown of a part that has several. */
  get phase() {
    return this.#phase;
  }

  slice(name) {
    if (!this.#axes) return sliceOf(this.plane(name), this.#point);
    const frame = this.plane(name);
    return Math.min(frame.count - 1, Math.max(0, Math.round(placeOf(frame, this.#pointLps)[2])));
  }

  /** Move the crosshair to a voxel, which is kept inside the volume. */
  movePoint(point) {
    const within = this.#within(point);
    if (this.#axes) {
      this.moveToLps(transform(this.#series.affine, within));
      return;
    }
    if (within.every((value, axis) => value === this.#point[axis])) return;
    this.#point = within;
    this.#pointLps = this.#placeOfVoxel();
    this.#tell("point");
  }

  /** Move the crosshair to the place nearest to this one, LPS mm, at which slices meet. */
  moveToLps(pointLps) {
    if (!this.#toIndex) return;
    if (!this.#axes) {
      this.movePoint(transform(this.#toIndex, pointLps));
      return;
    }
    this.#meet(meetingPoint(this.#frames, pointLps).point);
  }

  setSlice(name, index) {
    if (!this.#axes) {
      this.movePoint(withSlice(this.plane(name), this.#point, index));
      return;
    }
    const indices = this.#frames.map((frame) =>
      frame.plane === name ? Math.min(frame.count - 1, Math.max(0, Math.round(index))) : this.slice(frame.plane),
    );
    this.#meet(meetingOf(this.#frames, indices));
  }

  #meet(pointLps) {
    if (pointLps.every((value, axis) => Math.abs(value - this.#pointLps[axis]) < 1e-6)) return;
    this.#pointLps = pointLps;
    this.#point = this.#within(transform(this.#toIndex, pointLps));
    this.#tell("point");
  }

  #within(point) {
    return point.map((value, axis) => Math.min(this.#series.shape_ijk[axis] - 1, Math.max(0, Math.round(value))));
  }

  #placeOfVoxel() {
    return this.#series.affine ? transform(this.#series.affine, this.#point) : null;
  }

  /** The voxel in which a place lies, not kept inside the volume; null in a stack. */
  voxelAt(pointLps) {
    return this.#toIndex ? transform(this.#toIndex, pointLps).map(Math.round) : null;
  }

  // --- turned planes

  /** The axes of turned planes by name, or null: what restores them. */
  get axes() {
    return this.#axes;
  }

  /** Turn the planes other than *name* about its normal, right-handed; all stay perpendicular. */
  rotate(name, radians) {
    if (!this.#pointLps || this.#frames.length < 3) return;
    this.setAxes(turnedAxes(this.#axes ?? axesOf(this.#frames), name, radians));
  }

  /** Planes along the voxels again. */
  straighten() {
    this.setAxes(null);
  }

  setAxes(axes) {
    if (axes === null && this.#axes === null) return;
    const pivot = this.#pointLps;
    const frames = axes ? framesAlong(this.#series, axes, pivot) : framesOf(this.#series);
    const isStraight = frames.every((frame) => !frame.is_oblique);
    this.#axes = isStraight ? null : axes;
    this.#frames = frames;
    if (isStraight) {
      this.#point = this.#within(transform(this.#toIndex, pivot));
      this.#pointLps = this.#placeOfVoxel();
    } else {
      this.#pointLps = meetingPoint(frames, pivot).point;
    }
    this.#tell("planes");
    this.#tell("point");
  }

  /** Show another volume of the part; beyond the last comes the first. */
  setPhase(phase) {
    const count = this.#series.phases?.labels.length ?? 1;
    const within = ((phase % count) + count) % count;
    if (within === this.#phase) return;
    this.#phase = within;
    this.#tell("phase");
  }

  /** How much of the volume a picture goes through, and what is made of it: { mm, projection }. */
  get slab() {
    return this.#slab;
  }

  setSlab({ mm = this.#slab.mm, projection = this.#slab.projection }) {
    if (this.#series.images) return; // images of a stack are no volume to go through
    const next = { mm: Math.max(0, Math.round(mm * 10) / 10), projection };
    if (!Number.isFinite(next.mm) || !PROJECTIONS.includes(projection)) return;
    if (next.mm === this.#slab.mm && next.projection === this.#slab.projection) return;
    this.#slab = next;
    this.#tell("slab");
  }

  // --- how

  /** The window; where each image has its own, with the numbers of the one that is chosen. */
  get window() {
    if (!this.#window.own) return this.#window;
    const { window } = this.#series.images[this.#point[2]];
    return window ? { ...window, own: true } : this.#window;
  }

  get inverted() {
    return this.#inverted;
  }

  get colormap() {
    return this.#colormap;
  }

  setWindow(window) {
    const tidied = this.#tidied(window);
    if (!Number.isFinite(tidied.center + tidied.width) || sameWindow(tidied, this.#window)) return;
    this.#window = tidied;
    this.#tell("window");
  }

  setInverted(inverted) {
    this.#inverted = inverted;
    this.#tell("window");
  }

  setColormap(name) {
    this.#colormap = name;
    // What opens inverted does so as grey; a colour map goes from its own dark to its bright.
    if (this.#series.is_inverted) this.#inverted = name === "gray";
    this.#tell("window");
  }

  /** Whether the drawings that came with the images are shown on them. */
  get overlays() {
    return this.#overlays;
  }

  setOverlays(shown) {
    this.#overlays = shown;
    this.#tell("window");
  }

  /** How segments are shown: lib/segmentdisplay.js. */
  get segments() {
    return this.#segments;
  }

  setSegments(display) {
    this.#segments = tidyDisplay(display);
    this.#tell("segments");
  }

  /** How the 3D view is set: lib/scenesettings.js. */
  get scene() {
    return this.#scene;
  }

  setScene(changes) {
    this.#scene = tidyScene({ ...this.#scene, ...changes });
    this.#tell("scene");
  }

  view(name) {
    return this.#views.get(name);
  }

  setView(name, view) {
    this.#views.set(name, { ...FITTED, ...view });
    this.#tell("view", { plane: name });
  }

  get crosshair() {
    return this.#crosshair;
  }

  setCrosshair(shown) {
    this.#crosshair = shown;
    this.#tell("crosshair");
  }

  // --- with what

  get tool() {
    return this.#tool;
  }

  setTool(name) {
    this.#tool = name;
    this.#tell("tool");
  }

  /** The tool of the stroke that lasts, or null. */
  get held() {
    return this.#held;
  }

  setHeld(name) {
    if (name === this.#held) return;
    this.#held = name;
    this.#tell("held");
  }

  get layout() {
    return this.#layout;
  }

  /** The pane that keys act on; also of what is no plane ("facts"). */
  get active() {
    return this.#active;
  }

  /** The pane that is large, or alone. */
  get main() {
    return this.#main;
  }

  /** The planes in the order in which a layout places them. */
  get order() {
    return this.#order;
  }

  setLayout(layout, main = this.#main, order = this.#order) {
    this.#layout = layout;
    this.#main = main;
    this.#order = knownOrder(order, this.#order);
    this.#active = layout === "1" ? main : this.#active;
    this.#tell("layout");
  }

  setActive(name) {
    if (name === this.#active) return;
    this.#active = name;
    this.#tell("active");
  }

  // --- all of it

  /** As the series was opened: whole image, first window and inversion; the slices stay. */
  reset(names = this.#frames.map((frame) => frame.plane)) {
    for (const name of names) this.setView(name, FITTED);
    this.#inverted = Boolean(this.#series.is_inverted) && this.#colormap === "gray";
    this.#window = this.#tidied(this.#series.window);
    this.#tell("window");
  }

  /** What makes this picture again, as plain JSON; equal parts keep their identity. */
  snapshot() {
    return {
      point: this.#point,
      point_lps: this.#pointLps,
      axes: this.#axes,
      phase: this.#phase,
      window: this.#window,
      inverted: this.#inverted,
      colormap: this.#colormap,
      overlays: this.#overlays,
      segments: this.#segments,
      scene: this.#scene,
      views: Object.fromEntries(this.#views),
      slab: this.#slab,
      layout: this.#layout,
      main: this.#main,
      order: this.#order,
      crosshair: this.#crosshair,
    };
  }

  /** Show what :func:`snapshot` told, of this or of another day: what does not fit the series is passed over. */
  restore(saved) {
    const found = fitting(saved, this.#series, [...this.#views.keys()]);
    this.#restorePlace(found);
    if (found.phase !== undefined) this.setPhase(found.phase);
    for (const [name, view] of Object.entries(found.views)) this.setView(name, view);
    this.#window = found.window ?? this.#window;
    this.#inverted = found.inverted ?? this.#inverted;
    this.#colormap = found.colormap ?? this.#colormap;
    this.#overlays = found.overlays ?? this.#overlays;
    this.#tell("window");
    if (found.segments && found.segments !== this.#segments) this.setSegments(found.segments);
    if (found.scene && found.scene !== this.#scene) this.setScene(found.scene);
    if (found.slab) this.setSlab(found.slab);
    if ((found.crosshair ?? this.#crosshair) !== this.#crosshair) this.setCrosshair(found.crosshair);
    const { layout, main, order } = saved;
    const isOther = layout !== this.#layout || main !== this.#main || String(order) !== String(this.#order);
    if (found.layout && isOther) this.setLayout(layout, found.main ?? this.#main, order);
  }

  #restorePlace({ point, point_lps: pointLps, axes = null }) {
    if (!pointLps) {
      if (point) this.movePoint(point);
      return;
    }
    if (this.#axes && !axes) this.setAxes(null);
    this.#pointLps = pointLps;
    if (axes) this.setAxes(axes);
    else this.moveBack(pointLps);
  }

  /** The voxel nearest to a place, told even where it is the one that is shown. */
  moveBack(pointLps) {
    this.#point = this.#within(transform(this.#toIndex, pointLps));
    this.#pointLps = this.#placeOfVoxel();
    this.#tell("point");
  }

  #tidied(window) {
    // What the file states is kept to the last digit; only what a hand draws is rounded.
    const isStated = window === this.#series.window || this.#series.presets?.includes(window);
    return isStated ? plainWindow(window) : tidy(window, Math.max(2, this.digits));
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
