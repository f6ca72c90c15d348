// The panel's colour maps: a radio group of swatches, the bar with its values below. Expects
//   input[type=radio][name=colormap] in [data-colormaps] · [data-colorbar] (the bar's place) · [data-bar-value="low|middle|high"]
//   input[data-colorbar-shown]

import { isTurned } from "../lib/windowing.js";
import { barWords, newBar, paintBar } from "./colorbar.js";

export class ColormapChoice {
  #element;
  #state;
  #bars;
  #bar = newBar(false);

  /** @param bars  ColorBars of the panes, or null */
  constructor(element, state, bars = null) {
    this.#element = element;
    this.#state = state;
    this.#bars = bars;
    element.querySelector("[data-colormaps]").addEventListener("change", ({ target }) => {
      state.setColormap(target.value);
    });
    this.#shown?.addEventListener("change", ({ target }) => this.#bars?.show(target.checked));
    element.querySelector("[data-colorbar]").append(this.#bar);
    this.draw();
  }

  get #shown() {
    return this.#element.querySelector("[data-colorbar-shown]");
  }

  draw() {
    const { window, colormap } = this.#state;
    const inverted = isTurned(this.#state.frame(this.#state.planes[0].plane), this.#state.inverted);
    const chosen = this.#element.querySelector(`[name=colormap][value="${colormap}"]`);
    if (chosen) chosen.checked = true;
    if (this.#bars && this.#shown) this.#shown.checked = this.#bars.isShown;
    paintBar(this.#bar, { window, colormap, inverted });
    barWords(window).forEach((text, n) => {
      this.#element.querySelector(`[data-bar-value=${["low", "middle", "high"][n]}]`).textContent = text;
    });
  }
}
