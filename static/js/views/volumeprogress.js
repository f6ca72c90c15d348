// How much of the volume is in the browser: in the status bar while it comes, and on the sliders, which show the slices
// that are here. <span data-volume hidden> with [data-volume-text], <progress>, [data-volume-part]

import { decimal } from "../lib/numbers.js";

const MB = 1e6;

export class VolumeProgress {
  #element;
  #source;
  #panes;

  /** @param panes  () → iterable of Pane */
  constructor(element, source, panes) {
    this.#element = element;
    this.#source = source;
    this.#panes = panes;
    source.addEventListener("progress", () => this.#draw());
    source.addEventListener("failed", () => this.#draw());
  }

  #draw() {
    const { volume, bytes } = this.#source;
    const part = volume?.fraction ?? 0;
    const isComing = Boolean(volume) && !volume.isComplete;
    this.#element.hidden = !isComing;
    this.#element.closest(".viewer").dataset.volume = volume?.isComplete ? "here" : volume ? "coming" : "none";
    for (const pane of this.#panes()) this.#drawSlider(pane, volume);
    if (!isComing) return;
    const amount = `${decimal((part * bytes) / MB, 1)} / ${decimal(bytes / MB, 1)}\u00a0MB`;
    this.#element.querySelector("[data-volume-text]").textContent = amount;
    this.#element.querySelector("progress").value = Math.round(part * 100);
    this.#element.querySelector("[data-volume-part]").textContent = `${Math.round(part * 100)}\u00a0%`;
  }

  #drawSlider(pane, volume) {
    const frame = pane.state.plane(pane.plane);
    if (!volume || frame.is_oblique) pane.slider?.showLoaded(null);
    else if (frame.axes_ijk[2] === 2) pane.slider?.showLoaded(volume.loadedRanges());
    else pane.slider?.showLoaded(volume.isComplete ? [[0, frame.count - 1]] : null);
  }
}
