// <div class="phone-slider"> with <input type="range"> and [data-now], [data-total]: the slices of the pane shown,
// within the thumb's reach.

import { readingSense } from "../lib/frames.js";
import { _ } from "../state/words.js";

export class PhoneSlider {
  #element;
  #state;
  #input;

  constructor(element, state) {
    this.#element = element;
    this.#state = state;
    this.#input = element.querySelector("input");
    this.#input.addEventListener("input", () => this.#moved());
    for (const change of ["point", "planes", "active", "layout"]) state.addEventListener(change, () => this.#draw());
    this.#draw();
  }

  get #plane() {
    return this.#state.plane(this.#state.active);
  }

  #moved() {
    const value = Number(this.#input.value);
    this.#state.setSlice(this.#plane.plane, this.#swap(value));
  }

  /** Slider place ↔ slice: the slider begins where reading begins. */
  #swap(number) {
    const plane = this.#plane;
    return readingSense(plane) > 0 ? number : plane.count - 1 - number;
  }

  #draw() {
    const plane = this.#plane;
    this.#element.classList.toggle("is-empty", !plane || plane.count < 2);
    this.#input.disabled = !plane;
    if (!plane) return;
    const index = this.#state.slice(plane.plane);
    this.#input.max = plane.count - 1;
    this.#input.value = this.#swap(index);
    this.#input.setAttribute(
      "aria-valuetext",
      _("%(slice)s of %(total)s", { slice: index + 1, total: plane.count }),
    );
    this.#element.querySelector("[data-now]").textContent = index + 1;
    this.#element.querySelector("[data-total]").textContent = `/ ${plane.count}`;
  }
}
