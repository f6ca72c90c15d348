// The panel's "Window" tab: presets, numbers, automatic and inverted; the histogram, the curves and the colour maps
// have views of their own. Expects templates/viewer/window.html:
//   [data-preset="n"] buttons in the order of series.presets, [data-window="auto|invert"],
//   input[data-number="width|center"], and what histogrameditor.js, curvelist.js and colormapchoice.js expect

import { automatic } from "../lib/autowindow.js";
import { calm } from "../lib/calm.js";
import { parse, plain } from "../lib/numbers.js";
import { sameWindow, windowOf, withNumbers } from "../lib/windowing.js";
import { _ } from "../state/words.js";
import { AutoRegion } from "./autoregion.js";
import { ColorBars } from "./colorbar.js";
import { ColormapChoice } from "./colormapchoice.js";
import { CurveList } from "./curvelist.js";
import { HistogramEditor } from "./histogrameditor.js";

const PAUSE_MS = 400;

export class WindowPanel {
  #element;
  #state;
  #client;
  #histogram = null;
  #editor = null;
  #curves = null;
  #colormaps = null;
  #numbers = {};
  #timer = 0;
  #asked = null; // the newest question for a histogram

  /** @param context  { viewer, panes, say, notice, workspace, history, marks } of the page, as far as there are such */
  constructor(element, state, client, context = {}) {
    this.#element = element;
    this.#state = state;
    this.#client = client;
    const { say = () => {} } = context;
    for (const input of element.querySelectorAll("[data-number]")) {
      this.#numbers[input.dataset.number] = input;
      input.addEventListener("change", () => this.#typed());
      input.addEventListener("keydown", (event) => this.#stepped(event));
    }
    element.addEventListener("click", (event) => this.#clicked(event));
    element.querySelector("[data-overlays]")?.addEventListener("change", ({ target }) => {
      state.setOverlays(target.checked);
    });
    // Images in colour have none of these.
    if (element.querySelector("[data-colormaps]")) {
      const bars = context.panes ? new ColorBars(context) : null;
      this.#colormaps = new ColormapChoice(element, state, bars);
      this.#editor = new HistogramEditor(element, context.state ? context : { state, say });
      this.#curves = new CurveList(element, { ...context, state, say });
      this.#loadHistogram();
    }
    // What is typed here is answered at once: a drawing that came later would write over the next field.
    const calmly = calm(() => this.#draw());
    const draw = () => (state.held ? calmly() : this.#draw());
    state.addEventListener("window", draw);
    state.addEventListener("point", () => state.window.own && draw());
    // A histogram belongs to one volume, or to one image of a stack; while a film runs it waits.
    state.addEventListener(this.#isStack ? "point" : "phase", () => this.#wait());
    this.#draw();
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
    const fitted = this.#histogram ? automatic(this.#histogram, digits) : windowOf(...series.percentiles, digits);
    this.#state.setWindow(fitted);
  }

  /** Take the saved curves as the server has them now. */
  loadCurves(curves) {
    this.#curves?.load(curves);
  }

  get #isStack() {
    return this.#state.series.kind === "stack";
  }

  #clicked({ target }) {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.preset) this.choosePreset(Number(button.dataset.preset));
    if (button.dataset.window === "auto") this.chooseAutomatic();
    if (button.dataset.window === "invert") this.#state.setInverted(!this.#state.inverted);
  }

  #typed() {
    const { window } = this.#state;
    const [width, center] = [this.#numbers.width, this.#numbers.center].map(({ value }) => parse(value));
    // Only LINEAR ends at a width of 1.
    const least = window.function || window.curve ? 0 : 1;
    const problem = Number.isNaN(center)
      ? { field: "center", text: _("Type a number, such as 40 or -600.") }
      : !(width >= least && width > 0) && { field: "width", text: _("The width must be a number of at least 1.") };
    this.#say(problem);
    if (!problem) this.#state.setWindow(withNumbers(window, { center, width }, 2));
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
    const step = 10 ** -this.#state.digits * (event.shiftKey ? 10 : 1);
    event.target.value = plain(value + sign * step);
    this.#typed();
  }

  #draw() {
    const { window, inverted, series } = this.#state;
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
    this.#colormaps?.draw();
    this.#editor?.draw();
    this.#curves?.draw();
  }

  #wait() {
    if (!this.#editor) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#loadHistogram(), PAUSE_MS);
  }

  async #loadHistogram() {
    const { phase, point } = this.#state;
    const question = this.#isStack ? { index: point[2] } : { phase };
    if (this.#asked && Object.entries(question).every(([name, value]) => this.#asked[name] === value)) return;
    this.#asked = question;
    try {
      const histogram = await this.#client.histogram(question);
      if (this.#asked !== question) return; // a later one is on its way
      this.#histogram = histogram;
      this.#editor.show(histogram);
    } catch (error) {
      if (this.#asked !== question) return;
      this.#asked = null;
      const lost = _("The histogram could not be read. Everything else works.");
      this.#editor.fail(error.status === 409 ? error.message : lost);
    }
  }
}

/** The window tab of the page, its commands and its colour bars. */
export function mountWindow(context) {
  const element = context.viewer.querySelector("#panel-window");
  const panel = new WindowPanel(element, context.state, context.client, context);
  const region = new AutoRegion(context);
  Object.assign(context.commands, { autoRegion: () => region.start() });
  return panel;
}
