// What colour stands for what value: a bar beside the image of each pane, and one in the panel. On the panes it is
// there with every map but grey, or as the reader switched it.

import { fetchColormaps } from "../http/colormaps.js";
import { calm } from "../lib/calm.js";
import { plain } from "../lib/numbers.js";
import { isTurned, windowOn } from "../lib/windowing.js";
import { barGreys, barValues } from "../lib/windowshape.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = 128;
const PREFERENCE = "colorbar";
const painted = new WeakMap(); // bar → what it is, or is to be
let maps = null;

/** The 256 colours of a map, 3 bytes each; null for grey. */
async function coloursOf(name) {
  if (name === "gray") return null;
  maps ??= fetchColormaps().catch((error) => {
    maps = null; // the next one asks again
    throw error;
  });
  return (await maps)[name];
}

/** An empty bar: <svg> of so many steps from left to right, or upright from low to high. */
export function newBar(isUpright) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", isUpright ? `0 0 1 ${STEPS}` : `0 0 ${STEPS} 1`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("shape-rendering", "crispEdges"); // soft edges let the page shine through between the steps
  for (let n = 0; n < STEPS; n += 1) {
    const rect = document.createElementNS(SVG, "rect");
    // A little longer than a step, or seams would show; the next one lies over it.
    const place = isUpright ? { x: 0, y: STEPS - 1 - n - 0.05, width: 1, height: 1.05 } : { x: n, y: 0, width: 1.05, height: 1 };
    for (const [name, value] of Object.entries(place)) rect.setAttribute(name, value);
    svg.append(rect);
  }
  return svg;
}

/** Colour a bar: what each value from the window's low end to its high one looks like. */
export async function paintBar(bar, { window, colormap, inverted }) {
  const greys = barGreys(window, inverted, STEPS);
  const wanted = `${colormap} ${greys}`;
  if (painted.get(bar) === wanted) return;
  painted.set(bar, wanted);
  let colours;
  try {
    colours = await coloursOf(colormap);
  } catch {
    painted.delete(bar); // the pictures say that the connection is lost
    return;
  }
  if (painted.get(bar) !== wanted) return; // a later question was quicker
  greys.forEach((grey, n) => {
    const [r, g, b] = colours ? colours.subarray(3 * grey, 3 * grey + 3) : [grey, grey, grey];
    bar.children[n].setAttribute("fill", `rgb(${r},${g},${b})`);
  });
}

/** The words at the low end, in the middle and at the high end; none for a table of the file. */
export function barWords(window) {
  if (window.lut !== undefined && !window.curve) return ["", "", ""];
  return barValues(window).map(plain);
}

export class ColorBars {
  #state;
  #bars = new Map(); // pane → its parts
  #chosen; // by hand on this page
  #context; // its preferences come later
  #unit;

  /** @param context  { state, panes, preferences? } of the page */
  constructor(context) {
    const { state, panes } = context;
    this.#state = state;
    this.#context = context;
    this.#unit = state.series.unit_words?.[state.series.unit] ?? state.series.unit ?? "";
    for (const pane of panes.values()) {
      this.add(pane);
      pane.addEventListener("painted", calm(() => this.#draw(pane)));
    }
    const draw = calm(() => this.draw());
    for (const change of ["window", "point", "layout"]) state.addEventListener(change, draw);
    this.draw();
  }

  /** Give a pane its bar; panes that come later too. */
  add(pane) {
    const element = document.createElement("div");
    element.className = "pane-colorbar";
    element.hidden = true;
    element.setAttribute("aria-hidden", "true"); // the panel says the same in words
    const bar = newBar(true);
    const words = ["high", "middle", "low"].map((name) => {
      const span = document.createElement("span");
      span.className = `at-${name}`;
      return span;
    });
    const unit = document.createElement("span");
    unit.className = "unit";
    element.append(bar, unit, ...words);
    pane.element.append(element);
    this.#bars.set(pane, { element, bar, words, unit });
  }

  /** As the reader switched it, here or another day; else with every map but grey. */
  get isShown() {
    return this.#chosen ?? this.#context.preferences?.get(PREFERENCE) ?? this.#state.colormap !== "gray";
  }

  show(shown) {
    this.#chosen = shown;
    this.#context.preferences?.set(PREFERENCE, shown);
    this.draw();
  }

  draw() {
    for (const pane of this.#bars.keys()) this.#draw(pane);
  }

  #draw(pane) {
    const parts = this.#bars.get(pane);
    if (!parts) return;
    parts.element.hidden = !this.isShown || !pane.isShown || Boolean(pane.frame?.is_colour);
    if (parts.element.hidden) return;
    const { colormap } = this.#state;
    const window = windowOn(pane.frame, this.#state.window);
    const inverted = isTurned(pane.frame, this.#state.inverted);
    const words = barWords(window);
    words.reverse().forEach((text, n) => {
      if (parts.words[n].textContent !== text) parts.words[n].textContent = text;
    });
    parts.unit.textContent = words[0] ? this.#unit : "VOI LUT";
    paintBar(parts.bar, { window, colormap, inverted });
  }
}
