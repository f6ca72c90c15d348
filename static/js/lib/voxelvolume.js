// The voxels of one phase as they arrive: one typed array of the whole volume, i fastest, then j, then k. Bytes come
// in slabs of whole slices in the order of slaborder.js; a slice counts as here once its slab is whole. Servers
// send little-endian, and so is every machine with a browser.

import { slabOrder, slicesOf } from "./slaborder.js";

let made = 0;

const ARRAYS = { int16: Int16Array, float32: Float32Array };

export class VoxelVolume {
  #order;
  #slabs = 0; // whole ones, in that order
  #filled = 0; // bytes of the next one
  #isHere; // for each slice
  #slices = 0;

  /** @param head { dtype, shape_ijk, slab_slices, center, inverted, revision }, as the server describes its stream */
  constructor(head) {
    const [i, j, k] = head.shape_ijk;
    this.head = head;
    /** No other volume of the page has it: what was made of this one can say so without holding it in memory. */
    this.serial = made += 1;
    this.dtype = head.dtype;
    this.shape_ijk = head.shape_ijk;
    this.inverted = Boolean(head.inverted);
    this.data = new ARRAYS[head.dtype](i * j * k);
    /** int16 as indices of tables of 65,536; null for float32 */
    this.words = head.dtype === "int16" ? new Uint16Array(this.data.buffer) : null;
    this.bytes = new Uint8Array(this.data.buffer);
    this.#order = slabOrder(k, head.center, head.slab_slices);
    this.#isHere = new Uint8Array(k);
  }

  get center() {
    return this.head.center;
  }

  /** Whole slabs that have arrived: what a stream that goes on may leave out. */
  get slabsLoaded() {
    return this.#slabs;
  }

  get isComplete() {
    return this.#slabs === this.#order.length;
  }

  /** Share of the slices that are here. */
  get fraction() {
    return this.#slices / this.shape_ijk[2];
  }

  isLoaded(k) {
    return this.#isHere[k] === 1;
  }

  /** Whether all slices from *first* to *last* are here. */
  areLoaded(first, last) {
    for (let k = first; k <= last; k += 1) if (!this.#isHere[k]) return false;
    return true;
  }

  /** The slices that are here as [first, last] pairs, in order. */
  loadedRanges() {
    const ranges = [];
    for (let k = 0; k < this.#isHere.length; k += 1) {
      if (!this.#isHere[k]) continue;
      if (ranges.length && ranges.at(-1)[1] === k - 1) ranges.at(-1)[1] = k;
      else ranges.push([k, k]);
    }
    return ranges;
  }

  /**
   * Take the next bytes of the stream.
   * @returns {number} how many slabs they made whole; −1 when there are more bytes than the volume has
   */
  receive(chunk) {
    const before = this.#slabs;
    let taken = 0;
    while (taken < chunk.length) {
      if (this.isComplete) return -1;
      const [start, size] = this.#place();
      const part = Math.min(size - this.#filled, chunk.length - taken);
      this.bytes.set(chunk.subarray(taken, taken + part), start + this.#filled);
      taken += part;
      this.#filled += part;
      if (this.#filled === size) this.#close();
    }
    return this.#slabs - before;
  }

  /** The stream broke: what came of the next slab is sent again. */
  rewind() {
    this.#filled = 0;
  }

  /** First byte and size of the next slab. */
  #place() {
    const [first, end] = this.#range();
    const slice = this.bytes.length / this.shape_ijk[2];
    return [first * slice, (end - first) * slice];
  }

  #range() {
    return slicesOf(this.#order[this.#slabs], this.shape_ijk[2], this.head.slab_slices);
  }

  #close() {
    const [first, end] = this.#range();
    this.#isHere.fill(1, first, end);
    this.#slices += end - first;
    this.#slabs += 1;
    this.#filled = 0;
  }
}
