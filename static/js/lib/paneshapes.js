// Which marks a pane shows, and how they lie on it. A pane is { space, frame, index, placed, size, drawn, state,
// offPlane(point) } as views/pane.js; of it only what is drawn counts, not what is wanted.

import { placeOf } from "./frames.js";
import { shapeOf } from "./markshape.js";
import { toScreen } from "./viewtransform.js";

const UNDRAWN = new Set(["keyimage"]);
const ROUNDING = 1e-6; // of a step: what lies just between two slices is on both

/** Whether a mark lies on the slice that the pane shows: all of it, within half a slice of what is drawn. */
export function isOn(mark, pane) {
  if (mark.hidden || UNDRAWN.has(mark.kind) || mark.space !== pane.space) return false;
  if (mark.phase !== (pane.drawn?.phase ?? pane.state.phase)) return false;
  if (mark.space === "image") return mark.image === pane.index;
  const { mm = 0 } = pane.drawn?.slab ?? pane.state.slab ?? {};
  const reach = reachOf(pane.frame, mm) + pane.frame.step_mm * ROUNDING;
  return mark.points.every((point) => pane.offPlane(point) <= reach);
}

/** How far what is drawn reaches to each side, mm: along the voxels slabs are made of whole slices (localslab.js). */
function reachOf({ step_mm: step, is_oblique: isOblique }, slabMm) {
  if (isOblique) return (step + slabMm) / 2;
  return step * (0.5 + Math.trunc(slabMm / 2 / step + ROUNDING));
}

export class PaneShapes {
  #pane;
  #key = "";
  #known = new WeakMap(); // mark → shape

  constructor(pane) {
    this.#pane = pane;
  }

  /** Changes with the picture's place: the same key means the same shapes. */
  get key() {
    const { frame, index, placed } = this.#pane;
    const rows = frame.from_lps?.flat() ?? [];
    return [index, ...placed.matrix, ...rows].join();
  }

  /** The marks that are seen, with their shapes: [{ mark, shape }]. */
  of(marks) {
    const on = marks.filter((mark) => isOn(mark, this.#pane));
    if (!on.length) return [];
    const { key } = this;
    if (key !== this.#key) {
      this.#key = key;
      this.#known = new WeakMap();
    }
    const { frame, placed, size } = this.#pane;
    const seen = (point) => toScreen(placed, placeOf(frame, point));
    const shown = [];
    for (const mark of on) {
      let shape = this.#known.get(mark);
      if (!shape) {
        const points = mark.points.map((point) => (mark.space === "patient" ? seen(point) : toScreen(placed, point)));
        shape = shapeOf(mark.kind, points);
        this.#known.set(mark, shape);
      }
      if (isInSight(shape.box, size)) shown.push({ mark, shape });
    }
    return shown;
  }
}

const isInSight = ([left, top, right, bottom], { width, height }) => right >= 0 && bottom >= 0 && left <= width && top <= height;

const all = new WeakMap(); // pane → its shapes, which the layer draws and the hand takes hold of

/** The shapes of a pane: one keeper for all who ask. */
export function shapesOf(pane) {
  if (!all.has(pane)) all.set(pane, new PaneShapes(pane));
  return all.get(pane);
}
