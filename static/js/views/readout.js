// The status bar's reading: position and voxel at once from the geometry, the value from the server, throttled,
// never an older answer after a newer one. Without a pointer on a pane it reads the crosshair's voxel.
//   <span data-read="source"> <b data-read="position"> <span data-read="voxel"> <b data-read="value"> <span data-read="unit">

import { coordinates } from "../lib/letters.js";
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
  #parts = {};
  #voxel = null;
  #hovered = null; // { pane, at }
  #abort = new AbortController();
  #timer = 0;
  #known = new Lru(KEPT);

  constructor(element, state, client) {
    this.#element = element;
    this.#state = state;
    this.#client = client;
    for (const part of element.querySelectorAll("[data-read]")) this.#parts[part.dataset.read] = part;
    state.addEventListener("point", () => this.refresh());
    state.addEventListener("view", () => this.refresh());
    state.addEventListener("phase", () => this.#readAgain());
    this.refresh();
  }

  /** The pointer is at *at* of *pane*, or (null) nowhere. */
  hover(pane, at) {
    this.#hovered = at ? { pane, at } : null;
    this.refresh();
  }

  /** Read again: pane, slice or pointer changed. */
  refresh() {
    const hovered = this.#hoveredVoxel();
    const hasCrosshair = this.#state.planes.length > 1;
    this.#parts.source.textContent = hovered || !hasCrosshair ? _("Cursor") : _("Crosshair");
    const voxel = hovered ?? (hasCrosshair ? this.#state.point : null);
    if (voxel) this.#read(voxel);
  }

  #hoveredVoxel() {
    if (!this.#hovered) return null;
    const { pane, at } = this.#hovered;
    const pixel = pane.pixelAt(at);
    return pixel && voxelAt(pane.plane, pixel, pane.index);
  }

  /** Another volume: other values at the same voxels. */
  #readAgain() {
    this.#voxel = null;
    this.refresh();
  }

  #read(voxel) {
    if (voxel.every((value, axis) => value === this.#voxel?.[axis])) return;
    this.#voxel = voxel;
    const position = positionOf(affineOf(this.#state.series, voxel[2]), voxel);
    this.#parts.position.textContent = position ? coordinates(position).join("\u2002") : "\u2014";
    this.#parts.voxel.textContent = voxel.join(", ");
    this.#element.dataset.voxel = voxel.join(",");
    this.#element.dataset.lps = position ? position.map((value) => value.toFixed(3)).join(",") : "";
    this.#ask(voxel);
  }

  #ask(voxel) {
    const key = [this.#state.phase, ...voxel].join();
    clearTimeout(this.#timer);
    this.#abort.abort();
    const known = this.#known.get(key);
    if (known) return this.#show(known);
    this.#element.dataset.value = "";
    this.#abort = new AbortController();
    this.#timer = setTimeout(() => this.#fetch(voxel, key, this.#abort.signal), PAUSE_MS);
    return undefined;
  }

  async #fetch(voxel, key, signal) {
    try {
      const answer = await this.#client.value(voxel, this.#state.phase, signal);
      this.#known.set(key, answer);
      if (!signal.aborted) this.#show(answer);
    } catch {
      // The pictures tell what is wrong with the connection; here the number is simply not known.
      if (!signal.aborted) this.#show({ value: null, unit: "" });
    }
  }

  #show({ value, unit }) {
    this.#parts.value.textContent = value === null ? "\u2014" : [value].flat().map(plain).join(", ");
    this.#parts.unit.textContent = this.#state.series.unit_words?.[unit] ?? unit;
    this.#element.dataset.value = value === null ? "" : String(value);
  }
}
