// Surfaces of the grid that is in the browser, by a worker. Of several levels wanted for one surface only the last
// is made: a slider that is drawn asks for many.

export class SurfaceMaker {
  #worker = null;
  #grid = null;
  #number = 0;
  #answers = new Map(); // number → { resolve, reject }
  #running = new Set(); // names of surfaces that are being made
  #waiting = new Map(); // name → the next question

  /** Work on this grid from now on. */
  take(grid) {
    if (grid === this.#grid) return;
    this.#grid = grid;
    this.#begin();
    const { data, shape_ijk, affine, serial } = grid;
    this.#worker.postMessage({ name: serial, grid: { data, shape_ijk, affine } });
  }

  get grid() {
    return this.#grid;
  }

  /** The mesh of a surface; null where another one was asked for in its place meanwhile. */
  make(name, level, largest = false) {
    return new Promise((resolve, reject) => {
      const question = { level, largest, resolve, reject };
      if (!this.#running.has(name)) {
        this.#ask(name, question);
        return;
      }
      this.#waiting.get(name)?.resolve(null);
      this.#waiting.set(name, question);
    });
  }

  delete() {
    this.#worker?.terminate();
    this.#worker = this.#grid = null;
  }

  #begin() {
    if (this.#worker) return;
    this.#worker = new Worker(new URL("../workers/surfaces.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data: { number, mesh, fault } }) => {
      const answer = this.#answers.get(number);
      this.#answers.delete(number);
      if (fault) answer?.reject(new Error(fault));
      else answer?.resolve(mesh);
    });
    this.#worker.addEventListener("error", (event) => {
      for (const { reject } of this.#answers.values()) reject(new Error(event.message));
      this.#answers.clear();
    });
  }

  async #ask(name, { level, largest, resolve, reject }) {
    this.#running.add(name);
    this.#number += 1;
    const number = this.#number;
    const answer = new Promise((...ways) => {
      const [done, failed] = ways;
      this.#answers.set(number, { resolve: done, reject: failed });
    });
    this.#worker.postMessage({ number, name: this.#grid.serial, level, largest });
    try {
      resolve(await answer);
    } catch (fault) {
      reject(fault);
    }
    this.#running.delete(name);
    const next = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (next) this.#ask(name, next);
  }
}
