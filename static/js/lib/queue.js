// The upload queue, without DOM and without network: groups of files, sent in batches, two at a
// time. `send(batch, { onProgress, signal })` is given; it answers the server's JSON or throws an
// error with `status` (0: the connection was lost) and `message`.

import { makeBatches } from "./batches.js";

const AT_ONCE = 2;
const PAUSES_MS = [1000, 3000, 9000];
/** Answers after which every further request would fail the same way. */
const STOPS_ALL = new Set([401, 403, 507]);
/** Answers (0: none) that may be another in a moment. */
const PASSES = new Set([0, 429, 502, 503, 504]);

const wait = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });

/** One folder, ZIP or file of the list. `state`: waiting, sending, done, failed or cancelled. */
class Group {
  state = "waiting";
  problem = "";
  doneBytes = 0;
  doneFiles = 0;
  outcome = { accepted: 0, duplicates: 0, refused: 0 };
  abort = new AbortController();
  flying = new Map(); // batch → bytes on their way

  constructor({ kind, name, items, paths }, limits) {
    this.kind = kind;
    this.name = name;
    this.files = items.length;
    this.bytes = items.reduce((sum, item) => sum + item.file.size, 0);
    this.batches = makeBatches(items, { ...limits, paths });
    this.left = [...this.batches];
  }

  count({ accepted, duplicates, refused }) {
    this.outcome.accepted += accepted;
    this.outcome.duplicates += duplicates;
    this.outcome.refused += refused.length;
  }

  get sentBytes() {
    let sent = this.doneBytes;
    for (const bytes of this.flying.values()) sent += bytes;
    return Math.min(sent, this.bytes);
  }

  /** All bytes are there and the server reads them. */
  get isChecking() {
    return this.state === "sending" && !this.left.length && this.flying.size > 0 && this.sentBytes >= this.bytes;
  }

  get isOpen() {
    return this.state === "waiting" || this.state === "sending";
  }
}

/** Emits `change`, `answer` (with `answer`, `group`) and `settled`. */
export class UploadQueue extends EventTarget {
  groups = [];
  #send;
  #limits;
  #pauses;
  #active = 0;

  constructor(send, { limits = {}, pauses = PAUSES_MS } = {}) {
    super();
    this.#send = send;
    this.#limits = limits;
    this.#pauses = pauses;
  }

  /** Put groups (of lib/dropped.js) at the end and begin. */
  add(groups) {
    this.groups.push(...groups.filter((group) => group.items.length).map((group) => new Group(group, this.#limits)));
    this.#changed();
    this.#pump();
  }

  get isActive() {
    return this.groups.some((group) => group.isOpen);
  }

  /** Files, bytes and bytes sent of what is not cancelled. */
  get totals() {
    const counted = this.groups.filter((group) => group.state !== "cancelled");
    const sum = (value) => counted.reduce((total, group) => total + value(group), 0);
    return {
      files: sum((group) => group.files),
      doneFiles: sum((group) => group.doneFiles),
      bytes: sum((group) => group.bytes),
      sentBytes: sum((group) => group.sentBytes),
    };
  }

  cancel(group) {
    if (group.state === "done" || group.state === "cancelled") return;
    group.state = "cancelled";
    group.problem = "";
    group.left = [];
    group.abort.abort();
    this.#changed();
    this.#pump();
  }

  cancelAll() {
    for (const group of this.groups) this.cancel(group);
  }

  /** Send again what of a failed group is not there yet; what arrived twice is only a duplicate. */
  retry(group) {
    if (group.state !== "failed") return;
    group.state = "waiting";
    group.problem = "";
    group.abort = new AbortController();
    this.#changed();
    this.#pump();
  }

  retryAll() {
    for (const group of this.groups) this.retry(group);
  }

  #pump() {
    while (this.#active < AT_ONCE) {
      const group = this.groups.find((one) => one.isOpen && one.left.length);
      if (!group) break;
      this.#run(group, group.left.shift());
    }
    if (!this.#active && !this.isActive && this.groups.length) this.dispatchEvent(new Event("settled"));
  }

  async #run(group, batch) {
    this.#active += 1;
    group.state = "sending";
    const { signal } = group.abort;
    try {
      const answer = await this.#sendPatiently(group, batch, signal);
      group.doneBytes += batch.bytes;
      group.doneFiles += batch.items.length;
      group.count(answer);
      this.dispatchEvent(Object.assign(new Event("answer"), { answer, group }));
    } catch (error) {
      if (group.state !== "cancelled") group.left.unshift(batch);
      if (!signal.aborted) this.#fail(group, error);
    } finally {
      group.flying.delete(batch);
      this.#active -= 1;
      if (group.state === "sending" && !group.left.length && !group.flying.size) group.state = "done";
      this.#changed();
      this.#pump();
    }
  }

  /** Some failures pass by themselves: try again after growing pauses. */
  async #sendPatiently(group, batch, signal) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const onProgress = (fraction) => {
          group.flying.set(batch, fraction * batch.bytes);
          this.#changed();
        };
        onProgress(0);
        const answer = await this.#send(batch, { onProgress, signal });
        if (group.isOpen) group.problem = "";
        return answer;
      } catch (error) {
        if (signal.aborted || !PASSES.has(error.status) || attempt >= this.#pauses.length) throw error;
        group.flying.set(batch, 0);
        group.problem = error.message;
        this.#changed();
        await wait(this.#pauses[attempt], signal);
        if (signal.aborted) throw error;
      }
    }
  }

  #fail(group, error) {
    const hit = STOPS_ALL.has(error.status) ? this.groups.filter((one) => one.isOpen) : [group];
    for (const one of hit) {
      one.state = "failed";
      one.problem = error.message;
      if (one !== group) one.abort.abort();
    }
    group.abort.abort();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
