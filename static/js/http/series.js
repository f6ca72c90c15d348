// The server's calls about one series. Every address of a picture carries the series' revision, so the
// browser may keep it.

import { requestBlob, requestJson } from "./request.js";

export class SeriesClient {
  #base;
  #revision;

  constructor({ id, revision }) {
    this.#base = `/series/${id}`;
    this.#revision = revision;
  }

  /** The address of a picture of *plane*; stacks have one "plane" of images. */
  pictureUrl({ plane, index, window, colormap, inverted }) {
    const query = new URLSearchParams({ ww: window.width, wc: window.center, cmap: colormap });
    if (inverted) query.set("invert", "1");
    query.set("rev", this.#revision);
    const place = plane === "stack" ? `images/${index}` : `slices/${plane}/${index}`;
    return `${this.#base}/${place}.png?${query}`;
  }

  /** A picture, decoded with exactly the values that were sent. */
  async picture(url, signal) {
    const blob = await requestBlob(url, { signal });
    return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  }

  /** {stored, value, unit, point_lps} of a voxel. */
  value([i, j, k], signal) {
    return requestJson(`${this.#base}/value?i=${i}&j=${j}&k=${k}`, { signal });
  }

  histogram(signal) {
    return requestJson(`${this.#base}/histogram?bins=512&rev=${this.#revision}`, { signal });
  }

  metadata(instance, signal) {
    return requestJson(`${this.#base}/metadata?instance=${instance}`, { signal });
  }
}
