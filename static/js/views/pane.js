// One pane: <section class="pane" data-plane="axial" tabindex="0"> with
//   <canvas class="pane-image"> <svg class="pane-lines"> .corner, .edge, .slice-slider
// The canvas holds the picture in device pixels; lines and words lie over it and keep their size.
// Says of itself: data-index (the slice drawn), data-zoom, data-drawn.

import { linePath } from "../lib/crosshair.js";
import { devicePixels, devicePointer } from "../lib/devicepixels.js";
import { location } from "../lib/letters.js";
import { plain } from "../lib/numbers.js";
import { affineOf, crossings, pixelOf, positionOf } from "../lib/planes.js";
import { scaleBar, scaleBarPath } from "../lib/scalebar.js";
import { nearestPixel, pixelAt, place, toScreen } from "../lib/viewtransform.js";
import { _ } from "../state/words.js";
import { Pictures } from "./pictures.js";
import { SliceSlider } from "./sliceslider.js";

const SVG = "http://www.w3.org/2000/svg";
const PIXELATED_FROM = 4; // device pixels per image pixel: from here on the voxels themselves are shown
const UNREADABLE = 422;
// Where a voxel's border runs exactly through a device pixel's middle, rounding would decide which voxel is
// drawn. So pictures are drawn, and pointers read, this much beside the middle: both always name the same one.
const BESIDE_MIDDLE = 1 / 128; // device pixels
const SCALE_BAR_ROOM = 0.2; // of the pane's width
const SIDES = { left: "l", right: "r", top: "t", bottom: "b" };

export class Pane {
  #state;
  #plane;
  #element;
  #canvas;
  #context;
  #lines;
  #pictures;
  #size = { width: 0, height: 0, ratio: 1 };
  #bitmap = null;
  #drawn = null; // the question whose answer is on the canvas
  #painted = "";
  #scheduled = false;
  #onDrawn;
  #onFail;
  #parts = {};

  /**
   * @param element  the <section class="pane">
   * @param state    ViewerState
   * @param client   SeriesClient
   * @param onDrawn  (name) → void, each time a new picture is on the canvas
   * @param onFail   (error) → void, when it is not this image that is at fault
   */
  constructor(element, state, client, { onDrawn, onFail }) {
    this.#element = element;
    this.#state = state;
    this.#plane = state.plane(element.dataset.plane);
    this.#canvas = element.querySelector("canvas");
    this.#context = this.#canvas.getContext("2d", { alpha: false });
    this.#lines = element.querySelector(".pane-lines");
    this.#onDrawn = onDrawn;
    this.#onFail = onFail;
    for (const part of element.querySelectorAll("[data-part]")) this.#parts[part.dataset.part] = part;
    this.#pictures = new Pictures(
      client,
      (bitmap, question) => this.#receive(bitmap, question),
      (error, question) => this.#missed(error, question),
    );
    new SliceSlider(element.querySelector(".slice-slider"), state, this.#plane);
    this.#listen();
  }

  get name() {
    return this.#plane.plane;
  }

  get element() {
    return this.#element;
  }

  get plane() {
    return this.#plane;
  }

  /** What the plane's picture is like now: a stack's images may differ in size. */
  get image() {
    return this.#state.series.images?.[this.#drawn?.index ?? this.#state.slice(this.name)] ?? this.#plane;
  }

  get size() {
    return this.#size;
  }

  get isShown() {
    return this.#size.width > 0;
  }

  get isDrawn() {
    return this.#drawn !== null;
  }

  /** Whether the picture on the canvas is the one that is wanted. */
  get isCurrent() {
    return this.#drawn?.index === this.#state.slice(this.name) && this.#drawn.phase === this.#state.phase;
  }

  /** The slice whose picture is on the canvas: what the eye sees, and what values are read from. */
  get index() {
    return this.#drawn?.index ?? this.#state.slice(this.name);
  }

  get placed() {
    return place(this.image, this.#size, this.#state.view(this.name));
  }

  /** Pane coordinates of a pointer event: the middle of the device pixel that it points at. */
  at(event) {
    const { left, top } = this.#element.getBoundingClientRect();
    const { ratio } = this.#size;
    return devicePointer(event, ratio).map((pixel, axis) => {
      const edge = Math.round((axis ? top : left) * ratio);
      return (pixel - edge + 0.5 + BESIDE_MIDDLE) / ratio;
    });
  }

  pixelAt(at) {
    return pixelAt(this.placed, this.image, at);
  }

  nearestPixel(at) {
    return nearestPixel(this.placed, this.image, at);
  }

  retry() {
    this.#pictures.retry();
  }

  #listen() {
    const observer = new ResizeObserver((entries) => this.#resized(entries[0]));
    try {
      observer.observe(this.#element, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.#element); // Safari before 18
    }
    for (const change of ["point", "phase", "window", "layout"]) {
      this.#state.addEventListener(change, () => this.#changed());
    }
    this.#state.addEventListener("view", ({ detail }) => detail.plane === this.name && this.#schedule());
    this.#state.addEventListener("crosshair", () => this.#schedule());
  }

  #resized(entry) {
    const ratio = window.devicePixelRatio;
    const [deviceWidth, deviceHeight] = devicePixels(entry, ratio);
    // Panes may begin and end within a device pixel; the browser paints them on whole ones, and so do we.
    const [width, height] = [deviceWidth / ratio, deviceHeight / ratio];
    this.#size = { width, height, ratio };
    if (!width || !height) return;
    this.#canvas.width = deviceWidth;
    this.#canvas.height = deviceHeight;
    this.#lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#changed();
    this.#draw(); // at once: a cleared canvas must not be seen
  }

  #changed() {
    if (!this.isShown) return;
    const { phase, window, colormap, inverted, overlays } = this.#state;
    const index = this.#state.slice(this.name);
    const { count } = this.#plane;
    this.#pictures.want({ plane: this.name, index, count, phase, window, colormap, inverted, overlays });
    this.#schedule();
  }

  #receive(bitmap, question) {
    this.#bitmap = bitmap;
    this.#drawn = question;
    this.#parts.empty.hidden = true;
    this.#draw();
    this.#onDrawn(this.name);
  }

  /** No picture came. An image that cannot be decoded says so in its place, and is no reason to wait. */
  #missed(error, question) {
    if (error.status !== UNREADABLE) {
      this.#onFail(error);
      return;
    }
    this.#receive(null, question);
    this.#parts.empty.hidden = false;
    const icon = this.#parts.empty.querySelector("use");
    icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, "#exclamation-circle"));
    this.#parts["empty-text"].textContent = error.message;
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw() {
    if (!this.isShown) return;
    const placed = this.placed;
    this.#drawPicture(placed);
    this.#drawLines(placed);
    this.#write();
  }

  /** The picture, unless the canvas already shows just this: scrolling another pane moves only lines here. */
  #drawPicture({ originX, originY, stepX, stepY }) {
    const wanted = [this.#drawn?.url, originX, originY, stepX, stepY, ...Object.values(this.#size)].join();
    if (wanted === this.#painted) return;
    this.#painted = wanted;
    const { ratio } = this.#size;
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#bitmap) return;
    const [scaleX, scaleY] = [stepX * ratio, stepY * ratio];
    context.imageSmoothingEnabled = Math.min(scaleX, scaleY) < PIXELATED_FROM;
    context.imageSmoothingQuality = Math.max(scaleX, scaleY) < 1 ? "high" : "medium";
    // A pixel's centre is at its integer, so the picture begins half a pixel before.
    const [left, top] = [originX * ratio - scaleX / 2, originY * ratio - scaleY / 2];
    context.setTransform(scaleX, 0, 0, scaleY, left - BESIDE_MIDDLE, top - BESIDE_MIDDLE);
    context.drawImage(this.#bitmap, 0, 0);
  }

  #drawLines(placed) {
    const { width, height } = this.#size;
    const drawn = [];
    if (this.#state.crosshair && this.#state.planes.length > 1) {
      const centre = toScreen(placed, pixelOf(this.#plane, this.#state.point));
      for (const line of crossings(this.#plane, this.#state.planes, this.#state.point)) {
        const [across, middle, length] = line.vertical
          ? [centre[0], centre[1], height]
          : [centre[1], centre[0], width];
        drawn.push([`xh xh-${line.plane}`, linePath(line.vertical, across, middle, length)]);
      }
    }
    this.#parts.scale.textContent = "";
    if (this.image.is_calibrated !== false) {
      const bar = scaleBar(placed.scale, Math.max(50, width * SCALE_BAR_ROOM));
      const [x, y] = [Math.round((width - bar.width) / 2), Math.round(height - 32)];
      drawn.push(["scale-halo", scaleBarPath(bar, x, y)], ["scale-bar", scaleBarPath(bar, x, y)]);
      const { mm_note: note } = this.image; // words need the room above the bar
      this.#parts.scale.textContent = note ? `${bar.label} ${note}` : bar.label;
      this.#parts.scale.setAttribute("text-anchor", note ? "middle" : "start");
      this.#parts.scale.setAttribute("x", note ? width / 2 : x + bar.width + 7);
      this.#parts.scale.setAttribute("y", note ? y - 16 : y + 1);
    }
    const paths = drawn.map(([name, d]) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      path.setAttribute("d", d);
      return path;
    });
    this.#lines.querySelector("g").replaceChildren(...paths);
  }

  #write() {
    const { inverted, series, point } = this.#state;
    const zoom = this.#state.view(this.name).zoom;
    const { index } = this;
    this.#parts.window.textContent = this.#windowWords();
    this.#parts.inverted.hidden = !(this.#drawn?.inverted ?? inverted);
    this.#parts.zoom.textContent = `${zoom.toFixed(2)}\u00d7`;
    this.#parts.slice.textContent = index + 1;
    const voxel = this.#voxelOfSlice(point, index);
    const affine = affineOf(series, voxel[2]);
    const position = this.image.is_calibrated === false ? null : positionOf(affine, voxel);
    const uncalibrated = this.image.is_calibrated === false ? _("uncalibrated: no mm") : "";
    this.#parts.location.textContent = position
      ? `${location(this.name, position, affine)}\u00a0mm`
      : uncalibrated;
    for (const [side, suffix] of Object.entries(SIDES)) {
      this.#parts[`edge-${suffix}`].textContent = this.image.letters?.[side] ?? "";
    }
    this.#element.dataset.index = index;
    this.#element.dataset.zoom = zoom.toFixed(3);
    this.#canvas.setAttribute("aria-label", this.#description(index));
  }

  /** How the values on the canvas became greys. */
  #windowWords() {
    const { window, series } = this.#state;
    const { center, width, function: name, lut, own } = this.#drawn?.window ?? window;
    if (this.image.is_colour) return _("Colour");
    if (lut !== undefined) return series.presets.find((preset) => preset.lut === lut).label;
    if (own && this.image.has_lut) return "VOI LUT";
    const numbers = `W ${plain(width)} L ${plain(center)}`;
    return name === "sigmoid" ? `${numbers} ${_("sigmoid")}` : numbers;
  }

  #voxelOfSlice(point, index) {
    const voxel = [...point];
    voxel[this.#plane.axes_ijk[2]] = index;
    return voxel;
  }

  #description(index) {
    const words = { plane: this.#element.getAttribute("aria-label"), slice: index + 1, total: this.#plane.count };
    return _("%(plane)s, slice %(slice)s of %(total)s", words);
  }
}
