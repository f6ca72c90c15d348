// The volume of the page made small for the 3D view: coarse first, then fine, a slice at a time while nothing else
// happens. Events: "grid" (another one is here, or none) · "progress".

import { blocksFor, reduced } from "../lib/scenevolume.js";

const COARSE = 128;
const FINE = 256;
const SPARE_MS = 6; // of each pause between what the reader does

let made = 0;

export class SceneGrids extends EventTarget {
  #state;
  #source;
  #grid = null;
  #key = "";
  #run = 0;
  #isWanted = false;
  #mayFine;

  /** @param mayFine  whether the device has room for more than the coarse one */
  constructor(state, source, { mayFine = true } = {}) {
    super();
    this.#state = state;
    this.#source = source;
    this.#mayFine = mayFine;
    source.addEventListener("progress", () => this.#came());
    state.addEventListener("phase", () => {
      this.#run += 1;
      this.#key = "";
      this.#came();
    });
  }

  /** Whether the volume comes to the browser at all. */
  get isLocal() {
    return this.#source.pictures !== null;
  }

  /** The finest grid that is here, of the phase that is shown: { data, shape_ijk, affine, range, serial, isFine }. */
  get grid() {
    return this.#grid;
  }

  /** How far the volume itself is, 0 to 1. */
  get fraction() {
    return this.#source.volume?.fraction ?? 0;
  }

  /** Make grids from now on. */
  want() {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#source.begin();
    this.#came();
  }

  #came() {
    if (!this.#isWanted) return;
    const { volume } = this.#source;
    this.#tell("progress");
    if (!volume?.isComplete) return;
    const key = `${volume.serial}`;
    if (key === this.#key) return;
    this.#key = key;
    this.#make(volume);
  }

  async #make(volume) {
    const run = (this.#run += 1);
    const whole = { data: volume.data, shape_ijk: volume.shape_ijk, affine: this.#state.series.affine };
    const coarse = blocksFor(whole, COARSE);
    const fine = blocksFor(whole, FINE);
    const isOnly = !this.#mayFine || String(coarse) === String(fine);
    if (!(await this.#reduce(whole, coarse, run, isOnly)) || isOnly) return;
    await this.#reduce(whole, fine, run, true);
  }

  async #reduce(whole, blocks, run, isFine) {
    const walk = reduced(whole, blocks);
    let step = { done: false };
    while (!step.done) {
      await spare();
      if (run !== this.#run) return false;
      for (const end = performance.now() + SPARE_MS; !step.done && performance.now() < end; ) step = walk.next();
    }
    made += 1;
    this.#grid = { ...step.value, serial: made, isFine };
    this.#tell("grid");
    return true;
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

/** The next moment in which nothing waits; soon in any case. */
function spare() {
  const wait = globalThis.requestIdleCallback;
  return new Promise((done) => (wait ? wait(done, { timeout: 120 }) : setTimeout(done, 4)));
}
