// The histogram with the window's curve over it, to be worked at. Expects
//   svg[data-histogram] with .grid .range .bars .bound .curve [data-ticks] [data-knots] · [data-scale="linear|log"]
//   input[data-limit] (0 to 1000) with output[data-limit-count] · [data-view="in|out|window|all"] · [data-curve-add]
//   [data-curve-reset] · [data-histogram-note]
// Double click: a point more. Ctrl and wheel: nearer about the pointer; a drag of the ground moves what is shown.

import { curveBounds, MAX_POINTS, rampCurve, roomiest } from "../lib/curve.js";
import { axisTicks, highest, outline, shownRange } from "../lib/histogrampath.js";
import { around, EDGE, HistogramScale, moved, reaching, wholeRange, zoomed } from "../lib/histogramscale.js";
import { decimal } from "../lib/numbers.js";
import { bounds, isTurned, windowOf } from "../lib/windowing.js";
import { shapeOf } from "../lib/windowshape.js";
import { _ } from "../state/words.js";
import { CurveKnots } from "./curveknots.js";

const SVG = "http://www.w3.org/2000/svg";
const AXIS_PX = 18;
const TICK_ROOM_PX = 46;
const LIMIT_STEPS = 1000;
const LIMIT_DECADES = 4; // the slider goes from a ten-thousandth of the highest column to all of it

export class HistogramEditor {
  #element;
  #svg;
  #state;
  #histogram = null;
  #range;
  #isChosen = false; // the range, by hand
  #logarithmic = true;
  #limit = LIMIT_STEPS; // of the slider; all the way up is as much as suits
  #size = { width: 0, height: 0 };
  #pending = null; // what the next frame makes the window
  #plain; // the window before there was a curve
  #ground = null; // a drag of what is shown
  #fromPlain = false;
  #knots;
  #say;
  #context; // its history comes later

  /** @param context  { state, say, history? } of the page */
  constructor(element, context) {
    const { state, say } = context;
    this.#element = element;
    this.#state = state;
    this.#say = say;
    this.#context = context;
    this.#svg = element.querySelector("[data-histogram]");
    this.#plain = state.series.window;
    const [low, high] = state.series.value_range;
    this.#range = [low, high > low ? high : low + 1];
    const editor = this;
    this.#knots = new CurveKnots(this.#svg, this.#svg.querySelector("[data-knots]"), {
      get scale() {
        return editor.#scale();
      },
      get curve() {
        return editor.#curve();
      },
      get digits() {
        return editor.#digits();
      },
      get unit() {
        return state.series.unit_words?.[state.series.unit] ?? state.series.unit ?? "";
      },
      change: (curve) => this.#propose(curve),
      stroke: (moment) => this.#stroke(moment),
      say,
    });
    this.#listen();
    new ResizeObserver(() => this.#resized()).observe(this.#svg);
    this.draw();
  }

  /** Show another histogram, { counts, bin_edges }; its range is kept where it was chosen by hand. */
  show(histogram) {
    this.#histogram = histogram;
    this.#element.querySelector("[data-histogram-note]").hidden = true;
    this.#range = this.#isChosen ? moved(this.#range, 0, this.#whole()) : this.#usual();
    this.#drawBars();
    this.draw();
  }

  /** Say that there is none; the curve can be worked at all the same. */
  fail(text) {
    const note = this.#element.querySelector("[data-histogram-note]");
    note.textContent = text;
    note.hidden = false;
  }

  /** The window over the histogram. */
  draw() {
    const { window } = this.#state;
    if (!window.curve && !this.#pending) this.#plain = window;
    if (!this.#size.width) return;
    const scale = this.#scale();
    const shape = this.#pending ?? shapeOf(window);
    const ends = this.#pending ? curveBounds(this.#pending) : bounds(window);
    const [low, high] = ends.map((value) => Math.min(scale.width, Math.max(0, scale.x(value))));
    const range = this.#svg.querySelector(".range");
    range.setAttribute("x", low.toFixed(1));
    range.setAttribute("width", (high - low).toFixed(1));
    range.setAttribute("height", scale.height);
    this.#svg.querySelector(".curve").setAttribute("d", scale.path(shape));
    const lines = [low, high].map((x) => `M${x.toFixed(1)} 0V${scale.height}`);
    this.#svg.querySelector(".bound").setAttribute("d", lines.join(""));
    this.#knots.draw();
    const count = this.#curve().length;
    this.#element.querySelector("[data-curve-add]").setAttribute("aria-disabled", String(count >= MAX_POINTS));
    this.#element.querySelector("[data-curve-reset]").disabled = !window.curve;
    const told = this.#element.querySelector("[data-curve-count]");
    told.textContent = window.curve ? _("%(count)s of %(most)s points", { count, most: MAX_POINTS }) : "";
  }

  #listen() {
    const svg = this.#svg;
    svg.addEventListener("dblclick", (event) => this.#doubled(event));
    svg.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, () => {
        this.#ground = null;
      });
    }
    this.#element.addEventListener("click", ({ target }) => {
      const { dataset } = target.closest("button") ?? { dataset: {} };
      if (dataset.scale) this.#chooseScale(dataset.scale);
      if (dataset.view) this.#chooseView(dataset.view);
      if ("curveAdd" in dataset) this.#addPoint();
      if ("curveReset" in dataset) this.#reset();
    });
    this.#element.querySelector("[data-limit]").addEventListener("input", ({ target }) => {
      this.#limit = Number(target.value);
      this.#drawBars();
    });
  }

  // --- the curve

  /** The points to be worked at: the curve, or the two ends of the ramp. */
  #curve() {
    if (this.#pending) return this.#pending;
    const { window } = this.#state;
    return window.curve ?? rampCurve(bounds(window), this.#digits());
  }

  #digits() {
    // SUV and other small values need finer steps than the panel's figures show.
    return this.#state.digits;
  }

  /** Take *curve* with the next frame: the picture is made no more often than it is shown. */
  #propose(curve) {
    const isNew = this.#pending === null;
    if (isNew) this.#fromPlain = !this.#state.window.curve;
    this.#pending = curve;
    this.draw();
    if (isNew) requestAnimationFrame(() => this.#take());
  }

  #take() {
    const curve = this.#pending;
    this.#pending = null;
    if (!curve) return;
    const isRamp = curve.length === 2 && curve[0][1] === 0 && curve[1][1] === 255;
    // The ends of a plain window were moved: it stays one.
    if (isRamp && this.#fromPlain) this.#state.setWindow(windowOf(curve[0][0], curve[1][0], this.#digits()));
    else this.#state.setWindow({ curve });
    this.draw();
  }

  #stroke(moment) {
    if (moment === "end") this.#take();
    this.#context.history?.stroke(moment);
  }

  #addPoint() {
    const found = roomiest(this.#curve(), this.#digits());
    if (!found) {
      this.#say(_("A curve has %(most)s points at most.", { most: MAX_POINTS }));
      return;
    }
    this.#propose(found.curve);
    this.#knots.focus(found.place);
  }

  #reset() {
    this.#pending = null;
    this.#state.setWindow(this.#plain);
    this.#say(_("Curve removed"));
  }

  #doubled(event) {
    if (event.target.closest(".knot")) return;
    const [x, y] = this.#at(event);
    const scale = this.#scale();
    if (y > scale.height) return;
    this.#knots.add([scale.value(x), scale.grey(y)]);
  }

  // --- what is shown

  #chooseScale(name) {
    this.#logarithmic = name === "log";
    for (const button of this.#element.querySelectorAll("[data-scale]")) {
      button.setAttribute("aria-pressed", String(button.dataset.scale === name));
    }
    this.#drawBars();
  }

  #chooseView(name) {
    const whole = this.#whole();
    if (name === "all") this.#look(this.#histogram ? this.#usual() : whole, false);
    else if (name === "window") this.#look(around(bounds(this.#state.window), whole));
    else this.#look(zoomed(this.#range, name === "in" ? 2 : 0.5, (this.#range[0] + this.#range[1]) / 2, whole));
  }

  #usual() {
    return reaching(shownRange(this.#histogram), bounds(this.#state.window));
  }

  #look(range, isChosen = true) {
    this.#range = range;
    this.#isChosen = isChosen;
    this.#drawBars();
    this.draw();
  }

  #whole() {
    const edges = this.#histogram?.bin_edges ?? this.#state.series.value_range;
    return wholeRange(edges, bounds(this.#state.window));
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the panel scrolls
    event.preventDefault();
    const factor = Math.exp(-Math.sign(event.deltaY) * 0.25);
    this.#look(zoomed(this.#range, factor, this.#scale().value(this.#at(event)[0]), this.#whole()));
  }

  #down(event) {
    if (event.button !== 0 || this.#knots.isBusy || event.pointerType === "touch") return;
    this.#svg.setPointerCapture(event.pointerId);
    this.#ground = { x: event.clientX, range: this.#range };
  }

  #drag(event) {
    if (!this.#ground) return;
    const { x, range } = this.#ground;
    const by = ((x - event.clientX) / this.#scale().inner) * (range[1] - range[0]);
    this.#look(moved(range, by, this.#whole()));
  }

  // --- drawing

  #at(event) {
    const box = this.#svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #scale() {
    const { width, height } = this.#size;
    const frame = this.#state.frame(this.#state.planes[0].plane);
    const inverted = isTurned(frame, this.#state.inverted);
    return new HistogramScale({ width, height: height - AXIS_PX, range: this.#range, inverted });
  }

  #resized() {
    const { clientWidth: width, clientHeight: height } = this.#svg;
    if (!width || (width === this.#size.width && height === this.#size.height)) return;
    this.#size = { width, height };
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#drawBars();
    this.draw();
  }

  #drawBars() {
    if (!this.#size.width) return;
    const scale = this.#scale();
    this.#drawTicks(scale);
    if (!this.#histogram) return;
    const limit = this.#limitCount(scale.inner);
    const box = { width: scale.inner, height: scale.height, logarithmic: this.#logarithmic, limit };
    const bars = this.#svg.querySelector(".bars");
    bars.setAttribute("d", outline(this.#histogram, this.#range, box));
    bars.setAttribute("transform", `translate(${EDGE} 0)`);
    const words = limit ? decimal(limit) : _("Auto");
    this.#element.querySelector("[data-limit-count]").textContent = words;
    this.#element.querySelector("[data-limit]").setAttribute("aria-valuetext", words);
  }

  /** The count at which columns are cut off; 0 for as much as suits. */
  #limitCount(width) {
    if (this.#limit >= LIMIT_STEPS) return 0;
    const share = 10 ** ((this.#limit / LIMIT_STEPS - 1) * LIMIT_DECADES);
    return Math.max(1, Math.round(highest(this.#histogram, this.#range, width) * share));
  }

  #drawTicks(scale) {
    const ticks = axisTicks(this.#range, Math.max(3, Math.floor(scale.width / TICK_ROOM_PX)));
    const lines = ticks.map((value) => `M${scale.x(value).toFixed(1)} 0V${scale.height}`);
    this.#svg.querySelector(".grid").setAttribute("d", lines.join(""));
    const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const shown = ticks.filter((value) => scale.x(value) > 14 && scale.x(value) < scale.width - 14);
    this.#svg.querySelector("[data-ticks]").replaceChildren(
      ...shown.map((value) => {
        const text = document.createElementNS(SVG, "text");
        text.setAttribute("x", scale.x(value).toFixed(1));
        text.setAttribute("y", scale.height + 13);
        text.setAttribute("text-anchor", "middle");
        text.textContent = decimal(value, decimals);
        return text;
      }),
    );
  }
}
