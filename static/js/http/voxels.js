// The volume of one part of a series as one stream for each phase, nearest slices first. A stream that breaks goes on
// after its last whole slab. Sends:
//   "progress" { phase, volume }          a slab is here (or the volume was begun)
//   "complete" { phase, volume }
//   "waiting"  { phase, error, wait_ms }  it is asked again by itself
//   "failed"   { phase, error }           a RequestError; want() or retry() asks again

import { Lru } from "../lib/lru.js";
import { memoryBudget, volumeBytes } from "../lib/streamchoice.js";
import { VoxelVolume } from "../lib/voxelvolume.js";
import { _ } from "../state/words.js";
import { RequestError, errorFrom } from "./request.js";

const HEADER = "X-Triplano-Voxels";
const PATIENCE_MS = [1000, 2000, 4000, 8000, 16000, 30000];
const MAY_PASS = [0, 429, 502, 503, 504];

export class VoxelStream extends EventTarget {
  #series;
  #base;
  #part;
  #volumes;
  #patience;
  #wanted = null; // { phase, center }
  #running = null; // AbortController of the stream that flows, or waits to be asked again
  #timer = 0;
  #failures = 0;

  /**
   * @param series  the page's data: id, revision, query, shape_ijk, dtype
   * @param device  { memoryGiB }, see streamchoice.js
   * @param options origin of the server and patience, for tests
   */
  constructor(series, device = {}, { origin = "", patience = PATIENCE_MS } = {}) {
    super();
    this.#series = series;
    this.#base = `${origin}/series/${series.id}/voxels`;
    this.#part = [...new URLSearchParams(series.query ?? "")].filter(([name]) => name !== "phase");
    this.#volumes = new Lru(memoryBudget(device));
    this.#patience = patience;
  }

  /** The phase that is wanted; 0 before the first wish. */
  get phase() {
    return this.#wanted?.phase ?? 0;
  }

  /** The volume of a phase as far as it is here, or null. */
  volume(phase = 0) {
    return this.#volumes.get(phase ?? 0) ?? null;
  }

  /** Want a phase whole; another one that flows is left where it is, and goes on when it is wanted again. */
  want(phase = 0, center = undefined) {
    if (this.#wanted?.phase === phase && this.#running) return;
    this.stop();
    this.#wanted = { phase, center };
    if (!this.volume(phase)?.isComplete) this.#start();
  }

  /** Ask at once for what is wanted and not here: the connection is back. */
  retry() {
    if (!this.#wanted || this.volume(this.phase)?.isComplete) return;
    this.#leave();
    this.#start();
  }

  /** Nothing flows any more; what is here stays. */
  stop() {
    this.#leave();
    this.#failures = 0;
  }

  #leave() {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#running.abort();
    this.#running = null;
    this.volume(this.phase)?.rewind();
  }

  async #start() {
    const abort = new AbortController();
    this.#running = abort;
    const { phase } = this.#wanted;
    try {
      await this.#receive(phase, abort.signal);
      if (abort.signal.aborted) return;
      this.#running = null;
      this.#tell("complete", { phase, volume: this.volume(phase) });
    } catch (error) {
      if (abort.signal.aborted) return; // and somebody else may have gone on with the volume since
      this.volume(phase)?.rewind();
      this.#failed(phase, error);
    }
  }

  #failed(phase, error) {
    if (!MAY_PASS.includes(error.status)) {
      this.#running = null;
      this.#tell("failed", { phase, error });
      return;
    }
    const wait = Math.max(error.wait_ms ?? 0, this.#patience[Math.min(this.#failures, this.#patience.length - 1)]);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#start(), wait);
    this.#tell("waiting", { phase, error, wait_ms: wait });
  }

  async #receive(phase, signal) {
    const begun = this.volume(phase);
    const response = await this.#ask(this.#url(phase, begun), signal);
    const volume = this.#volumeFor(response, phase, begun);
    this.#tell("progress", { phase, volume });
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await connected(reader.read());
      // What still arrives of a stream that was left must not join the next one.
      if (signal.aborted) return;
      if (done) break;
      const slabs = volume.receive(value);
      if (slabs < 0) throw this.#unlike();
      if (slabs) this.#failures = 0;
      if (slabs) this.#tell("progress", { phase, volume });
    }
    // An answer that ends early is a connection that was lost, whatever the browser makes of it.
    if (!volume.isComplete) throw errorFrom(0);
  }

  async #ask(url, signal) {
    // A browser that is told of JSON gets errors as JSON.
    const headers = { Accept: "application/octet-stream, application/json" };
    const response = await connected(fetch(url, { headers, signal, credentials: "same-origin" }));
    if (response.ok && response.headers.has(HEADER)) return response;
    const error = errorFrom(response.status, await response.json().catch(() => null));
    error.wait_ms = 1000 * (Number(response.headers.get("Retry-After")) || 0);
    throw error;
  }

  #url(phase, begun) {
    const query = { rev: this.#series.revision };
    if (phase) query.phase = phase;
    const center = begun?.center ?? this.#wanted.center;
    if (center !== undefined) query.center = center;
    if (begun?.slabsLoaded) query.after = begun.slabsLoaded;
    return `${this.#base}?${new URLSearchParams([...Object.entries(query), ...this.#part])}`;
  }

  /** The volume that the answer fills: the one that was begun, or a new one. */
  #volumeFor(response, phase, begun) {
    const head = JSON.parse(response.headers.get(HEADER));
    const isMeant = head.shape_ijk.join() === this.#series.shape_ijk.join() && head.revision === this.#series.revision;
    if (!isMeant) throw this.#unlike();
    if (begun) {
      const goesOn = ["dtype", "slab_slices", "center"].every((name) => head[name] === begun.head[name]);
      if (!goesOn || head.after !== begun.slabsLoaded) throw this.#unlike();
      return begun;
    }
    const volume = this.#allocate(head);
    this.#volumes.set(phase, volume, volumeBytes(head));
    return volume;
  }

  #allocate(head) {
    try {
      return new VoxelVolume(head);
    } catch {
      // Pictures from the server need a thousandth of it.
      throw new RequestError(_("There is not enough memory for the whole volume; slices come one by one."), {
        status: 413,
        code: "no_memory",
      });
    }
  }

  #unlike() {
    return new RequestError(_("The series was changed in the meantime. Reload the page."), {
      status: 409,
      code: "conflict",
    });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** A promise of the network, whose failure is a lost connection. */
async function connected(promise) {
  try {
    return await promise;
  } catch (cause) {
    if (cause.name === "AbortError") throw cause;
    throw errorFrom(0);
  }
}
