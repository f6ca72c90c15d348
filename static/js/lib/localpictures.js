// Pictures made in the browser from a volume that is here, pixel by pixel those that the server would send.
//   question { plane, index, frame, phase, window, colormap, inverted, overlays, slab: { mm, projection }|null, coarse? }
// What only the server can draw is left to it: VOI LUTs of the file, overlays, slices that are not here yet, colour maps
// whose bytes have not come, slabs with more samples than a hand would wait for.

import { ColumnBlock } from "./columnblock.js";
import { fillTable, paintFloats, paletteOf, turnedPalette } from "./greys.js";
import { sampleLattice } from "./localoblique.js";
import { projectSlab, slabRange, spacingOf } from "./localslab.js";
import { paintWords, readSlice, stepsOf } from "./localslice.js";
import { Lru } from "./lru.js";
import { latticeOf, slicesUnder } from "./planelattice.js";
import { planeOf } from "./planequery.js";

const MOST_SAMPLES = 1 << 22; // a tenth of a second
const TABLES = 2; // the window before, too: a hand that lets go often returns to it
const SIZES = 6; // of pictures: turned planes have another one at each angle

export class LocalPictures {
  #voxels;
  #series;
  #palettes = new Map([["gray", paletteOf(null)]]);
  #tables = [];
  #pixels = new Lru(SIZES); // by size; a picture is drawn before the next one of its size is made
  #made = new Map(); // of each plane the values last made, and of what
  #columns = new ColumnBlock();

  /**
   * @param voxels  { volume(phase) → VoxelVolume|null }: http/voxels.js, VoxelStream
   * @param series  the page's data of the series: affine, shape_ijk
   */
  constructor(voxels, series) {
    this.#voxels = voxels;
    this.#series = series;
  }

  /** @param tables { name: 256 × 3 bytes } */
  setColormaps(tables) {
    for (const [name, rgb] of Object.entries(tables)) if (name !== "gray") this.#palettes.set(name, paletteOf(rgb));
    this.#tables = [];
  }

  canDraw(question) {
    const volume = this.#voxels.volume(question.phase);
    const { window, frame, slab, overlays, colormap } = question;
    if (!volume || !window || window.lut !== undefined || window.own) return false;
    if (!this.#palettes.has(colormap ?? "gray")) return false;
    // Overlays lie on slices as they were acquired, and on nothing else.
    if (overlays && frame.is_acquired && !slab?.mm) return false;
    return this.#isHere(volume, question);
  }

  /** { width, height, pixels: Uint32Array of RGBA }; the array is used again for the next picture of that size. */
  draw(question) {
    const { frame, window, slab } = question;
    const { width, height } = frame;
    const volume = this.#voxels.volume(question.phase);
    const pixels = this.#pixelsOf(width, height);
    const colours = this.#palettes.get(question.colormap ?? "gray");
    const isInverted = volume.inverted !== Boolean(question.inverted);
    if (volume.words && !frame.is_oblique && !slab?.mm) {
      const { words, steps, index } = this.#along(volume, frame, question.index);
      paintWords(words, this.#table(question, isInverted), steps, index, width, height, pixels);
      return { width, height, pixels };
    }
    const values = this.#values(volume, question);
    if (values instanceof Int16Array) {
      const steps = { first: 0, right: 1, down: width, through: 0 };
      const words = new Uint16Array(values.buffer);
      paintWords(words, this.#table(question, isInverted), steps, 0, width, height, pixels);
    } else {
      paintFloats(values, window, turnedPalette(colours, isInverted), colours[0], pixels);
    }
    return { width, height, pixels };
  }

  /** The value that a pixel of a picture shows; undefined where that is not known, NaN where there is none. */
  valueAt(question, [x, y]) {
    const { frame } = question;
    const volume = this.#voxels.volume(question.phase);
    if (!volume || !this.#isHere(volume, question)) return undefined;
    if (!(x >= 0 && y >= 0 && x < frame.width && y < frame.height)) return NaN;
    const out = new Float32Array(1);
    if (frame.is_oblique) {
      const lattice = this.#lattice(question);
      const corner = lattice.corner.map((value, axis) => value + y * lattice.down[axis] + x * lattice.right[axis]);
      const { projection } = question.slab ?? {};
      sampleLattice(volume.data, volume.shape_ijk, { ...lattice, corner, size: [1, 1] }, projection, out);
      return out[0];
    }
    const steps = stepsOf(frame, volume.shape_ijk);
    const pixel = { ...steps, first: steps.first + x * steps.right + y * steps.down };
    if (!question.slab?.mm) return volume.data[pixel.first + question.index * steps.through];
    projectSlab(volume.data, pixel, this.#range(question), question.slab.projection, 1, 1, out);
    return out[0];
  }

  /** The value of a voxel of a phase; undefined where its slice is not here. */
  voxelValue([i, j, k], phase) {
    const volume = this.#voxels.volume(phase);
    const [ni, nj, nk] = volume?.shape_ijk ?? [0, 0, 0];
    const isInside = i >= 0 && j >= 0 && k >= 0 && i < ni && j < nj && k < nk;
    return isInside && volume.isLoaded(k) ? volume.data[(k * nj + j) * ni + i] : undefined;
  }

  #isHere(volume, question) {
    const { frame, index, slab } = question;
    if (frame.is_oblique) {
      if (!frame.to_lps) return false;
      const lattice = this.#lattice(question);
      const every = question.coarse ? 4 : 1;
      if ((lattice.steps * frame.width * frame.height) / every > MOST_SAMPLES) return false;
      return volume.isComplete || volume.areLoaded(...slicesUnder(lattice, volume.shape_ijk[2]));
    }
    if (volume.isComplete) return true;
    if (frame.axes_ijk[2] !== 2) return false;
    return slab?.mm ? volume.areLoaded(...this.#range(question)) : volume.isLoaded(index);
  }

  /** Where a slice lies: { data, words, steps, index } of the volume, or of a block taken out of it. */
  #along(volume, frame, index) {
    const block = frame.axes_ijk[2] === 0 ? this.#columns.of(volume, index) : null;
    const { data, words, shape_ijk } = block ?? volume;
    return { data, words, steps: stepsOf(frame, shape_ijk), index: block?.index ?? index };
  }

  /**
   * The values of a picture: Int16Array where they are voxels of an int16 volume, else Float32Array. Those of each
   * plane are kept, for a window that is dragged needs no others.
   */
  #values(volume, question) {
    const { plane, frame, index, coarse = false } = question;
    const { mm = 0, projection = "" } = question.slab ?? {};
    const made = { of: volume.serial, frame, index, mm, projection, coarse };
    const kept = this.#made.get(plane);
    if (kept && Object.keys(made).every((name) => made[name] === kept[name])) return kept.values;
    const Kind = volume.words && !frame.is_oblique && projection !== "mean" ? Int16Array : Float32Array;
    const count = frame.width * frame.height;
    const isFit = kept?.values instanceof Kind && kept.values.length === count;
    const values = isFit ? kept.values : new Kind(count);
    this.#work(volume, made, question, values);
    this.#made.set(plane, { ...made, values });
    return values;
  }

  #work(volume, { frame, index, mm, projection, coarse }, question, out) {
    const { width, height } = frame;
    if (frame.is_oblique) {
      sampleLattice(volume.data, volume.shape_ijk, this.#lattice(question), projection, out, coarse ? 2 : 1);
    } else if (mm) {
      const steps = stepsOf(frame, volume.shape_ijk);
      projectSlab(volume.data, steps, this.#range(question), projection, width, height, out);
    } else {
      const slice = this.#along(volume, frame, index);
      readSlice(slice.data, slice.steps, slice.index, width, height, out);
    }
  }

  #lattice({ frame, index, slab }) {
    return latticeOf(this.#series.affine, planeOf(frame, index), slab?.mm ?? 0);
  }

  #range({ frame, index, slab }) {
    return slabRange(index, frame.count, spacingOf(this.#series.affine, frame.axes_ijk[2]), slab.mm);
  }

  #table({ window, colormap = "gray" }, isInverted) {
    const key = JSON.stringify([window.center, window.width, window.function, window.curve, colormap, isInverted]);
    const at = this.#tables.findIndex((kept) => kept.key === key);
    if (at >= 0) return this.#tables[at].table;
    const table = this.#tables.length < TABLES ? new Uint32Array(65536) : this.#tables.pop().table;
    fillTable(table, window, turnedPalette(this.#palettes.get(colormap), isInverted));
    this.#tables.unshift({ key, table });
    return table;
  }

  #pixelsOf(width, height) {
    const key = `${width}×${height}`;
    if (!this.#pixels.has(key)) this.#pixels.set(key, new Uint32Array(width * height));
    return this.#pixels.get(key);
  }
}
