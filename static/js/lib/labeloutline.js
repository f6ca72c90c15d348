// The outlines of the labels of a plane, along the edges of its pixels, as closed loops: each with its label on the
// right-hand side of the way, so that holes run the other way round. Pixels that touch at a corner alone are two
// shapes. Neighbouring labels have an outline each. Of a plane that is nothing but edges the labels are told, no loops.
//   plane { labels: Uint8Array, left, top, width, height } → Map of label → [Int32Array of x, y, x, y …]
// Corners are counted in pixels of the whole plane: pixel (x, y) reaches from corner (x, y) to (x + 1, y + 1).

const MOST_RUNS = 100_000; // of noise: lines about each pixel would hide it, and take longer than a hand waits
const [RIGHT, DOWN, LEFT, UP] = [0, 1, 2, 3];
// What follows after a way: the one around the same pixel first, then the one around the next.
const NEXT = [[DOWN, UP], [LEFT, RIGHT], [UP, DOWN], [RIGHT, LEFT]];

let starts = new Int32Array(0); // of each corner and direction, the run that begins there, plus one

/** @param {{labels: Uint8Array, left: number, top: number, width: number, height: number}} plane */
export function labelOutlines(plane) {
  runs.count = 0;
  acrossRows(plane, runs);
  downColumns(plane, runs);
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

// Nearly all neighbours are alike, and only they that differ cost more than a comparison: an edge makes the run longer
// that ended where it begins, or begins another.

/** Upper edges run to the right, lower edges to the left. */
function acrossRows({ labels, width, height }, runs) {
  const none = new Uint8Array(width);
  for (let y = 0; y <= height; y += 1) {
    const above = y > 0 ? labels.subarray((y - 1) * width, y * width) : none;
    const below = y < height ? labels.subarray(y * width, (y + 1) * width) : none;
    const corner = y * (width + 1);
    let upper = -1;
    let lower = -1;
    for (let x = 0; x < width; x += 1) {
      const a = above[x];
      const b = below[x];
      if (a === b) continue;
      const at = corner + x;
      if (b !== 0) {
        if (upper >= 0 && runs.to[upper] === at && runs.label[upper] === b) runs.to[upper] = at + 1;
        else upper = runs.add(at, at + 1, RIGHT, b);
      }
      if (a !== 0) {
        if (lower >= 0 && runs.from[lower] === at && runs.label[lower] === a) runs.from[lower] = at + 1;
        else lower = runs.add(at + 1, at, LEFT, a);
      }
    }
  }
}

/** Left edges run up, right edges down. Row by row, as the labels lie in memory: each column goes on where it was. */
function downColumns({ labels, width, height }, runs) {
  const corners = width + 1;
  const lefts = new Int32Array(corners).fill(-1);
  const rights = new Int32Array(corners).fill(-1);
  for (let y = 0, place = 0; y < height; y += 1) {
    let a = 0;
    for (let x = 0; x <= width; x += 1) {
      const b = x < width ? labels[place + x] : 0;
      if (a === b) continue;
      const at = y * corners + x;
      const below = at + corners;
      if (b !== 0) {
        const n = lefts[x];
        if (n >= 0 && runs.from[n] === at && runs.label[n] === b) runs.from[n] = below;
        else lefts[x] = runs.add(below, at, UP, b);
      }
      if (a !== 0) {
        const n = rights[x];
        if (n >= 0 && runs.to[n] === at && runs.label[n] === a) runs.to[n] = below;
        else rights[x] = runs.add(at, below, DOWN, a);
      }
      a = b;
    }
    place += width;
  }
}

function loopsOf({ left, top, width, height }, runs) {
  const room = 4 * (width + 1) * (height + 1);
  if (starts.length < room) starts = new Int32Array(room);
  for (let n = 0; n < runs.count; n += 1) starts[4 * runs.from[n] + runs.direction[n]] = n + 1;
  const loops = new Map();
  const corners = width + 1;
  for (let first = 0; first < runs.count; first += 1) {
    if (starts[4 * runs.from[first] + runs.direction[first]] !== first + 1) continue; // walked already
    const label = runs.label[first];
    const points = [];
    for (let n = first; n >= 0; n = following(runs, n, label)) {
      const from = runs.from[n];
      starts[4 * from + runs.direction[n]] = 0;
      points.push((from % corners) + left, Math.floor(from / corners) + top);
    }
    if (!loops.has(label)) loops.set(label, []);
    loops.get(label).push(Int32Array.from(points));
  }
  return loops;
}

/** The run that goes on where run *n* ends; −1 where the loop is closed. */
function following(runs, n, label) {
  const at = 4 * runs.to[n];
  for (const direction of NEXT[runs.direction[n]]) {
    const found = starts[at + direction] - 1;
    if (found >= 0 && runs.label[found] === label) return found;
  }
  return -1;
}
