// The pictures of one pane: asks for the latest only, keeps what was drawn, fetches ahead in the direction of
// scrolling. Gives a bitmap to its receiver, never an older one after a newer one.

import { Latest } from "../lib/latest.js";
import { Lru } from "../lib/lru.js";

const BYTES_KEPT = 48 * 1024 * 1024;
const AHEAD = 4;
const JUMP = 12; // slices: what is in flight for so far away is of no use any more
const QUIET_MS = 50; // while the hand is quicker than this, the server works for what is wanted alone
const PATIENCE_MS = [1000, 2000, 4000, 8000];

export class Pictures {
  #client;
  #show;
  #fail;
  #kept = new Lru(BYTES_KEPT, (bitmap) => bitmap.close());
  #latest;
  #wanted = null;
  #shown = null;
  #direction = 1;
  #ahead = new AbortController();
  #retries = 0;
  #timer = 0;
  #quiet = 0;

  /**
   * @param client  SeriesClient
   * @param show    (bitmap, question) → void
   * @param fail    (error, question) → void; it is asked again by itself when that may help
   */
  constructor(client, show, fail) {
    this.#client = client;
    this.#show = show;
    this.#fail = fail;
    this.#latest = new Latest(
      (question, signal) => this.#fetch(question, signal),
      (bitmap, question) => this.#arrived(bitmap, question),
      (error, question) => this.#failed(error, question),
    );
  }

  /** Want this picture: { plane, index, count, frame, window, colormap, inverted, slab … }. */
  want(question) {
    const url = this.#client.pictureUrl(question);
    const asked = { ...question, url };
    if (this.#wanted?.url === url) return;
    const moved = this.#wanted ? question.index - this.#wanted.index : 0;
    if (moved) this.#direction = Math.sign(moved);
    this.#wanted = asked;
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#ahead.abort();
    const bitmap = this.#kept.get(url);
    if (bitmap) {
      this.#latest.cancel();
      this.#arrived(bitmap, asked);
    } else {
      this.#latest.ask(asked, { jump: Math.abs(moved) > JUMP });
    }
  }

  /** Nothing is wanted any more: pictures are made in the browser. */
  drop() {
    if (!this.#wanted) return;
    this.#wanted = this.#shown = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#ahead.abort();
    this.#latest.cancel();
  }

  /** Ask once more for what is wanted and not shown. */
  retry() {
    if (!this.#wanted || this.#wanted.url === this.#shown) return;
    clearTimeout(this.#timer);
    this.#latest.ask(this.#wanted, { jump: true });
  }

  async #fetch(question, signal) {
    const kept = this.#kept.get(question.url);
    if (kept) return kept;
    const bitmap = await this.#client.picture(question.url, signal);
    this.#keep(question.url, bitmap);
    return bitmap;
  }

  #keep(url, bitmap) {
    this.#kept.set(url, bitmap, bitmap.width * bitmap.height * 4);
  }

  #arrived(bitmap, question) {
    this.#retries = 0;
    this.#shown = question.url;
    this.#show(bitmap, question);
    if (question.url !== this.#wanted?.url) return;
    this.#quiet = setTimeout(() => this.#fetchAhead(question), QUIET_MS);
  }

  #failed(error, question) {
    this.#fail(error, question);
    const mayPass = error.status === 0 || error.status === 503 || error.status === 502;
    if (!mayPass) return;
    const wait = PATIENCE_MS[Math.min(this.#retries, PATIENCE_MS.length - 1)];
    this.#retries += 1;
    this.#timer = setTimeout(() => this.retry(), wait);
  }

  async #fetchAhead(question) {
    this.#ahead = new AbortController();
    const { signal } = this.#ahead;
    for (let step = 1; step <= AHEAD; step += 1) {
      const index = question.index + step * this.#direction;
      if (index < 0 || index >= question.count) return;
      const url = this.#client.pictureUrl({ ...question, index });
      if (this.#kept.has(url)) continue;
      try {
        const bitmap = await this.#client.picture(url, signal);
        if (signal.aborted) return bitmap.close();
        this.#keep(url, bitmap);
      } catch {
        return undefined; // what is not here yet is asked for when it is wanted
      }
    }
    return undefined;
  }
}
