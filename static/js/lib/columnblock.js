// Sixteen bytes of each row of a volume, as a small volume of its own: eight columns of int16, four of float32. A slice
// across the rows touches every line of memory of the whole volume for two bytes of each; taken out together, its
// neighbours cost no more, and scrolling and windowing find them in the cache.

const BLOCK_BYTES = 16;
const WORDS = BLOCK_BYTES / 4;

export class ColumnBlock {
  #volume = 0; // its serial
  #first = -1;
  #block = null; // { data, words, shape_ijk }

  /** The block with column *i* of a whole volume: { data, words, shape_ijk, index }; null where rows do not divide. */
  of(volume, i) {
    const columns = BLOCK_BYTES / volume.data.BYTES_PER_ELEMENT;
    const [ni, nj, nk] = volume.shape_ijk;
    if (ni % columns) return null;
    const first = i - (i % columns);
    if (this.#volume !== volume.serial) this.#block = roomFor(volume, columns, nj, nk);
    if (this.#volume !== volume.serial || this.#first !== first) {
      copyColumns(volume, first, this.#block);
      this.#volume = volume.serial;
      this.#first = first;
    }
    return { ...this.#block, index: i - first };
  }
}

function roomFor(volume, columns, nj, nk) {
  const data = new volume.data.constructor(columns * nj * nk);
  const words = volume.words && new Uint16Array(data.buffer);
  return { data, words, shape_ijk: [columns, nj, nk] };
}

/** Bits as they are: a float's NaN would not survive being a number on the way. */
function copyColumns(volume, first, block) {
  const [from, to] = [volume.data, block.data].map((array) => new Int32Array(array.buffer));
  const step = (volume.shape_ijk[0] * volume.data.BYTES_PER_ELEMENT) / 4;
  let at = (first * volume.data.BYTES_PER_ELEMENT) / 4;
  for (let out = 0; out < to.length; out += WORDS) {
    to[out] = from[at];
    to[out + 1] = from[at + 1];
    to[out + 2] = from[at + 2];
    to[out + 3] = from[at + 3];
    at += step;
  }
}
