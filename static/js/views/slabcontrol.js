// The slab's menu: <div data-slab> with [data-projection] buttons, input[data-slab-range], input[data-slab-number];
// [data-slab-button] opens it and shows whether a slab is on.

import { parse, plain } from "../lib/numbers.js";
import { NO_SLAB } from "../state/viewer.js";

const USUAL_MM = 10;

export class SlabControl {
  #active;
  #element;
  #button;
  #range;
  #number;
  #before = { mm: USUAL_MM, projection: "mip" };

  /**
   * @param active    { state } of the series that is being read
   * @param readings  all that may come to be read
   */
  constructor(element, active, readings, button) {
    this.#active = active;
    this.#element = element;
    this.#button = button;
    this.#range = element.querySelector("[data-slab-range]");
    this.#number = element.querySelector("[data-slab-number]");
    element.addEventListener("click", ({ target }) => {
      const choice = target.closest("[data-projection]");
      if (choice) this.#state.setSlab({ projection: choice.dataset.projection, mm: this.#state.slab.mm || this.#before.mm });
    });
    this.#range.addEventListener("input", () => this.#state.setSlab({ mm: Number(this.#range.value) }));
    this.#number.addEventListener("change", () => this.#typed());
    for (const { state } of readings) {
      for (const change of ["slab", "active"]) state.addEventListener(change, () => this.#draw());
    }
    this.#draw();
  }

  get #state() {
    return this.#active.state;
  }

  /** On with the last thickness, or off. */
  toggle() {
    this.#state.setSlab(this.#state.slab.mm ? { ...this.#state.slab, mm: NO_SLAB.mm } : this.#before);
  }

  #typed() {
    const mm = parse(this.#number.value);
    const isWhole = mm >= 0 && mm <= Number(this.#range.max);
    this.#number.setAttribute("aria-invalid", String(!isWhole));
    if (isWhole) this.#state.setSlab({ mm });
  }

  #draw() {
    const { mm, projection } = this.#state.slab;
    if (mm) this.#before = { mm, projection };
    this.#range.value = mm;
    this.#number.value = plain(mm);
    this.#number.setAttribute("aria-invalid", "false");
    this.#button.classList.toggle("is-on", mm > 0);
    for (const choice of this.#element.querySelectorAll("[data-projection]")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.projection === projection));
    }
  }
}
