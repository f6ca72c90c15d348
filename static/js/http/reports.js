// The server's calls for what leaves the viewer: measurements as files, their import, films and sheets of paper.

import { csrfToken, errorFrom, requestBlob, requestJson } from "./request.js";

const JOBS = "/api/v1/jobs/";
const POLL_MS = 700;

export class ReportClient {
  #base;
  #part;

  /** @param query  what leads to the part, as in SeriesClient: "part=1", "part=0&as=stack", or nothing */
  constructor({ id, part = 0, query = "" }) {
    this.#base = `/api/v1/series/${id}`;
    const place = new URLSearchParams(query);
    place.delete("phase");
    place.set("part", part);
    this.#part = place;
  }

  /** The address of the measurements as "csv", "json" or "dcm". */
  marksUrl(format) {
    return this.#url(`marks.${format}`);
  }

  /** { marks, skipped: [{ reason }] } of a DICOM SR. */
  async importMarks(file, signal) {
    const body = new FormData();
    body.append("file", file);
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    let answer;
    try {
      answer = await fetch(this.#url("marks/import"), { method: "POST", headers, body, signal, credentials: "same-origin" });
    } catch (cause) {
      if (cause.name === "AbortError") throw cause;
      throw errorFrom(0);
    }
    const told = await answer.json().catch(() => null);
    if (!answer.ok) throw errorFrom(answer.status, told);
    return told;
  }

  /** The PDF of one page with these key images and marks (ids), and of whom they are when that is wanted. */
  sheet(items, withName, signal) {
    const json = { items, with_name: withName };
    return requestBlob(this.#url("sheet.pdf"), { method: "POST", json, signal });
  }

  /**
   * A film, made by the server.
   * @param onProgress  (0…1, message) → void
   * @returns {Promise<string>} the address of the file
   */
  async film(order, { signal, onProgress }) {
    const { job } = await requestJson(this.#url("films"), { method: "POST", json: order, signal });
    try {
      return await this.#finished(job, signal, onProgress);
    } catch (fault) {
      if (signal.aborted) requestJson(JOBS + job, { method: "DELETE" }).catch(() => null);
      throw fault;
    }
  }

  async #finished(job, signal, onProgress) {
    for (;;) {
      const { state, progress, message, error } = await requestJson(JOBS + job, { signal });
      onProgress(progress, message);
      if (state === "done") return `${JOBS}${job}/result`;
      if (state === "failed" || state === "cancelled") throw errorFrom(422, { error: { message: error || message } });
      await pause(POLL_MS, signal);
    }
  }

  #url(place) {
    return `${this.#base}/${place}?${this.#part}`;
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
