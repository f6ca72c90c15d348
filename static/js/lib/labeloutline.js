// The outlines of the labels of a plane, along the edges of its pixels, as closed loops: each with its label on the
// right-hand side of the way, so that holes run the other way round. Pixels that touch at a corner alone are two
// shapes. Neighbouring labels have an outline each. Of a plane that is nothing but edges the labels are told, no loops.
//   plane { labels: Uint8Array, left, top, width, height } → Map of label → [Int32Array of x, y, x, y …]
// Corners are counted in pixels of the whole plane: pixel (x, y) reaches from corner (x, y) to (x + 1, y + 1).

import { labelRuns } from "./labelruns.js";

const MOST_RUNS = 100_000; // of noise: lines about each pixel would hide it, and take longer than a hand waits
const [RIGHT, DOWN, LEFT, UP] = [0, 1, 2, 3];
// What follows after a way: the one around the same pixel first, then the one around the next.
const NEXT = [[DOWN, UP], [LEFT, RIGHT], [UP, DOWN], [RIGHT, LEFT]];

let points = new Int32Array(0); // of the loop that is walked
let starts = new Int32Array(0); // of each corner and direction, the run that begins there, plus one

/** @param {{labels: Uint8Array, left: number, top: number, width: number, height: number}} plane */
export function labelOutlines(plane) {
  const rows = labelRuns(plane);
  runs.count = 0;
  acrossRows(plane, rows, runs);
  downColumns(plane, rows, runs);
  if (runs.count > MOST_RUNS) return new Map([...new Set(runs.label.subarray(0, runs.count))].map((label) => [label, []]));
  return loopsOf(plane, runs);
}

/** Straight pieces: where they begin and end as corner numbers, their direction, their label. */
class Runs {
  count = 0;
  from = new Int32Array(1024);
  to = new Int32Array(1024);
  direction = new Uint8Array(1024);
  label = new Uint8Array(1024);

  /** @returns the number of the run */
  add(from, to, direction, label) {
    if (this.count === this.from.length) this.#grow();
    const n = this.count;
    this.from[n] = from;
    this.to[n] = to;
    this.direction[n] = direction;
    this.label[n] = label;
    this.count = n + 1;
    return n;
  }

  #grow() {
    for (const name of ["from", "to", "direction", "label"]) {
      const wider = new this[name].constructor(2 * this.count);
      wider.set(this[name]);
      this[name] = wider;
    }
  }
}

const runs = new Runs(); // made once: its arrays are used again for the next plane

// An edge makes the run of edges longer that ended where it begins, or begins another.

/** Upper edges run to the right, lower edges to the left: where the labels of a row and of the one above differ. */
function acrossRows({ width, height }, { rows, from, end, label }, runs) {
  for (let y = 0; y <= height; y += 1) {
    let above = y > 0 ? rows[y - 1] : 0;
    const aboveEnd = y > 0 ? rows[y] : 0;
    let below = aboveEnd;
    const belowEnd = y < height ? rows[y + 1] : below;
    const corner = y * (width + 1);
    let upper = -1;
    let lower = -1;
    let x = 0;
    while (above < aboveEnd || below < belowEnd) {
      // The labels from x on, and up to where both stay as they are.
      let a = 0;
      let b = 0;
      let next = width;
      if (above < aboveEnd) {
        next = from[above];
        if (next <= x) {
          a = label[above];
          next = end[above];
        }
      }
      if (below < belowEnd) {
        let stop = from[below];
        if (stop <= x) {
          b = label[below];
          stop = end[below];
        }
        if (stop < next) next = stop;
      }
      if (a !== b) {
        const at = corner + x;
        const stop = corner + next;
        if (b !== 0) {
          if (upper >= 0 && runs.to[upper] === at && runs.label[upper] === b) runs.to[upper] = stop;
          else upper = runs.add(at, stop, RIGHT, b);
        }
        if (a !== 0) {
          if (lower >= 0 && runs.from[lower] === at && runs.label[lower] === a) runs.from[lower] = stop;
          else lower = runs.add(stop, at, LEFT, a);
        }
      }
      x = next;
      if (above < aboveEnd && end[above] === x) above += 1;
      if (below < belowEnd && end[below] === x) below += 1;
    }
  }
}

/** Left edges run up, right edges down. Row by row: each column goes on where it was. */
function downColumns({ width, height }, { rows, from, end, label }, runs) {
  const corners = width + 1;
  const lefts = new Int32Array(corners).fill(-1);
  const rights = new Int32Array(corners).fill(-1);
  for (let y = 0; y < height; y += 1) {
    const corner = y * corners;
    for (let n = rows[y]; n < rows[y + 1]; n += 1) {
      const value = label[n];
      const left = from[n];
      const right = end[n];
      const up = lefts[left];
      if (up >= 0 && runs.from[up] === corner + left && runs.label[up] === value) runs.from[up] += corners;
      else lefts[left] = runs.add(corner + corners + left, corner + left, UP, value);
      const down = rights[right];
      if (down >= 0 && runs.to[down] === corner + right && runs.label[down] === value) runs.to[down] += corners;
      else rights[right] = runs.add(corner + right, corner + corners + right, DOWN, value);
    }
  }
}

function loopsOf({ left, top, width, height }, runs) {
  const room = 4 * (width + 1) * (height + 1);
  if (points.length < 2 * runs.count) points = new Int32Array(2 * runs.count);
  if (starts.length < room) starts = new Int32Array(room);
  for (let n = 0; n < runs.count; n += 1) starts[4 * runs.from[n] + runs.direction[n]] = n + 1;
  const loops = new Map();
  const corners = width + 1;
  for (let first = 0; first < runs.count; first += 1) {
    if (starts[4 * runs.from[first] + runs.direction[first]] !== first + 1) continue; // walked already
    const label = runs.label[first];
    let length = 0;
    for (let n = first; n >= 0; n = following(runs, n, label)) {
      const from = runs.from[n];
      starts[4 * from + runs.direction[n]] = 0;
      const row = Math.trunc(from / corners);
      points[length] = from - row * corners + left;
      points[length + 1] = row + top;
      length += 2;
    }
    if (!loops.has(label)) loops.set(label, []);
    loops.get(label).push(points.slice(0, length));
  }
  return loops;
}

/** The run that goes on where run *n* ends; −1 where the loop is closed. */
function following(runs, n, label) {
  const at = 4 * runs.to[n];
  const ways = NEXT[runs.direction[n]];
  let found = starts[at + ways[0]] - 1;
  if (found >= 0 && runs.label[found] === label) return found;
  found = starts[at + ways[1]] - 1;
  return found >= 0 && runs.label[found] === label ? found : -1;
}
