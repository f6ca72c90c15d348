// How fast bytes go, over the last seconds, and how long the rest will take.

const WINDOW_MS = 8000;
const LEAST_MS = 1000;

export class Meter {
  #samples = [];

  /** @param {number} bytes sent in all, @param {number} now in ms */
  add(bytes, now) {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = []; // a retry sends some again
    this.#samples.push({ bytes, now });
    while (this.#samples.length > 2 && now - this.#samples[0].now > WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second, or 0 while it is too early to say. */
  get rate() {
    if (this.#samples.length < 2) return 0;
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const elapsed = last.now - first.now;
    return elapsed < LEAST_MS ? 0 : ((last.bytes - first.bytes) * 1000) / elapsed;
  }

  /** Seconds for `bytes` more, or null while unknown. */
  secondsFor(bytes) {
    return this.rate > 0 ? Math.ceil(bytes / this.rate) : null;
  }

  reset() {
    this.#samples = [];
  }
}
