// What is shown: the voxel in which the planes meet, window, colours, views, tool, layout. Tools change it,
// views draw from it; each change is an event of that name: "point", "phase", "window", "view", "tool",
// "layout", "active", "crosshair". Nothing here knows the page.

import { sliceOf, withSlice } from "../lib/planes.js";
import { FITTED } from "../lib/viewtransform.js";
import { digitsFor } from "../lib/numbers.js";
import { plainWindow, sameWindow, tidy } from "../lib/windowing.js";

export const LAYOUTS = ["2x2", "1", "1+3"];

export class ViewerState extends EventTarget {
  #series;
  #planes;
  #point;
  #phase;
  #window;
  #inverted;
  #colormap = "gray";
  #views = new Map();
  #tool;
  #layout;
  #active;
  #main;
  #crosshair = true;
  #overlays;

  /**
   * @param series  what the page gives: planes, affine, shape_ijk, window, value_range …
   * @param tool    the tool of the left button or the one finger
   * @param layout  one of LAYOUTS
   */
  constructor(series, { tool = "window", layout = "2x2" } = {}) {
    super();
    this.#series = series;
    this.#planes = series.planes;
    this.#point = series.shape_ijk.map((count) => Math.floor(count / 2));
    this.#phase = series.phases?.now ?? 0;
    this.#overlays = Boolean(series.overlays?.length);
    this.#inverted = Boolean(series.is_inverted);
    this.#tool = tool;
    this.#layout = layout;
    this.#active = this.#main = series.planes[0].plane;
    this.#window = this.#tidied(series.window);
    for (const plane of series.planes) this.#views.set(plane.plane, FITTED);
  }

  get series() {
    return this.#series;
  }

  get planes() {
    return this.#planes;
  }

  get digits() {
    const [low, high] = this.#series.value_range;
    return digitsFor(high - low);
  }

  plane(name) {
    return this.#planes.find((plane) => plane.plane === name) ?? null;
  }

  get point() {
    return this.#point;
  }

  /** The volume that is shown of a part that has several. */
  get phase() {
    return this.#phase;
  }

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

  get tool() {
    return this.#tool;
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

  get crosshair() {
    return this.#crosshair;
  }

  view(name) {
    return this.#views.get(name);
  }

  slice(name) {
    return sliceOf(this.plane(name), this.#point);
  }

  /** Move the crosshair; its voxel is kept inside the volume. */
  movePoint(point) {
    const within = point.map((value, axis) =>
      Math.min(this.#series.shape_ijk[axis] - 1, Math.max(0, Math.round(value))),
    );
    if (within.every((value, axis) => value === this.#point[axis])) return;
    this.#point = within;
    this.#tell("point");
  }

  setSlice(name, index) {
    this.movePoint(withSlice(this.plane(name), this.#point, index));
  }

  /** Show another volume of the part; beyond the last comes the first. */
  setPhase(phase) {
    const count = this.#series.phases?.labels.length ?? 1;
    const within = ((phase % count) + count) % count;
    if (within === this.#phase) return;
    this.#phase = within;
    this.#tell("phase");
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

  setView(name, view) {
    this.#views.set(name, view);
    this.#tell("view", { plane: name });
  }

  setTool(name) {
    this.#tool = name;
    this.#tell("tool");
  }

  setLayout(layout, main = this.#main) {
    this.#layout = layout;
    this.#main = main;
    this.#active = layout === "1" ? main : this.#active;
    this.#tell("layout");
  }

  setActive(name) {
    if (name === this.#active) return;
    this.#active = name;
    this.#tell("active");
  }

  /** Whether the drawings that came with the images are shown on them. */
  get overlays() {
    return this.#overlays;
  }

  setOverlays(shown) {
    this.#overlays = shown;
    this.#tell("window");
  }

  setCrosshair(shown) {
    this.#crosshair = shown;
    this.#tell("crosshair");
  }

  /** As the series was opened: whole image, first window and inversion; the slices stay. */
  reset(names = this.#planes.map((plane) => plane.plane)) {
    for (const name of names) this.setView(name, FITTED);
    this.#inverted = Boolean(this.#series.is_inverted) && this.#colormap === "gray";
    this.#window = this.#tidied(this.#series.window);
    this.#tell("window");
  }

  #tidied(window) {
    // What the file states is kept to the last digit; only what a hand draws is rounded.
    const isStated = window === this.#series.window || this.#series.presets?.includes(window);
    return isStated ? plainWindow(window) : tidy(window, 2);
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
