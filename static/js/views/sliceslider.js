// <div class="slice-slider" role="slider"> at a pane's right edge: a track with a thumb. The top is where
// reading begins (head, front, right), so the thumb and the slices go the same way.

import { calm } from "../lib/calm.js";
import { readingSense } from "../lib/frames.js";
import { _ } from "../state/words.js";

const MARGIN = 0.02; // of the height, above and below the track

export class SliceSlider {
  #element;
  #state;
  #pane;
  #thumb;
  #marks;
  #loaded;
  #drawn = "";

  /** @param pane  whose slices they are: it may come to show another plane */
  constructor(element, state, pane) {
    this.#element = element;
    this.#state = state;
    this.#pane = pane;
    this.#thumb = element.querySelector("[data-thumb]");
    this.#marks = element.querySelector("[data-slider-marks]");
    this.#loaded = element.querySelector("[data-slider-loaded]");
    element.setAttribute("aria-valuemin", 1);
    element.addEventListener("pointerdown", (event) => this.#begin(event));
    element.addEventListener("pointermove", (event) => this.#follow(event));
    const draw = calm(() => this.#draw());
    for (const change of ["point", "planes"]) state.addEventListener(change, draw);
    this.#draw();
  }

  get #frame() {
    return this.#state.plane(this.#pane.plane);
  }

  /** Where along the track a slice is, 0 at the top. */
  #partOf(index) {
    const last = Math.max(1, this.#frame.count - 1);
    return readingSense(this.#frame) > 0 ? index / last : 1 - index / last;
  }

  /** Ticks at slices that have marks: indices. */
  showMarks(indices) {
    const ticks = indices.map((index) => `M1 ${this.#percent(this.#partOf(index))}h2.5`);
    this.#marks?.setAttribute("d", ticks.join(""));
  }

  /** The slices that are in the browser: [first, last] ranges, or null where that does not matter. */
  showLoaded(ranges) {
    const lines = (ranges ?? []).map(([first, last]) => {
      const [from, to] = [this.#partOf(first), this.#partOf(last)].sort((a, b) => a - b);
      return `M1.5 ${this.#percent(from)}V${this.#percent(Math.max(to, from + 0.004))}`;
    });
    this.#loaded?.setAttribute("d", lines.join(""));
  }

  /** In the slider's drawing, 100 high. */
  #percent(part) {
    return Number(((MARGIN + part * (1 - 2 * MARGIN)) * 100).toFixed(2));
  }

  #begin(event) {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    this.#element.focus({ preventScroll: true });
    this.#element.setPointerCapture(event.pointerId);
    this.#state.setActive(this.#pane.name);
    this.#take(event);
  }

  #follow(event) {
    if (!this.#element.hasPointerCapture(event.pointerId)) return;
    event.stopPropagation();
    this.#take(event);
  }

  #take(event) {
    const box = this.#element.getBoundingClientRect();
    const along = (event.clientY - box.top) / box.height;
    const part = (along - MARGIN) / (1 - 2 * MARGIN);
    const frame = this.#frame;
    const last = frame.count - 1;
    const index = readingSense(frame) > 0 ? part * last : (1 - part) * last;
    this.#state.setSlice(frame.plane, index - this.#pane.offset * readingSense(frame));
  }

  #draw() {
    const { count } = this.#frame;
    const index = this.#pane.wanted;
    const y = `${this.#percent(this.#partOf(index))}%`;
    if (this.#drawn === `${y}/${count}`) return;
    this.#drawn = `${y}/${count}`;
    this.#thumb.setAttribute("y", y);
    this.#element.setAttribute("aria-valuemax", count);
    this.#element.setAttribute("aria-valuenow", index + 1);
    const words = { slice: index + 1, total: count };
    this.#element.setAttribute("aria-valuetext", _("%(slice)s of %(total)s", words));
  }
}
