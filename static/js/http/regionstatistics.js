// What the voxels under a mark are: the server works it out, from the values of the whole slice and not of the picture.

import { requestJson } from "./request.js";

export class RegionStatistics {
  #base;
  #part;

  /** @param query  what leads to the part: "part=1", "part=0&as=stack", or nothing */
  constructor({ id, query = "" }) {
    this.#base = `/api/v1/series/${id}/statistics`;
    this.#part = [...new URLSearchParams(query)].filter(([name]) => name !== "phase");
  }

  /** { count, mean, std, min, max, unit, area_mm2, perimeter_mm, histogram } of a mark. */
  ask({ kind, space, points, plane, image, phase }, signal) {
    const query = new URLSearchParams([...this.#part, ...(phase ? [["phase", phase]] : [])]);
    const place = space === "image" ? { image } : { plane };
    return requestJson(`${this.#base}?${query}`, { method: "POST", json: { kind, space, points, ...place }, signal });
  }
}
