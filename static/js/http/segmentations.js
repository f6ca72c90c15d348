// The server's calls about the segmentations of a part: masks that were imported or drawn, doses, and what lies among
// the reader's files and refers to the series.

import { planeQuery, slabQuery } from "../lib/planequery.js";
import { csrfToken, errorFrom, requestBlob, requestJson } from "./request.js";

const JOBS = "/api/v1/jobs/";
const POLL_MS = 500;
const ACCEPTED = 202;

export class SegmentationClient {
  #series;
  #part;

  /** @param series  the page's data: id, part, query ("part=1", "part=0&as=stack", or nothing) */
  constructor({ id, part = 0 }) {
    this.#series = id;
    this.#part = part;
  }

  /** { segmentations: […], found: [{ instance_id, kind, name, series_description }] } */
  list(signal) {
    return requestJson(this.#listUrl(), { signal });
  }

  /**
   * Import a file: the segmentation that it became.
   * @param onProgress  (0…1 of the bytes sent, then null while the server works) → void
   * @param isSamePlace  place it although it belongs to another frame of reference
   */
  async importFile(file, { isSamePlace = false, onProgress = () => {}, signal } = {}) {
    const body = new FormData();
    body.append("file", file, file.name);
    const { status, answer } = await send(this.#listUrl(isSamePlace), body, { onProgress, signal });
    return status === ACCEPTED ? this.#finished(answer.job, signal) : answer;
  }

  /** Import a file that the server has among the reader's. */
  async importFound(instanceId, { isSamePlace = false, signal } = {}) {
    const json = { instance_id: instanceId };
    const answer = await requestJson(this.#listUrl(isSamePlace), { method: "POST", json, signal });
    return answer.job ? this.#finished(answer.job, signal) : answer;
  }

  read(id, signal) {
    return requestJson(this.#url(id), { signal });
  }

  /** @param changes  { name?, segments?: [{ number, name?, color?, code? }] }; a stale revision is refused with 409 */
  change(id, revision, changes) {
    return this.#write("PATCH", this.#url(id), revision, changes);
  }

  /** The segmentation without one segment; null where that was its last, and it is gone. Refused as changes are. */
  removeSegment(id, number, revision) {
    return this.#write("DELETE", `${this.#url(id)}/segments/${number}`, revision);
  }

  async #write(method, url, revision, changes) {
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken(), "If-Match": String(revision) };
    if (changes) headers["Content-Type"] = "application/json";
    const body = changes && JSON.stringify(changes);
    const answer = await fetch(url, { method, headers, body, credentials: "same-origin" }).catch(() => {
      throw errorFrom(0);
    });
    const told = await answer.json().catch(() => null);
    if (answer.ok) return told;
    const error = errorFrom(answer.status, told);
    error.present = told?.error?.present ?? null;
    throw error;
  }

  remove(id) {
    return requestJson(this.#url(id), { method: "DELETE" });
  }

  /** The voxels of a layer's box: Uint8Array, i fastest. */
  async layer(id, { index, box }, revision, signal) {
    const blob = await requestBlob(`/segmentations/${id}/layers/${index}?rev=${revision}`, { signal });
    const labels = new Uint8Array(await blob.arrayBuffer());
    const wanted = [0, 1, 2].reduce((count, axis) => count * (box[1][axis] - box[0][axis]), 1);
    if (labels.length !== wanted) throw errorFrom(409);
    return labels;
  }

  /** The picture of a layer's labels in a plane, for panes without the voxels. */
  planeUrl(id, layer, revision, { plane, frame, index, slab }) {
    const named = { layer, rev: revision };
    const place = frame.is_oblique ? "plane.png" : `planes/${plane}/${index}.png`;
    const query = frame.is_oblique ? planeQuery(frame, index, { slab }) : slabQuery(slab);
    return `/segmentations/${id}/${place}?${new URLSearchParams({ ...query, ...named })}`;
  }

  planeBlob(url, signal) {
    return requestBlob(url, { signal });
  }

  /** @param formats  names; *numbers* of segments, all of them where none are named */
  exportUrl(id, formats, numbers = null) {
    const query = new URLSearchParams({ format: formats.join() });
    if (numbers) query.set("segments", numbers.join());
    return `${this.#url(id)}/export?${query}`;
  }

  /** { blob, name } of an export. */
  async exported(id, formats, numbers, signal) {
    const headers = { Accept: "application/octet-stream, application/json" };
    const answer = await fetch(this.exportUrl(id, formats, numbers), { headers, signal, credentials: "same-origin" }).catch((cause) => {
      throw cause.name === "AbortError" ? cause : errorFrom(0);
    });
    if (!answer.ok) throw errorFrom(answer.status, await answer.json().catch(() => null));
    const name = /filename="?([^";]+)"?/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
    return { blob: await answer.blob(), name: name ?? `segments.${formats.length > 1 ? "zip" : formats[0]}` };
  }

  statisticsUrl(id) {
    return `${this.#url(id)}/statistics.csv`;
  }

  // --- doses

  /** [{ instance_id, max_gy, kind, … }] */
  async doses(signal) {
    const answer = await requestJson(`/api/v1/series/${this.#series}/doses?part=${this.#part}`, { signal });
    return answer?.doses ?? answer ?? [];
  }

  /** @param dose  one of :meth:`doses` → the header with values: Uint16Array */
  async dose({ instance_id: id }, signal) {
    const base = `/doses/${id}/on/${this.#series}`;
    const head = await requestJson(`${base}.json?part=${this.#part}`, { signal });
    const blob = await requestBlob(`${base}.bin?part=${this.#part}`, { signal });
    return { ...head, values: new Uint16Array(await blob.arrayBuffer()) };
  }

  doseVolume({ instance_id: id }, segmentation, signal) {
    return requestJson(`/api/v1/series/${this.#series}/doses/${id}/dvh?segmentation=${segmentation}`, { signal });
  }

  // ---

  #url(id) {
    return `/api/v1/segmentations/${id}`;
  }

  #listUrl(isSamePlace = false) {
    const query = new URLSearchParams({ part: this.#part });
    if (isSamePlace) query.set("assume", "same-place");
    return `/api/v1/series/${this.#series}/segmentations?${query}`;
  }

  async #finished(job, signal) {
    for (;;) {
      const { state, message, error } = await requestJson(JOBS + job, { signal });
      if (state === "done") return requestJson(`${JOBS}${job}/result`, { signal });
      if (state === "failed" || state === "cancelled") {
        throw errorFrom(422, { error: { code: error?.code, message: error?.message ?? error ?? message } });
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** POST with progress by bytes, which fetch() cannot tell. */
function send(url, body, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.upload.onload = () => onProgress(null);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve({ status: request.status, answer });
      else reject(errorFrom(request.status, answer));
    };
    request.onerror = () => reject(errorFrom(0));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy answered with a page
  }
}
