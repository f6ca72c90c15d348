// The doses that belong to a series: which there are, their voxels once one is shown, and how they are shown. The last
// is part of the viewer's state, beside that of the segments. Sends "doses".

import { tidyDose } from "../lib/doseplane.js";

export class Doses extends EventTarget {
  #state;
  #client;
  #list = [];
  #voxels = new Map(); // id → dose with values, "coming" or an error

  constructor(state, client) {
    super();
    this.#state = state;
    this.#client = client;
    state.addEventListener("segments", () => this.#tell());
  }

  get client() {
    return this.#client;
  }

  /** [{ instance_id, name, max_gy, reason }] */
  get all() {
    return this.#list;
  }

  async load() {
    this.#list = await this.#client.doses().catch(() => []);
    this.#tell();
  }

  /** { isShown, levels, unit, mode, opacity } */
  display(id) {
    return tidyDose(this.#state.segments.of[id]?.dose);
  }

  setDisplay(id, changes) {
    const { of, solo } = this.#state.segments;
    this.#state.setSegments({ of: { ...of, [id]: { ...of[id], dose: { ...this.display(id), ...changes } } }, solo });
  }

  /** A dose with its values; null where they are not here (and come, where they can). */
  voxels(id) {
    const here = this.#voxels.get(id);
    if (here === undefined) this.#load(id);
    return here?.values ? here : null;
  }

  /** Why the values of a dose did not come, or null. */
  fault(id) {
    const here = this.#voxels.get(id);
    return here instanceof Error ? here : null;
  }

  retry(id) {
    if (this.fault(id)) this.#voxels.delete(id);
    this.#tell();
  }

  async #load(id) {
    this.#voxels.set(id, "coming");
    try {
      this.#voxels.set(id, await this.#client.dose({ instance_id: id }));
    } catch (fault) {
      this.#voxels.set(id, fault);
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("doses"));
  }
}
