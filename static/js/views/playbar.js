// <div class="play-bar" data-play-bar="phase|stack|slices"> with [data-play], <input type="range">, [data-label],
// [data-count], <input data-fps>, [data-bounce], [data-close]?: walks through the volumes of a part, or plays the images
// of a stack or the slices of a plane as a film. It never begins by itself.

import { LEAST_FPS, MOST_FPS, USUAL_INTERVAL_MS, filmAt, fpsOf, readFps } from "../lib/cine.js";
import { _ } from "../state/words.js";

export class PlayBar {
  #element;
  #walk;
  #input;
  #button;
  #fps;
  #bounce;
  #intervalMs;
  #bounces = false;
  #playing = null; // { from, sense, at } of the film
  #request = 0;
  #onChange;

  /**
   * @param walk  { count, now(), goTo(place), label(place), isDrawn() }
   * @param intervalMs  of one step while it plays
   * @param bounces     whether it turns back at its ends
   * @param onChange    ({ fps } or { bounces }) → void: what the reader chose
   */
  constructor(element, walk, intervalMs = USUAL_INTERVAL_MS, { bounces = false, onChange = () => {} } = {}) {
    this.#element = element;
    this.#walk = walk;
    this.#intervalMs = intervalMs;
    this.#bounces = bounces;
    this.#onChange = onChange;
    this.#input = element.querySelector("input[type=range]");
    this.#button = element.querySelector("[data-play]");
    this.#fps = element.querySelector("[data-fps]");
    this.#bounce = element.querySelector("[data-bounce]");
    this.#input.addEventListener("input", () => {
      const wanted = Number(this.#input.value); // before stop() draws the place where the film was
      this.stop();
      walk.goTo(wanted);
    });
    this.#button.addEventListener("click", () => this.toggle());
    this.#fps?.addEventListener("change", () => this.#fpsChanged());
    this.#bounce?.addEventListener("click", () => this.#bounceChanged());
    element.querySelector("[data-close]")?.addEventListener("click", () => this.close());
    if (this.#fps) this.#fps.value = fpsOf(intervalMs);
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
    this.#element.hidden = false;
    if (this.isPlaying) this.stop();
    else this.#start();
  }

  stop() {
    if (!this.isPlaying) return;
    cancelAnimationFrame(this.#request);
    this.#playing = null;
    this.draw();
  }

  close() {
    this.stop();
    this.#element.hidden = true;
  }

  /** Show where the walk is now. */
  draw() {
    if (this.#element.hidden) return;
    const { count } = this.#walk;
    const now = this.#walk.now();
    const label = this.#walk.label(now);
    this.#input.max = count - 1;
    this.#input.value = now;
    this.#input.setAttribute("aria-valuetext", label);
    this.#element.querySelector("[data-label]").textContent = label;
    this.#element.querySelector("[data-count]").textContent = `${now + 1} / ${count}`;
    this.#button.setAttribute("aria-pressed", String(this.isPlaying));
    const words = this.isPlaying ? _("Pause") : _("Play");
    this.#button.setAttribute("aria-label", words);
    this.#button.title = `${words}  C`;
    this.#bounce?.setAttribute("aria-pressed", String(this.#bounces));
  }

  #start() {
    this.#playing = { from: this.#walk.now(), sense: 1, at: performance.now() };
    this.#request = requestAnimationFrame((time) => this.#tick(time));
    this.draw();
  }

  /** Where the film is at *time*: { place, sense }. */
  #film(time) {
    return filmAt(this.#playing, time - this.#playing.at, this.#intervalMs, this.#walk.count, this.#bounces);
  }

  /** A slow connection drops frames, and never piles them up: the next one is wanted when this one is there. */
  #tick(time) {
    if (!this.isPlaying) return;
    const { place } = this.#film(time);
    if (place !== this.#walk.now() && this.#walk.isDrawn()) this.#walk.goTo(place);
    this.#request = requestAnimationFrame((next) => this.#tick(next));
  }

  /** A film that plays goes on from where it is at its new pace. */
  #goOn(change) {
    const now = performance.now();
    const film = this.#playing && this.#film(now);
    change();
    if (film) this.#playing = { from: film.place, sense: film.sense, at: now };
    this.draw();
  }

  #fpsChanged() {
    const fps = readFps(this.#fps.value);
    this.#fps.setAttribute("aria-invalid", String(fps === null));
    this.#fps.title = fps === null ? _("A number from %(least)s to %(most)s", { least: LEAST_FPS, most: MOST_FPS }) : "";
    if (fps === null) return;
    this.#goOn(() => {
      this.#intervalMs = 1000 / fps;
    });
    this.#onChange({ fps });
  }

  #bounceChanged() {
    this.#goOn(() => {
      this.#bounces = !this.#bounces;
    });
    this.#onChange({ bounces: this.#bounces });
  }
}
