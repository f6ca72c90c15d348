// What colour stands for what value: a bar beside the image of each pane, and one in the panel. On the panes it is
// there with every map but grey, or as the reader switched it.

import { fetchColormaps } from "../http/colormaps.js";
import { plain } from "../lib/numbers.js";
import { barGreys, barValues } from "../lib/windowshape.js";

const STEPS = 256;
let maps = null;

/** The 256 colours of a map, 3 bytes each; those of grey without asking. */
async function coloursOf(name) {
  if (name === "gray") return null;
  maps ??= fetchColormaps().catch((error) => {
    maps = null; // the next one asks again
    throw error;
  });
  return (await maps)[name];
}

/** Paint a bar of 256 steps, low values left (or below); the canvas is 256 × 1 or 1 × 256. */
export async function paintBar(canvas, { window, colormap, inverted }) {
  const greys = barGreys(window, inverted, STEPS);
  const wanted = JSON.stringify([greys, colormap]);
  canvas.dataset.wanted = wanted;
  let colours;
  try {
    colours = await coloursOf(colormap);
  } catch {
    return false; // the pictures say that the connection is lost
  }
  if (canvas.dataset.wanted !== wanted) return false; // a later question is on its way
  const isUpright = canvas.height > canvas.width;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  greys.forEach((grey, n) => {
    const place = 4 * (isUpright ? STEPS - 1 - n : n);
    for (let channel = 0; channel < 3; channel += 1) {
      pixels.data[place + channel] = colours ? colours[3 * grey + channel] : grey;
    }
    pixels.data[place + 3] = 255;
  });
  context.putImageData(pixels, 0, 0);
  return true;
}

/** The words at the low end, in the middle and at the high end; none for a table of the file. */
export function barWords(window) {
  if (window.lut !== undefined && !window.curve) return ["", "", ""];
  return barValues(window).map(plain);
}

export class ColorBars {
  #state;
  #bars = new Map(); // pane → its parts
  #chosen = null; // by hand; null: with every map but grey
  #unit;

  /** @param context  { state, panes } of the page */
  constructor({ state, panes }) {
    this.#state = state;
    this.#unit = state.series.unit_words?.[state.series.unit] ?? state.series.unit ?? "";
    for (const pane of panes.values()) {
      this.add(pane);
      pane.addEventListener("painted", () => this.#draw(pane));
    }
    for (const change of ["window", "point", "layout"]) state.addEventListener(change, () => this.draw());
    this.draw();
  }

  /** Give a pane its bar; panes that come later too. */
  add(pane) {
    const element = document.createElement("div");
    element.className = "pane-colorbar";
    element.hidden = true;
    element.setAttribute("aria-hidden", "true"); // the panel says the same in words
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: STEPS });
    const words = ["high", "middle", "low"].map((name) => {
      const span = document.createElement("span");
      span.className = `at-${name}`;
      return span;
    });
    const unit = document.createElement("span");
    unit.className = "unit";
    element.append(canvas, unit, ...words);
    pane.element.append(element);
    this.#bars.set(pane, { element, canvas, words, unit, drawn: "" });
  }

  get isShown() {
    return this.#chosen ?? this.#state.colormap !== "gray";
  }

  show(shown) {
    this.#chosen = shown;
    this.draw();
  }

  draw() {
    for (const pane of this.#bars.keys()) this.#draw(pane);
  }

  #draw(pane) {
    const bar = this.#bars.get(pane);
    if (!bar) return;
    bar.element.hidden = !this.isShown || !pane.isShown || Boolean(pane.frame?.is_colour);
    if (bar.element.hidden) return;
    const { window, colormap, inverted } = this.#state;
    const key = JSON.stringify([window, colormap, inverted]);
    if (bar.drawn === key) return;
    bar.drawn = key;
    const [low, middle, high] = barWords(window);
    [high, middle, low].forEach((text, n) => {
      bar.words[n].textContent = text;
    });
    bar.unit.textContent = low ? this.#unit : "VOI LUT";
    paintBar(bar.canvas, { window, colormap, inverted }).then((done) => {
      if (!done && bar.drawn === key) bar.drawn = "";
    });
  }
}
