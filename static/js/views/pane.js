// One pane: <section class="pane" data-plane="axial" tabindex="0"> with
//   <canvas class="pane-image"> <svg class="pane-lines"> .corner, .edge, .slice-slider
// The canvas holds the picture in device pixels; lines and words lie over it and keep their size. Pictures come from
// the volume in the browser where it is there, else from the server. Says of itself: data-index (the slice drawn),
// data-zoom. Sends "painted" after each draw.

import { devicePixels, devicePointer } from "../lib/devicepixels.js";
import { distanceFrom, lpsAt, placeOf, readingSense } from "../lib/frames.js";
import { nearestPixel, pixelAt, place, toImage, toScreen } from "../lib/viewtransform.js";
import { LocalCanvas } from "./localcanvas.js";
import { BESIDE_MIDDLE, PaneCanvas } from "./panecanvas.js";
import { PaneLines, crossingsOf } from "./panelines.js";
import { PaneWords } from "./panewords.js";
import { Pictures } from "./pictures.js";
import { SliceSlider } from "./sliceslider.js";

const SVG = "http://www.w3.org/2000/svg";
const UNREADABLE = 422;
const SLOW_MS = 12; // of a turned plane: what takes longer is drawn coarser while a hand moves it
const MOVES = ["crosshair", "scroll"]; // tools that go from slice to slice, or turn them
const MOVING = ["pointermove", "wheel"];
const CORNER_MS = 250;
const CHANGES = ["point", "phase", "window", "slab", "planes", "layout"];
// What a picture is made of.
const MAKES = ["plane", "index", "frame", "phase", "window", "colormap", "inverted", "overlays", "slab", "coarse"];

export class Pane extends EventTarget {
  #state;
  #element;
  #canvas;
  #lines;
  #words;
  #layers = new Map();
  #pictures;
  #local;
  #localCanvas = new LocalCanvas();
  #size = { width: 0, height: 0, ratio: 1 };
  #drawn = null; // the question whose answer is on the canvas
  #question = null; // the one that is wanted
  #frameWanted = 0;
  #isStale = false;
  #corner = null;
  #isSlow = false; // whether the last whole picture of a turned plane took too long for a hand
  #onDrawn;
  #onFail;
  #parts = {};

  /**
   * @param element  the <section class="pane">
   * @param state    ViewerState
   * @param client   SeriesClient
   * @param local    () → LocalPictures, or null
   * @param onDrawn  (pane) → void, each time a new picture is on the canvas
   * @param onFail   (error) → void, when it is not this image that is at fault
   */
  constructor(element, state, client, { local = () => null, onDrawn, onFail }) {
    super();
    this.#element = element;
    this.#state = state;
    this.#local = local;
    this.#canvas = new PaneCanvas(element.querySelector("canvas.pane-image"));
    this.#onDrawn = onDrawn;
    this.#onFail = onFail;
    for (const part of element.querySelectorAll("[data-part]")) this.#parts[part.dataset.part] = part;
    this.#lines = new PaneLines(element.querySelector(".pane-lines"), this.#parts.scale);
    this.#words = new PaneWords(element, this.#parts);
    this.#pictures = new Pictures(
      client,
      (bitmap, question) => this.#receive(bitmap, question),
      (error, question) => this.#missed(error, question),
    );
    const slider = element.querySelector(".slice-slider");
    this.slider = slider ? new SliceSlider(slider, state, this) : null;
    this.#listen();
  }

  /** The pane's own name: of its plane, unless several panes show one plane. */
  get name() {
    return this.#element.dataset.pane ?? this.plane;
  }

  /** The plane that it shows. */
  get plane() {
    return this.#element.dataset.plane;
  }

  /** So many slices on in reading order from the slice of the crosshair. */
  get offset() {
    return Number(this.#element.dataset.offset ?? 0);
  }

  get element() {
    return this.#element;
  }

  get state() {
    return this.#state;
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
    return this.#drawn?.index === this.wanted && this.#drawn.phase === this.#state.phase;
  }

  /** Whether the picture was made in the browser. */
  get isLocal() {
    return Boolean(this.#drawn?.isLocal);
  }

  /** The slice that is to be shown. */
  get wanted() {
    const frame = this.#state.plane(this.plane);
    const index = this.#state.slice(this.plane) + this.offset * readingSense(frame);
    return Math.min(frame.count - 1, Math.max(0, index));
  }

  /** The slice whose picture is on the canvas: what the eye sees, and what values are read from. */
  get index() {
    return this.#drawn?.index ?? this.wanted;
  }

  /** What is on the canvas: { index, phase, window, colormap, inverted, slab, … }; null before the first picture. */
  get drawn() {
    return this.#drawn;
  }

  /** What drawImage takes of the picture on the canvas, of the whole plane; null before the first. */
  get picture() {
    return this.#canvas.picture;
  }

  /** The frame of the picture on the canvas. */
  get frame() {
    return this.#drawn?.frame ?? this.#state.frame(this.plane, this.wanted);
  }

  get view() {
    return this.#state.view(this.plane);
  }

  get placed() {
    return place(this.frame, this.#size, this.view);
  }

  /** "patient" where points are places in LPS mm, "image" where they are [x, y, index] in pixels. */
  get space() {
    return this.frame.to_lps && this.plane !== "stack" ? "patient" : "image";
  }

  /** Pane coordinates of a pointer event: the middle of the device pixel that it points at. */
  at(event) {
    const { left, top } = this.#cornerAt(event);
    const { ratio } = this.#size;
    return devicePointer(event, ratio).map((pixel, axis) => {
      const edge = Math.round((axis ? top : left) * ratio);
      return (pixel - edge + 0.5 + BESIDE_MIDDLE) / ratio;
    });
  }

  /**
   * Where the pane begins on the page. Asking after a change lays the page out, so while a hand moves it is asked now
   * and then only; presses, resizes and other layouts ask anew.
   */
  #cornerAt({ type, timeStamp = NaN }) {
    const isMove = MOVING.includes(type) && timeStamp < this.#corner?.until;
    if (!isMove && this.#corner?.time !== timeStamp) {
      const { left, top } = this.#element.getBoundingClientRect();
      this.#corner = { left, top, time: timeStamp, until: timeStamp + CORNER_MS };
    }
    return this.#corner;
  }

  pixelAt(at) {
    return pixelAt(this.placed, this.frame, at);
  }

  nearestPixel(at) {
    return nearestPixel(this.placed, this.frame, at);
  }

  /** The point under a place on the pane. */
  pointAt(at) {
    const pixel = toImage(this.placed, at);
    return this.space === "patient" ? lpsAt(this.frame, pixel, this.index) : [...pixel, this.index];
  }

  /** Where a point is seen, whether or not it lies on the slice. */
  screenOf(point) {
    return toScreen(this.placed, this.space === "patient" ? placeOf(this.frame, point) : point);
  }

  /** How far a point is off the slice: mm, or images. */
  offPlane(point) {
    if (this.space === "patient") return Math.abs(distanceFrom(this.frame, point, this.index));
    return Math.abs(point[2] - this.index);
  }

  /** The crosshair's lines as they are seen: { plane, at, along } in CSS pixels. */
  get crossings() {
    const { crosshair, planes, pointLps } = this.#state;
    return crosshair && !this.offset ? crossingsOf(this.frame, planes, pointLps, this.placed) : [];
  }

  /** A layer over the picture for drawings in CSS pixels of the pane: an <svg>'s <g>. */
  svg(name) {
    if (!this.#layers.has(name)) {
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("class", `pane-layer layer-${name}`);
      svg.setAttribute("aria-hidden", "true");
      const group = document.createElementNS(SVG, "g");
      svg.append(group);
      this.#element.querySelector(".pane-lines").after(svg);
      this.#layers.set(name, group);
      this.#resizeLayers();
    }
    return this.#layers.get(name);
  }

  retry() {
    this.#pictures.retry();
  }

  /** Ask for the picture again: the pane shows another plane. */
  refresh() {
    this.#canvas.forget();
    this.#changed();
  }

  /** More of the volume came: what is still waited for, or comes from the server, may be made here. */
  volumeCame() {
    if (!this.isCurrent || !this.isLocal) this.#changed();
  }

  #listen() {
    const observer = new ResizeObserver((entries) => this.#resized(entries[0]));
    try {
      observer.observe(this.#element, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.#element); // Safari before 18
    }
    for (const change of CHANGES) this.#state.addEventListener(change, () => this.#changed());
    this.#state.addEventListener("view", ({ detail }) => detail.plane === this.plane && this.#schedule());
    this.#state.addEventListener("crosshair", () => this.#schedule());
    this.#state.addEventListener("layout", () => {
      this.#corner = null;
    });
    this.#state.addEventListener("held", () => this.#drawn?.coarse && this.#changed());
  }

  #resized(entry) {
    const ratio = window.devicePixelRatio;
    const [deviceWidth, deviceHeight] = devicePixels(entry, ratio);
    // Panes may begin and end within a device pixel; the browser paints them on whole ones, and so do we.
    const [width, height] = [deviceWidth / ratio, deviceHeight / ratio];
    this.#size = { width, height, ratio };
    this.#corner = null;
    if (!width || !height) return;
    this.#canvas.resize(deviceWidth, deviceHeight);
    this.#lines.resize(this.#size);
    this.#resizeLayers();
    this.#isStale = true;
    this.#draw(); // at once: a cleared canvas must not be seen
  }

  #resizeLayers() {
    const { width, height } = this.#size;
    for (const group of this.#layers.values()) group.parentNode.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  #changed() {
    if (!this.isShown) return;
    this.#isStale = true;
    this.#schedule();
  }

  #schedule() {
    if (this.#frameWanted) return;
    this.#frameWanted = requestAnimationFrame(() => this.#draw());
  }

  /** What is to be shown, as pictures are asked for. */
  #ask() {
    const { phase, window, colormap, inverted, overlays, slab } = this.#state;
    const index = this.wanted;
    const frame = this.#state.frame(this.plane, index);
    return { plane: this.plane, index, count: frame.count, frame, phase, window, colormap, inverted, overlays, slab };
  }

  #update() {
    this.#isStale = false;
    const local = this.#local();
    const question = this.#hurried(this.#ask(), local);
    this.#question = question;
    if (this.#shows(question)) {
      this.#pictures.drop(); // another plane was scrolled, or this one back again: here only lines move
    } else if (local?.canDraw(question)) {
      this.#pictures.drop();
      const began = performance.now();
      const picture = this.#localCanvas.draw(local.draw(question));
      if (question.frame.is_oblique && !question.coarse) this.#isSlow = performance.now() - began > SLOW_MS;
      this.#take(picture, { ...question, isLocal: true });
    } else {
      this.#pictures.want(question);
    }
  }

  /** Whether the canvas already holds just this picture, made in the browser. */
  #shows(question) {
    return Boolean(this.#drawn?.isLocal) && MAKES.every((name) => this.#drawn[name] === question[name]);
  }

  /** The same question, or while a hand moves turned planes faster than they can be drawn, a coarser one. */
  #hurried(question, local) {
    if (!local || !question.frame.is_oblique || !MOVES.includes(this.#state.held)) return question;
    const coarser = { ...question, coarse: true };
    const isNeeded = this.#isSlow || !local.canDraw(question);
    return isNeeded && local.canDraw(coarser) ? coarser : question;
  }

  #receive(bitmap, question) {
    this.#take(bitmap, question);
    this.#draw();
  }

  #take(picture, question) {
    this.#drawn = question;
    this.#canvas.take(picture);
    this.#element.querySelector(".pane-first")?.remove();
    if (!this.#parts.empty.hidden) this.#parts.empty.hidden = true;
    this.#onDrawn(this);
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

  #draw() {
    cancelAnimationFrame(this.#frameWanted);
    this.#frameWanted = 0;
    if (!this.isShown) return;
    if (this.#isStale) this.#update();
    const { frame, placed } = this;
    this.#canvas.draw(frame, placed.matrix, this.#size);
    this.#lines.drawCrosshair(this.crossings);
    this.#lines.drawScale(frame, placed.scale, this.#size);
    this.#write(frame);
    this.dispatchEvent(new Event("painted"));
  }

  #write(frame) {
    const { index } = this;
    const shown = { ...(this.#drawn ?? this.#question ?? this.#ask()), index, view: this.view };
    this.#words.write(this.#state, frame, shown);
  }
}
