// The server's calls about the 3D view: presets, scenes and surfaces that it draws, meshes of segments, files.

import { meshFrom } from "../lib/scenemesh.js";
import { errorFrom, requestBlob, requestJson } from "./request.js";

const POLL_MS = 250;

export class SceneClient {
  #series;

  /** @param series  the page's data: id, query ("part=1", or nothing) */
  constructor(series) {
    this.#series = series;
  }

  /** { surfaces, composite, default, level_range, unit }: app/scene3d. */
  presets(signal) {
    return requestJson(this.#url("scenes/presets"), { signal });
  }

  /** A scene as Bokeh's item, once it is made. */
  async scene(order, { phase = 0, signal } = {}) {
    const answer = await requestJson(this.#url("scenes", { phase }), { method: "POST", json: order, signal });
    if (answer.job) await this.#finished(answer.job, signal);
    return requestJson(answer.url, { signal });
  }

  /** The surface at a level, made by the server. */
  surface(level, { phase = 0, largest = false, detail = "fine", signal } = {}) {
    return this.#mesh(this.#url(`surfaces/${level}.mesh`, { phase, largest: Number(largest), detail }), signal);
  }

  /** The surface of a segment. */
  segment(id, number, { revision, detail = "fine", signal } = {}) {
    const query = new URLSearchParams({ rev: revision, detail });
    return this.#mesh(`/segmentations/${id}/meshes/${number}?${query}`, signal);
  }

  /** Where the file of a surface lies, once it is made: { level, largest, detail, format }. */
  async surfaceFile(order, { phase = 0, signal } = {}) {
    return this.#file(this.#url("surfaces", { phase }), order, signal);
  }

  /** The same of a segment: { segment, detail, format }. */
  async segmentFile(id, order, { signal } = {}) {
    return this.#file(`/segmentations/${id}/surfaces`, order, signal);
  }

  async #file(url, json, signal) {
    const { job } = await requestJson(url, { method: "POST", json, signal });
    await this.#finished(job, signal);
    return `/api/v1/jobs/${job}/result`;
  }

  async #mesh(url, signal) {
    const blob = await requestBlob(url, { signal });
    const mesh = meshFrom(await blob.arrayBuffer());
    if (!mesh) throw errorFrom(422);
    return mesh;
  }

  async #finished(job, signal) {
    for (;;) {
      const { state, error, message } = await requestJson(`/api/v1/jobs/${job}`, { signal });
      if (state === "done") return;
      if (state === "failed" || state === "cancelled") {
        throw errorFrom(422, { error: { code: error?.code, message: error?.message ?? error ?? message } });
      }
      await new Promise((done) => setTimeout(done, POLL_MS));
      signal?.throwIfAborted();
    }
  }

  #url(path, query = {}) {
    const all = new URLSearchParams([...new URLSearchParams(this.#series.query ?? "")].filter(([name]) => name !== "phase"));
    for (const [name, value] of Object.entries(query)) all.set(name, value);
    return `/series/${this.#series.id}/${path}${all.size ? `?${all}` : ""}`;
  }
}
