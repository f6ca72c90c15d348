// The segments of one pane: <canvas class="pane-labels"> over the picture, placed as it is. Fills are drawn pixel by
// pixel of the plane, never smoothed; outlines follow the pixels' edges and keep their width on the screen at every
// zoom, turn and flip. Draws after each picture of the pane, in the same frame; what was made of a slice is kept.
// Says of itself: data-labels (the slice drawn, and how many segments are on it).

import { labelOutlines } from "../lib/labeloutline.js";
import { extentOf, fillRuns, labelRuns } from "../lib/labelruns.js";
import { fillTable } from "../lib/segmentdisplay.js";

const OUTLINE = 1.5; // CSS pixels
const SELECTED = 2.5;
const BESIDE_MIDDLE = 1 / 128; // as the picture is drawn: views/pane.js

export class LabelLayer {
  #pane;
  #segmentations;
  #source;
  #canvas;
  #context;
  #fills = new Map(); // of each layer, what was last painted
  #outlines = new WeakMap(); // plane → Map of label → Path2D
  #version = 0;
  #index = -1; // of the slice before
  #idle = 0;
  #painted = "";
  #frame = null; // whose slice is painted
  #frameWanted = 0;
  #shown = []; // what lies on the slice: [{ segmentation, layer, plane }]

  /**
   * @param pane           Pane
   * @param segmentations  Segmentations
   * @param source         LabelSource
   */
  constructor(pane, segmentations, source) {
    this.#pane = pane;
    this.#segmentations = segmentations;
    this.#source = source;
    this.#canvas = document.createElement("canvas");
    this.#canvas.className = "pane-labels";
    this.#canvas.setAttribute("aria-hidden", "true");
    pane.element.querySelector("canvas.pane-image").after(this.#canvas);
    this.#context = this.#canvas.getContext("2d");
    pane.addEventListener("painted", () => this.draw());
    for (const change of ["segmentations", "display", "selected"]) segmentations.addEventListener(change, () => this.#changed());
    source.addEventListener("planes", () => this.#changed());
  }

  /** The segments under a pixel of the plane that is drawn, the topmost last: [{ segmentation, segment }]. */
  under([x, y]) {
    const found = [];
    for (const { segmentation, layer, plane } of this.#shown) {
      const [column, row] = [x - plane.left, y - plane.top];
      if (column < 0 || row < 0 || column >= plane.width || row >= plane.height) continue;
      const label = plane.labels[row * plane.width + column];
      const segment = label && segmentation.segments.find(({ number }) => number === layer.segments[label - 1]);
      if (segment && this.#segmentations.isShown(segmentation.id, segment.number)) found.push({ segmentation, segment });
    }
    return found;
  }

  #changed() {
    this.#version += 1;
    this.#frameWanted ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.#frameWanted);
    this.#frameWanted = 0;
    const { drawn, isShown, size } = this.#pane;
    if (!isShown || !drawn) return;
    if (!this.#segmentations.all.length && !this.#painted) return;
    const { matrix } = this.#pane.placed;
    const asked = [this.#version, drawn.index, drawn.slab?.mm ?? 0, ...matrix, size.width, size.height, size.ratio].join();
    if (asked === this.#painted && drawn.frame === this.#frame) return;
    this.#painted = asked;
    this.#frame = drawn.frame;
    this.#collect(drawn);
    this.#paint(matrix);
    this.#lookAhead(drawn);
  }

  /** Make the next slice's labels and outlines while nothing else is to be done: then it is only painted. */
  #lookAhead(drawn) {
    const before = this.#index;
    this.#index = drawn.index;
    if (!this.#source.isLocal || !globalThis.requestIdleCallback || before === drawn.index) return;
    const index = drawn.index + Math.sign(drawn.index - before || 1);
    if (index < 0 || index >= drawn.count) return;
    cancelIdleCallback(this.#idle);
    this.#idle = requestIdleCallback(() => {
      for (const { segmentation, layer } of this.#shown) {
        const plane = this.#source.plane(segmentation, layer, { ...drawn, index }, this);
        if (plane) this.#outlinesOf(plane);
      }
    });
  }

  /** The planes of all layers that have something to show here. */
  #collect(drawn) {
    this.#shown = [];
    const wanted = new Set();
    for (const segmentation of this.#segmentations.all) {
      for (const layer of segmentation.layers) {
        if (!layer.segments.some((number) => this.#segmentations.isShown(segmentation.id, number))) continue;
        wanted.add(this.#source.keyOf(segmentation, layer, drawn));
        const plane = this.#source.plane(segmentation, layer, drawn, this);
        if (plane) this.#shown.push({ segmentation, layer, plane });
      }
    }
    this.#source.settle(this, wanted);
  }

  #paint(matrix) {
    const { width, height, ratio } = this.#pane.size;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    const context = this.#context;
    if (this.#canvas.width !== across || this.#canvas.height !== down) {
      this.#canvas.width = across;
      this.#canvas.height = down;
    } else {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, across, down);
    }
    const placed = matrix.map((value) => value * ratio);
    const lines = [];
    // What overlaps went to a further layer: those lie below.
    for (const one of [...this.#shown].reverse()) lines.push(...this.#paintFills(one, placed));
    this.#strokeAll(lines, placed, ratio);
    this.#canvas.dataset.labels = `${this.#pane.index} ${lines.length}`;
  }

  /** @returns what is on the plane: [{ path, color, voxels, isStroked, isSelected }] */
  #paintFills({ segmentation, layer, plane }, placed) {
    const { id } = segmentation;
    const { opacity, mode } = this.#segmentations.display(id);
    const outlines = this.#outlinesOf(plane);
    const seen = this.#labelsOf(segmentation, layer).filter(([label]) => outlines.has(label));
    if (!seen.length) return [];
    const colours = seen.map(([label, { color }]) => [label, color]);
    if (mode !== "outline" && opacity > 0) this.#fill(`${id} ${layer.index}`, plane, colours, opacity, placed);
    const { selected } = this.#segmentations;
    return seen.map(([label, { number, color, voxels }]) => ({
      path: outlines.get(label),
      color,
      voxels,
      isStroked: mode !== "fill",
      isSelected: selected?.id === id && selected.number === number,
    }));
  }

  /** [label, segment] of what is shown of a layer. */
  #labelsOf({ id, segments }, layer) {
    const byNumber = new Map(segments.map((segment) => [segment.number, segment]));
    return layer.segments
      .map((number, n) => [n + 1, byNumber.get(number)])
      .filter(([, segment]) => segment && this.#segmentations.isShown(id, segment.number));
  }

  #fill(key, plane, colours, opacity, [a, b, c, d, e, f]) {
    const { canvas, extent } = this.#picture(key, plane, colours);
    if (!extent) return;
    const context = this.#context;
    context.imageSmoothingEnabled = false;
    // A pixel's centre is at its integer, so the plane begins half a pixel before.
    context.setTransform(a, b, c, d, e - (a + c) / 2 - BESIDE_MIDDLE, f - (b + d) / 2 - BESIDE_MIDDLE);
    context.globalAlpha = opacity;
    const { left, top, right, bottom } = extent;
    const size = [right - left, bottom - top];
    context.drawImage(canvas, left, top, ...size, plane.left + left, plane.top + top, ...size);
    context.globalAlpha = 1;
  }

  /**
   * { canvas, extent }: a pixel's colour for each label, and the rectangle of the canvas where there is any. Made anew
   * only for another plane or other colours, and only where there is or was something.
   */
  #picture(key, plane, colours) {
    const told = colours.join();
    const kept = this.#fills.get(key);
    if (kept?.plane === plane && kept.told === told) return kept;
    const { width, height } = plane;
    const canvas = kept?.canvas ?? document.createElement("canvas");
    const isSame = kept && canvas.width === width && canvas.height === height;
    if (!isSame) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = isSame ? kept.context : canvas.getContext("2d", { willReadFrequently: true }); // put pixel by pixel: it stays in memory
    const image = isSame ? kept.image : context.createImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    const before = isSame ? kept.extent : null;
    if (before) words.fill(0, before.top * width, before.bottom * width);
    const runs = labelRuns(plane);
    const extent = extentOf(runs);
    fillRuns(runs, width, fillTable(colours), words);
    const changed = around(before, extent);
    if (changed) context.putImageData(image, 0, 0, changed.left, changed.top, changed.right - changed.left, changed.bottom - changed.top);
    const made = { plane, told, canvas, context, image, extent };
    this.#fills.set(key, made);
    return made;
  }

  #outlinesOf(plane) {
    let paths = this.#outlines.get(plane);
    if (!paths) {
      paths = new Map([...labelOutlines(plane)].map(([label, loops]) => [label, pathOf(loops)]));
      this.#outlines.set(plane, paths);
    }
    return paths;
  }

  /** Small ones over large ones, the selected one over all: a border that two share is seen as both's. */
  #strokeAll(lines, [a, b, c, d, e, f], ratio) {
    const context = this.#context;
    const placed = new DOMMatrix([a, b, c, d, e - (a + c) / 2, f - (b + d) / 2]);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.lineJoin = "miter"; // all corners are right angles
    const order = lines.filter(({ isStroked }) => isStroked);
    order.sort((one, other) => one.isSelected - other.isSelected || other.voxels - one.voxels);
    for (const { path: outline, color, isSelected } of order) {
      const path = new Path2D();
      path.addPath(outline, placed);
      context.lineWidth = (isSelected ? SELECTED : OUTLINE) * ratio;
      context.strokeStyle = color;
      context.stroke(path);
    }
  }
}

/** The rectangle around two of them, either of which may be null. */
function around(one, other) {
  if (!one || !other) return one ?? other;
  const low = (name) => Math.min(one[name], other[name]);
  const high = (name) => Math.max(one[name], other[name]);
  return { left: low("left"), top: low("top"), right: high("right"), bottom: high("bottom") };
}

function pathOf(loops) {
  const path = new Path2D();
  for (const points of loops) {
    path.moveTo(points[0], points[1]);
    for (let n = 2; n < points.length; n += 2) path.lineTo(points[n], points[n + 1]);
    path.closePath();
  }
  return path;
}
