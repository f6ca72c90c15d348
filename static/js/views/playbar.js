// <div class="play-bar" data-play-bar="phase|stack"> with [data-play], <input type="range">, [data-label], [data-count]:
// walks through the volumes of a part, or plays the images of a stack as the film that they are.

import { stepOf } from "../lib/cine.js";
import { _ } from "../state/words.js";

export class PlayBar {
  #element;
  #walk;
  #input;
  #button;
  #intervalMs;
  #playing = null; // { from, at } of the film
  #request = 0;

  /**
   * @param walk  { count, now(), goTo(place), label(place), isDrawn() }
   * @param intervalMs  of one step while it plays
   */
  constructor(element, walk, intervalMs) {
    this.#element = element;
    this.#walk = walk;
    this.#intervalMs = intervalMs;
    this.#input = element.querySelector("input");
    this.#button = element.querySelector("[data-play]");
    this.#input.addEventListener("input", () => {
      const wanted = Number(this.#input.value); // before stop() draws the place where the film was
      this.stop();
      walk.goTo(wanted);
    });
    this.#button.addEventListener("click", () => this.toggle());
    // The longest label keeps its room, so that the slider stays where it is.
    const labels = Array.from({ length: walk.count }, (_unused, place) => walk.label(place));
    const widest = labels.reduce((one, other) => (other.length > one.length ? other : one), "");
    element.querySelector("[data-label]").dataset.widest = widest;
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
    this.draw();
  }

  get isPlaying() {
    return this.#playing !== null;
  }

  toggle() {
    if (this.isPlaying) this.stop();
    else this.#start();
  }

  stop() {
    if (!this.isPlaying) return;
    cancelAnimationFrame(this.#request);
    this.#playing = null;
    this.draw();
  }

  /** Show where the walk is now. */
  draw() {
    const { count } = this.#walk;
    const now = this.#walk.now();
    const label = this.#walk.label(now);
    this.#input.value = now;
    this.#input.setAttribute("aria-valuetext", label);
    this.#element.querySelector("[data-label]").textContent = label;
    this.#element.querySelector("[data-count]").textContent = `${now + 1} / ${count}`;
    this.#button.setAttribute("aria-pressed", String(this.isPlaying));
    const words = this.isPlaying ? _("Pause") : _("Play");
    this.#button.setAttribute("aria-label", words);
    this.#button.title = `${words}  C`;
  }

  #start() {
    this.#playing = { from: this.#walk.now(), at: performance.now() };
    this.#request = requestAnimationFrame((time) => this.#tick(time));
    this.draw();
  }

  /** A slow connection drops frames, and never piles them up: the next one is wanted when this one is there. */
  #tick(time) {
    if (!this.isPlaying) return;
    const { from, at } = this.#playing;
    const wanted = stepOf(from, time - at, this.#intervalMs, this.#walk.count);
    if (wanted !== this.#walk.now() && this.#walk.isDrawn()) this.#walk.goTo(wanted);
    this.#request = requestAnimationFrame((next) => this.#tick(next));
  }
}
