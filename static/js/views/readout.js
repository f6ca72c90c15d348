// The status bar's reading: position and voxel at once from the geometry; the value from the volume where the browser
// has it, else from the server, throttled, never an older answer after a newer one. Without a pointer on a pane it reads
// the crosshair's voxel. Where the picture is not of single voxels (a slab, a turned plane) the value told is the
// picture's, and says so.
//   <span data-read="source"> <b data-read="position"> <span data-read="voxel"> <span data-read="of"> <b data-read="value"> <span data-read="unit">

import { calm } from "../lib/calm.js";
import { coordinates } from "../lib/letters.js";
import { lpsAt } from "../lib/frames.js";
import { Lru } from "../lib/lru.js";
import { plain } from "../lib/numbers.js";
import { affineOf, positionOf, voxelAt } from "../lib/planes.js";
import { _ } from "../state/words.js";

const PAUSE_MS = 40;
const KEPT = 2000;

export class Readout {
  #element;
  #state;
  #client;
  #local;
  #parts = {};
  #shown = "";
  #hovered = null; // { pane, at }
  #abort = new AbortController();
  #timer = 0;
  #known = new Lru(KEPT);
  #refreshCalmly = calm(() => this.#refresh());

  /** @param local  () → LocalPictures, or null */
  constructor(element, state, client, local = () => null) {
    this.#element = element;
    this.#state = state;
    this.#client = client;
    this.#local = local;
    for (const part of element.querySelectorAll("[data-read]")) this.#parts[part.dataset.read] = part;
    for (const change of ["point", "view", "planes", "phase", "slab"]) {
      state.addEventListener(change, () => this.refresh());
    }
    this.refresh();
  }

  /** The pointer is at *at* of *pane*, or (null) nowhere. */
  hover(pane, at) {
    this.#hovered = at ? { pane, at } : null;
    this.refresh();
  }

  /** Read again: pane, slice or pointer changed. */
  refresh() {
    this.#refreshCalmly();
  }

  #refresh() {
    const hovered = this.#hoveredReading();
    const hasCrosshair = this.#state.planes.length > 1;
    this.#say("source", hovered || !hasCrosshair ? _("Cursor") : _("Crosshair"));
    const reading = hovered ?? (hasCrosshair ? this.#crosshairReading() : null);
    if (reading) this.#read(reading);
  }

  /** What lies under the pointer: { voxel, position, pixel, pane }; null beside the picture. */
  #hoveredReading() {
    if (!this.#hovered) return null;
    const { pane, at } = this.#hovered;
    const pixel = pane.pixelAt(at);
    if (!pixel) return null;
    const { frame, index } = pane;
    if (frame.is_oblique) {
      const position = lpsAt(frame, pixel, index);
      return { voxel: this.#state.voxelAt(position), position, pixel, pane };
    }
    const voxel = frame.to_ijk ? voxelAt(frame, pixel, index) : [...pixel, index];
    return { voxel, position: positionOf(affineOf(this.#state.series, voxel[2]), voxel), pixel, pane };
  }

  #crosshairReading() {
    const { point, pointLps } = this.#state;
    return { voxel: point, position: pointLps, pixel: null, pane: null };
  }

  #read({ voxel, position, pixel, pane }) {
    const drawn = pane?.drawn;
    // Under a pointer, the volume whose picture is seen: the one that was chosen since may still be on its way.
    const phase = drawn?.phase ?? this.#state.phase;
    const isMade = Boolean(drawn && (drawn.slab?.mm || drawn.frame.is_oblique));
    const of = isMade && [pane.name, drawn.index, pane.isLocal, drawn.slab?.mm, drawn.slab?.projection];
    const key = [phase, voxel, pixel, position, of].join();
    if (key === this.#shown) return;
    this.#shown = key;
    // Places of a volume whose voxels have no known size are no millimetres.
    const place = this.#state.planes[0].is_calibrated === false ? null : position;
    this.#say("position", place ? coordinates(place).join("\u2002") : "\u2014");
    this.#say("voxel", this.#isInside(voxel) ? voxel.join(", ") : "\u2014");
    this.#element.dataset.voxel = voxel.join(",");
    this.#element.dataset.lps = place ? place.map((value) => value.toFixed(3)).join(",") : "";
    clearTimeout(this.#timer);
    this.#abort.abort();
    const made = isMade && pane.isLocal ? this.#local()?.valueAt(drawn, pixel) : undefined;
    this.#say("of", isMade ? (made === undefined ? _("single voxel") : _("of the picture")) : "");
    if (made !== undefined) this.#show({ value: Number.isFinite(made) ? made : null, unit: this.#state.series.unit });
    else if (this.#isInside(voxel)) this.#ask(voxel, phase);
    else this.#show({ value: null, unit: "" });
  }

  #isInside(voxel) {
    return voxel.every((value, axis) => value >= 0 && value < this.#state.series.shape_ijk[axis]);
  }

  #ask(voxel, phase) {
    const here = this.#local()?.voxelValue(voxel, phase);
    if (here !== undefined) {
      this.#show({ value: Number.isFinite(here) ? here : null, unit: this.#state.series.unit });
      return undefined;
    }
    const key = [phase, ...voxel].join();
    const known = this.#known.get(key);
    if (known) return this.#show(known);
    this.#element.dataset.value = "";
    this.#abort = new AbortController();
    this.#timer = setTimeout(() => this.#fetch(voxel, phase, key, this.#abort.signal), PAUSE_MS);
    return undefined;
  }

  async #fetch(voxel, phase, key, signal) {
    try {
      const answer = await this.#client.value(voxel, phase, signal);
      this.#known.set(key, answer);
      if (!signal.aborted) this.#show(answer);
    } catch {
      // The pictures tell what is wrong with the connection; here the number is simply not known.
      if (signal.aborted) return;
      this.#shown = ""; // asked for again with the next picture
      this.#show({ value: null, unit: "" });
    }
  }

  #show({ value, unit }) {
    this.#say("value", value === null ? "\u2014" : [value].flat().map(plain).join(", "));
    this.#say("unit", this.#state.series.unit_words?.[unit] ?? unit);
    this.#element.dataset.value = value === null ? "" : String(value);
  }

  #say(part, text) {
    const element = this.#parts[part];
    if (element && element.textContent !== text) element.textContent = text;
  }
}
