// Rows of labels as runs, by hand, and against pixels of noise.

import assert from "node:assert/strict";
import { test } from "node:test";

import { extentOf, fillRuns, labelRuns } from "../../static/js/lib/labelruns.js";

const told = ({ rows, from, end, label }) => [[...rows], [...from], [...end], [...label]];

test("runs end at the ends of rows, and nothing has none", () => {
  // 2 goes on over the end of a row; the second row of 5 pixels is not on a border of four.
  const labels = Uint8Array.from([0, 0, 1, 1, 2, 2, 2, 0, 0, 3, 0, 0, 0, 0, 0]);
  const runs = labelRuns({ labels, width: 5, height: 3 });
  assert.deepEqual(told(runs), [[0, 2, 4, 4], [2, 4, 0, 4], [4, 5, 2, 5], [1, 2, 2, 3]]);
  assert.deepEqual(extentOf(runs), { left: 0, top: 0, right: 5, bottom: 2 });
});

test("the extent is that of what there is", () => {
  const labels = new Uint8Array(40);
  assert.equal(extentOf(labelRuns({ labels: labels.slice(), width: 8, height: 5 })), null);
  labels[8 + 3] = labels[24 + 5] = 7;
  assert.deepEqual(extentOf(labelRuns({ labels, width: 8, height: 5 })), { left: 3, top: 1, right: 6, bottom: 4 });
});

test("each pixel has the colour of its label, wherever the plane lies in memory", () => {
  let seed = 5;
  const next = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let turn = 0; turn < 60; turn += 1) {
    const [width, height] = [1 + Math.floor(70 * next()), 1 + Math.floor(9 * next())];
    const labels = new Uint8Array(width * height + 3).subarray(turn % 4, width * height + (turn % 4 > 2 ? 3 : turn % 4));
    const often = next();
    for (let n = 0; n < labels.length; n += 1) labels[n] = n > 0 && next() < often ? labels[n - 1] : Math.floor(4 * next());
    const words = new Uint32Array(labels.length);
    // Label 2 is hidden.
    fillRuns(labelRuns({ labels, width, height }), width, Uint32Array.of(0, 0xff0000ff, 0, 0xff00ff00), words);
    assert.deepEqual([...words], [...labels].map((label) => [0, 0xff0000ff, 0, 0xff00ff00][label]));
  }
});
