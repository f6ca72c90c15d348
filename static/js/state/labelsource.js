// The label planes that panes draw: from the voxels of layers where pictures are made in the browser, else from the
// server's pictures of labels. Sends "planes" when something came that was asked for, "failed" { error } when it will
// not come by itself.

import { labelAt, labelPlane } from "../lib/labelplane.js";
import { Lru } from "../lib/lru.js";

const PLANES = 96; // kept: a plane of one layer is a few hundred kilobytes at most
const PLANE_BYTES = 48 * 1024 * 1024;
const LAYER_BYTES = 384 * 1024 * 1024;
const PATIENCE_MS = 4000;

export class LabelSource extends EventTarget {
  #series;
  #client;
  #isLocal;
  #decode;
  #layers = new Map(); // key → { box, labels } | "coming" | "failed"
  #bytes = 0;
  #planes = new Lru(PLANE_BYTES);
  #asked = new Map(); // pane → Map of address → AbortController
  #serials = new WeakMap();
  #next = 1;

  /**
   * @param series   the page's data of the series: affine
   * @param client   SegmentationClient
   * @param isLocal  () → whether pictures are made in the browser
   * @param decode   (blob) → { width, height, labels: Uint8Array }
   */
  constructor(series, client, { isLocal, decode }) {
    super();
    this.#series = series;
    this.#client = client;
    this.#isLocal = isLocal;
    this.#decode = decode;
  }

  /**
   * The labels of a layer on a plane: null where it has none, undefined where they are on their way.
   * @param layer  of *segmentation*: { index, box, segments }
   * @param question  what a pane has drawn: { plane, frame, index, slab }
   * @param asker     whoever wants it; what else it asked for is given up with :meth:`settle`
   */
  plane(segmentation, layer, question, asker) {
    const key = `${segmentation.id} ${layer.index} ${maskRevision(segmentation)} ${this.#placeKey(question)}`;
    const kept = this.#planes.get(key);
    if (kept !== undefined) return kept;
    const voxels = this.#voxels(segmentation, layer);
    if (voxels) return this.#keep(key, labelPlane(voxels, question, this.#series.affine));
    if (voxels === undefined) return undefined;
    return this.#ask(key, this.#client.planeUrl(segmentation.id, layer.index, maskRevision(segmentation), question), asker);
  }

  /** Whether planes are made here, at once, where their voxels have come. */
  get isLocal() {
    return this.#isLocal();
  }

  /** What *asker* asked for before and did not ask for since is wanted no more. */
  settle(asker, wanted) {
    const asked = this.#asked.get(asker);
    for (const [key, abort] of asked ?? []) {
      if (wanted.has(key)) continue;
      abort.abort();
      asked.delete(key);
    }
  }

  /** The label of a voxel in a layer; undefined where its voxels are not here. */
  labelAt(segmentation, layer, voxel) {
    const voxels = this.#layers.get(layerKey(segmentation, layer));
    return voxels?.labels ? labelAt(voxels, voxel) : undefined;
  }

  /** The connection is back: what failed is asked for again. */
  retry() {
    for (const [key, value] of this.#layers) if (value === "failed") this.#layers.delete(key);
    this.#tell();
  }

  /** { box, labels }; undefined while they come, null where pictures of labels are to be asked for. */
  #voxels(segmentation, layer) {
    if (!this.#isLocal()) return null;
    const key = layerKey(segmentation, layer);
    const here = this.#layers.get(key);
    if (here === "coming") return undefined;
    if (here === "failed") return null;
    if (here) return here;
    const bytes = sizeOf(layer.box);
    if (this.#bytes + bytes > LAYER_BYTES) this.#forgetOthers(segmentation);
    if (this.#bytes + bytes > LAYER_BYTES) return null;
    this.#load(key, segmentation, layer);
    return undefined;
  }

  async #load(key, segmentation, layer) {
    this.#layers.set(key, "coming");
    try {
      const labels = await this.#client.layer(segmentation.id, layer, maskRevision(segmentation));
      this.#layers.set(key, { box: layer.box, labels, segmentation: segmentation.id });
      this.#bytes += labels.length;
    } catch (error) {
      this.#layers.set(key, "failed");
      this.dispatchEvent(new CustomEvent("failed", { detail: { error } }));
      if (error.status === 0) setTimeout(() => this.retry(), PATIENCE_MS);
    }
    this.#tell();
  }

  #forgetOthers({ id }) {
    for (const [key, { labels, segmentation }] of this.#layers) {
      if (!labels || segmentation === id) continue;
      this.#bytes -= labels.length;
      this.#layers.delete(key);
    }
  }

  #ask(key, url, asker) {
    if (!this.#asked.has(asker)) this.#asked.set(asker, new Map());
    const asked = this.#asked.get(asker);
    if (!asked.has(key)) {
      const abort = new AbortController();
      asked.set(key, abort);
      this.#fetch(key, url, abort.signal).finally(() => asked.get(key) === abort && asked.delete(key));
    }
    return undefined;
  }

  async #fetch(key, url, signal) {
    try {
      const { width, height, labels } = await this.#decode(await this.#client.planeBlob(url, signal));
      this.#keep(key, { labels, left: 0, top: 0, width, height });
      if (!signal.aborted) this.#tell();
    } catch (error) {
      if (!signal.aborted) this.dispatchEvent(new CustomEvent("failed", { detail: { error } }));
    }
  }

  #keep(key, plane) {
    this.#planes.set(key, plane, Math.max(PLANE_BYTES / PLANES, plane?.labels.length ?? 0));
    return plane;
  }

  /** The key under which a plane is kept, for :meth:`settle`. */
  keyOf(segmentation, layer, question) {
    return `${segmentation.id} ${layer.index} ${maskRevision(segmentation)} ${this.#placeKey(question)}`;
  }

  /** Turned frames are made anew with each turn: a number for each says which is meant. */
  #placeKey({ plane, frame, index, slab }) {
    if (frame.is_oblique && !this.#serials.has(frame)) this.#serials.set(frame, (this.#next += 1));
    // Whatever is projected, labels are those of all that is within.
    return `${plane} ${frame.is_oblique ? this.#serials.get(frame) : ""} ${index} ${slab?.mm ?? 0}`;
  }

  #tell() {
    this.dispatchEvent(new Event("planes"));
  }
}

/** The revision of the voxels; names and colours change without them. */
export function maskRevision({ mask_revision: mask, revision }) {
  return mask ?? revision;
}

const layerKey = (segmentation, layer) => `${segmentation.id} ${layer.index} ${maskRevision(segmentation)}`;
const sizeOf = ([low, high]) => [0, 1, 2].reduce((count, axis) => count * (high[axis] - low[axis]), 1);
