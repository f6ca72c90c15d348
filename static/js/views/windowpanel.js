// The panel's "Window" tab: presets, numbers, automatic and inverted, histogram, colour map. Expects
//   [data-preset="n"] buttons in the order of series.presets, [data-window="auto|invert"],
//   input[data-number="width|center"], select[data-colormap], img[data-colorbar] (its address with NAME), svg[data-histogram], [data-scale="linear|log"]

import { axisTicks, outline, shownRange } from "../lib/histogrampath.js";
import { decimal, parse, plain } from "../lib/numbers.js";
import { automatic } from "../lib/autowindow.js";
import { bounds, sameWindow, windowOf } from "../lib/windowing.js";
import { _ } from "../state/words.js";

const PAUSE_MS = 400;
const BOX = { width: 292, height: 136 }; // of the histogram's bars, in units of its viewBox
const TOP = 6;

export class WindowPanel {
  #element;
  #state;
  #client;
  #histogram = null;
  #range = null;
  #logarithmic = true;
  #numbers = {};
  #timer = 0;

  constructor(element, state, client) {
    this.#element = element;
    this.#state = state;
    this.#client = client;
    for (const input of element.querySelectorAll("[data-number]")) {
      this.#numbers[input.dataset.number] = input;
      input.addEventListener("change", () => this.#typed());
      input.addEventListener("keydown", (event) => this.#stepped(event));
    }
    element.addEventListener("click", (event) => this.#clicked(event));
    element.querySelector("[data-colormap]").addEventListener("change", ({ target }) => {
      state.setColormap(target.value);
    });
    element.querySelector("[data-overlays]")?.addEventListener("change", ({ target }) => {
      state.setOverlays(target.checked);
    });
    state.addEventListener("window", () => this.#draw());
    state.addEventListener("point", () => state.window.own && this.#draw());
    this.#draw();
    if (state.planes.length > 1) {
      this.#loadHistogram();
      state.addEventListener("phase", () => this.#phaseChanged());
    }
  }

  /** Take the preset with this place in the list, if there is one. */
  choosePreset(place) {
    const preset = this.#state.series.presets[place];
    if (preset) this.#state.setWindow(preset);
    return preset ?? null;
  }

  /** A window that fits these data. */
  chooseAutomatic() {
    const { series, digits } = this.#state;
    this.#state.setWindow(
      this.#histogram ? automatic(this.#histogram, digits) : windowOf(...series.percentiles, digits),
    );
  }

  #clicked({ target }) {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.preset) this.choosePreset(Number(button.dataset.preset));
    if (button.dataset.window === "auto") this.chooseAutomatic();
    if (button.dataset.window === "invert") this.#state.setInverted(!this.#state.inverted);
    if (button.dataset.scale) this.#chooseScale(button.dataset.scale);
  }

  #typed() {
    const [width, center] = [this.#numbers.width, this.#numbers.center].map(({ value }) => parse(value));
    const { function: name } = this.#state.window; // only LINEAR ends at a width of 1
    const problem = Number.isNaN(center)
      ? { field: "center", text: _("Type a number, such as 40 or -600.") }
      : !(width >= 1 || (name && width > 0)) && { field: "width", text: _("The width must be a number of at least 1.") };
    this.#say(problem);
    if (!problem) this.#state.setWindow({ center, width, function: name });
  }

  #say(problem) {
    for (const [name, input] of Object.entries(this.#numbers)) {
      input.setAttribute("aria-invalid", String(problem?.field === name));
    }
    const note = this.#element.querySelector("[data-window-note]");
    note.hidden = !problem;
    note.querySelector("span").textContent = problem ? problem.text : "";
  }

  #stepped(event) {
    const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!sign) return;
    event.preventDefault();
    const value = parse(event.target.value);
    if (Number.isNaN(value)) return;
    event.target.value = plain(value + sign * (event.shiftKey ? 10 : 1));
    this.#typed();
  }

  #draw() {
    const { window, inverted, colormap, series } = this.#state;
    this.#numbers.width.value = plain(window.width);
    this.#numbers.center.value = plain(window.center);
    this.#say(null);
    let found = false; // the same numbers may stand in the list twice: the first is the one that is on
    for (const button of this.#element.querySelectorAll("[data-preset]")) {
      const matches = !found && sameWindow(series.presets[Number(button.dataset.preset)], window);
      found ||= matches;
      button.setAttribute("aria-pressed", String(matches));
    }
    this.#element.querySelector("[data-window=invert]").setAttribute("aria-pressed", String(inverted));
    const bar = this.#element.querySelector("[data-colorbar]");
    bar.src = bar.dataset.colorbar.replace("NAME", colormap);
    bar.classList.toggle("is-inverted", inverted);
    this.#drawWindow();
  }

  /** The histogram belongs to one volume; while a film runs it waits. */
  #phaseChanged() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#loadHistogram(), PAUSE_MS);
  }

  async #loadHistogram() {
    try {
      this.#histogram = await this.#client.histogram(this.#state.phase);
    } catch {
      this.#element.querySelector("[data-histogram-note]").hidden = false;
      return;
    }
    this.#range = shownRange(this.#histogram);
    this.#drawBars();
    this.#drawWindow();
  }

  #chooseScale(scale) {
    this.#logarithmic = scale === "log";
    for (const button of this.#element.querySelectorAll("[data-scale]")) {
      button.setAttribute("aria-pressed", String(button.dataset.scale === scale));
    }
    this.#drawBars();
  }

  #drawBars() {
    if (!this.#histogram) return;
    const svg = this.#element.querySelector("[data-histogram]");
    const d = outline(this.#histogram, this.#range, { ...BOX, logarithmic: this.#logarithmic });
    svg.querySelector(".bars").setAttribute("d", d);
    const ticks = axisTicks(this.#range, 7);
    const lines = ticks.map((value) => `M${this.#x(value)} ${-TOP}V${BOX.height}`);
    svg.querySelector(".grid").setAttribute("d", lines.join(""));
    svg.querySelector("[data-ticks]").replaceChildren(
      ...ticks
        .filter((value) => this.#x(value) > 14 && this.#x(value) < BOX.width - 14)
        .map((value) => this.#tick(value)),
    );
  }

  #tick(value) {
    const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
    text.setAttribute("x", this.#x(value));
    text.setAttribute("y", BOX.height + 14);
    text.setAttribute("text-anchor", "middle");
    text.textContent = decimal(value, Number.isInteger(value) ? 0 : 1);
    return text;
  }

  /** The ramp from black to white over the histogram. */
  #drawWindow() {
    if (!this.#range) return;
    const svg = this.#element.querySelector("[data-histogram]");
    const [low, high] = bounds(this.#state.window).map((value) => this.#x(value));
    const [from, to] = [Math.max(0, low), Math.min(BOX.width, high)];
    const range = svg.querySelector(".range");
    range.setAttribute("x", Math.min(from, BOX.width));
    range.setAttribute("width", Math.max(0, to - from));
    const [dark, bright] = this.#state.inverted ? [0, BOX.height] : [BOX.height, 0];
    svg
      .querySelector(".curve")
      .setAttribute("d", `M${Math.min(-9, low)} ${dark}L${low} ${dark}L${high} ${bright}H${BOX.width + 9}`);
    svg.querySelector(".bound").setAttribute("d", `M${low} ${-TOP}V${BOX.height}M${high} ${-TOP}V${BOX.height}`);
  }

  #x(value) {
    const [low, high] = this.#range;
    return Math.round(((value - low) / (high - low)) * BOX.width * 10) / 10;
  }
}
