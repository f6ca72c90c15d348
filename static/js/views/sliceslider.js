// <div class="slice-slider" role="slider"> at a pane's right edge: a track with a thumb. The top is where
// reading begins (head, front, right), so the thumb and the slices go the same way.

import { readingSense } from "../lib/planes.js";
import { _ } from "../state/words.js";

const MARGIN = 0.02; // of the height, above and below the track

export class SliceSlider {
  #element;
  #state;
  #plane;
  #sense;
  #thumb;

  constructor(element, state, plane) {
    this.#element = element;
    this.#state = state;
    this.#plane = plane;
    this.#sense = readingSense(plane, state.series.affine);
    this.#thumb = element.querySelector("[data-thumb]");
    element.setAttribute("aria-valuemin", 1);
    element.setAttribute("aria-valuemax", plane.count);
    element.addEventListener("pointerdown", (event) => this.#begin(event));
    element.addEventListener("pointermove", (event) => this.#follow(event));
    state.addEventListener("point", () => this.#draw());
    this.#draw();
  }

  #begin(event) {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    this.#element.focus({ preventScroll: true });
    this.#element.setPointerCapture(event.pointerId);
    this.#state.setActive(this.#plane.plane);
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
    const last = this.#plane.count - 1;
    this.#state.setSlice(this.#plane.plane, this.#sense > 0 ? part * last : (1 - part) * last);
  }

  #draw() {
    const index = this.#state.slice(this.#plane.plane);
    const last = Math.max(1, this.#plane.count - 1);
    const part = this.#sense > 0 ? index / last : 1 - index / last;
    this.#thumb.setAttribute("y", `${((MARGIN + part * (1 - 2 * MARGIN)) * 100).toFixed(2)}%`);
    this.#element.setAttribute("aria-valuenow", index + 1);
    const words = { slice: index + 1, total: this.#plane.count };
    this.#element.setAttribute("aria-valuetext", _("%(slice)s of %(total)s", words));
  }
}
