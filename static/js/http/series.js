// The server's calls about one part of a series. Every address of a picture carries the series' revision, so
// the browser may keep it.

import { requestBlob, requestJson } from "./request.js";

export class SeriesClient {
  #base;
  #revision;
  #part;

  /** @param query  what leads to the part: "part=1", "part=0&as=stack", or nothing */
  constructor({ id, revision, query = "" }) {
    this.#base = `/series/${id}`;
    this.#revision = revision;
    this.#part = new URLSearchParams(query);
  }

  /** The phase of a part of several volumes that is asked for from now on. */
  setPhase(phase) {
    this.#part.set("phase", phase);
  }

  /** The address of a picture of *plane*; stacks have one "plane" of images. */
  pictureUrl({ plane, index, window, colormap, inverted }) {
    const query = { ww: window.width, wc: window.center, cmap: colormap };
    if (inverted) query.invert = 1;
    const place = plane === "stack" ? `images/${index}` : `slices/${plane}/${index}`;
    return this.#url(`${place}.png`, { ...query, rev: this.#revision });
  }

  /** A picture, decoded with exactly the values that were sent. */
  async picture(url, signal) {
    const blob = await requestBlob(url, { signal });
    return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  }

  /** {stored, value, unit, point_lps} of a voxel. */
  value([i, j, k], signal) {
    return requestJson(this.#url("value", { i, j, k }), { signal });
  }

  histogram(signal) {
    return requestJson(this.#url("histogram", { bins: 512, rev: this.#revision }), { signal });
  }

  metadata(instance, signal) {
    return requestJson(this.#url("metadata", { instance }), { signal });
  }

  #url(place, parameters) {
    return `${this.#base}/${place}?${new URLSearchParams([...Object.entries(parameters), ...this.#part])}`;
  }
}
