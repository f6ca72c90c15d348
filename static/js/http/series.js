// The server's calls about one part of a series. Every address of a picture carries the series' revision, so
// the browser may keep it.

import { planeQuery } from "../lib/planequery.js";
import { windowQuery } from "../lib/windowing.js";
import { requestBlob, requestJson } from "./request.js";

export class SeriesClient {
  #base;
  #revision;
  #part;

  /** @param query  what leads to the part: "part=1", "part=0&as=stack", or nothing */
  constructor({ id, revision, query = "" }) {
    this.#base = `/series/${id}`;
    this.#revision = revision;
    this.#part = [...new URLSearchParams(query)].filter(([name]) => name !== "phase");
  }

  /** The address of a picture of *plane*; stacks have one "plane" of images. */
  pictureUrl({ plane, index, frame, phase, window, colormap, inverted, overlays, slab }) {
    const query = { ...windowQuery(window), cmap: colormap };
    if (slab?.mm) Object.assign(query, { slab_mm: slab.mm, projection: slab.projection });
    if (inverted) query.invert = 1;
    if (phase) query.phase = phase;
    if (overlays) query.overlays = 1;
    if (frame?.is_oblique) return this.#url("plane.png", { ...query, ...planeQuery(frame, index), rev: this.#revision });
    const place = plane === "stack" ? `images/${index}` : `slices/${plane}/${index}`;
    return this.#url(`${place}.png`, { ...query, rev: this.#revision });
  }

  /** A picture, decoded with exactly the values that were sent. */
  async picture(url, signal) {
    const blob = await requestBlob(url, { signal });
    return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  }

  /** {stored, value, unit, point_lps} of a voxel. */
  value([i, j, k], phase, signal) {
    return requestJson(this.#url("value", { i, j, k, ...(phase && { phase }) }), { signal });
  }

  /** {counts, bin_edges} of a volume, or of image *index* of a stack. */
  histogram({ phase, index }, signal) {
    const query = { bins: 512, rev: this.#revision, ...(phase && { phase }), ...(index !== undefined && { index }) };
    return requestJson(this.#url("histogram", query), { signal });
  }

  metadata(instance, phase, signal) {
    return requestJson(this.#url("metadata", { instance, ...(phase && { phase }) }), { signal });
  }

  #url(place, parameters) {
    return `${this.#base}/${place}?${new URLSearchParams([...Object.entries(parameters), ...this.#part])}`;
  }
}
