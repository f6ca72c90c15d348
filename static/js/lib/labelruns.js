// The rows of a plane of labels as runs of one label each: most of a plane is nothing, or one label for long, and four
// pixels are compared at a time. Fill and outlines are made of the runs, so that they cost what there is to be seen.
//   plane { labels: Uint8Array, width, height } → { count, rows, from, end, label }: the runs rows[y] to rows[y + 1] are
//   those of row y, from left to right, of the pixels from[n] to end[n] - 1; nothing (label 0) has no run

const MOST_KEPT = 20_000; // of noise there are as many as pixels: they are made again when they are wanted again
const kept = new WeakMap();

let starts = new Int32Array(4096); // of all runs of a plane, also those of nothing: where they begin

/** @param {{labels: Uint8Array, width: number, height: number}} plane  which never changes */
export function labelRuns(plane) {
  let runs = kept.get(plane);
  if (!runs) {
    runs = inRows(plane, changesOf(plane.labels));
    if (runs.count <= MOST_KEPT) kept.set(plane, runs);
  }
  return runs;
}

/** How many runs the plane has as one long row; *starts* has where they begin. */
function changesOf(labels) {
  const isEven = labels.byteOffset % 4 === 0;
  const fours = new Int32Array(isEven ? labels.buffer : labels.slice().buffer, isEven ? labels.byteOffset : 0, labels.length >> 2);
  let count = 1;
  let label = labels[0];
  let alike = Math.imul(label, 0x01010101);
  starts[0] = 0;
  for (let n = 0; n < fours.length; n += 1) {
    if (fours[n] === alike) continue;
    if (count + 4 > starts.length) widen();
    for (let at = 4 * n; at < 4 * n + 4; at += 1) {
      if (labels[at] === label) continue;
      label = labels[at];
      starts[count] = at;
      count += 1;
    }
    alike = Math.imul(label, 0x01010101);
  }
  if (count + 4 > starts.length) widen();
  for (let at = 4 * fours.length; at < labels.length; at += 1) {
    if (labels[at] === label) continue;
    label = labels[at];
    starts[count] = at;
    count += 1;
  }
  return count;
}

function widen() {
  const wider = new Int32Array(2 * starts.length);
  wider.set(starts);
  starts = wider;
}

/** The runs that are something, cut at the ends of the rows. */
function inRows({ labels, width, height }, changes) {
  const most = changes + height;
  const [from, end] = [new Int32Array(most), new Int32Array(most)];
  const label = new Uint8Array(most);
  const rows = new Int32Array(height + 1);
  let count = 0;
  let y = 0;
  for (let n = 0; n < changes; n += 1) {
    const value = labels[starts[n]];
    if (value === 0) continue;
    const stop = n + 1 < changes ? starts[n + 1] : labels.length;
    for (let at = starts[n]; at < stop; ) {
      while (at >= (y + 1) * width) rows[(y += 1)] = count;
      const last = Math.min(stop, (y + 1) * width);
      from[count] = at - y * width;
      end[count] = last - y * width;
      label[count] = value;
      count += 1;
      at = last;
    }
  }
  while (y < height) rows[(y += 1)] = count;
  return { count, rows, from: from.slice(0, count), end: end.slice(0, count), label: label.slice(0, count) };
}

/** The rectangle around all runs: { left, top, right, bottom } in the plane's own pixels; null where there is none. */
export function extentOf({ count, rows, from, end }) {
  if (!count) return null;
  let [left, right] = [from[0], end[0]];
  for (let n = 1; n < count; n += 1) {
    if (from[n] < left) left = from[n];
    if (end[n] > right) right = end[n];
  }
  let [top, bottom] = [0, rows.length - 1];
  while (rows[top + 1] === 0) top += 1;
  while (rows[bottom - 1] === count) bottom -= 1;
  return { left, top, right, bottom };
}

const LONG = 24; // pixels from which on filling at once is quicker than one by one

/**
 * Write the plane's colours into the words of a picture of the same size that is empty where runs are not.
 * @param table  Uint32Array: the word of each label
 */
export function fillRuns({ rows, from, end, label }, width, table, words) {
  for (let y = 0; y + 1 < rows.length; y += 1) {
    for (let n = rows[y]; n < rows[y + 1]; n += 1) {
      const word = table[label[n]];
      if (word === 0) continue;
      const first = y * width + from[n];
      const last = y * width + end[n];
      if (last - first >= LONG) words.fill(word, first, last);
      else for (let at = first; at < last; at += 1) words[at] = word;
    }
  }
}
