import assert from "node:assert/strict";
import { test } from "node:test";

import { makeBatches } from "../../static/js/lib/batches.js";

const sized = (...sizes) => sizes.map((size, n) => ({ path: `${n}`, file: { size } }));

test("batches keep to files and bytes, and the order", () => {
  const batches = makeBatches(sized(4, 4, 4, 1, 1, 1), { maxFiles: 3, maxBytes: 10 });
  assert.deepEqual(batches.map((batch) => batch.items.map((item) => item.file.size)), [[4, 4], [4, 1, 1], [1]]);
  assert.deepEqual(batches.map((batch) => batch.bytes), [8, 6, 1]);
});

test("a file larger than a batch travels alone", () => {
  const batches = makeBatches(sized(1, 50, 1), { maxFiles: 9, maxBytes: 10 });
  assert.deepEqual(batches.map((batch) => batch.bytes), [1, 50, 1]);
});

test("the index of a disc carries the paths of all, wherever it travels", () => {
  const items = ["cd/A", "cd/B", "cd/DICOMDIR", "cd/C"].map((path) => ({ path, file: { size: 1 } }));
  const batches = makeBatches(items, { maxFiles: 2, paths: ["cd/A", "cd/B", "cd/DICOMDIR", "cd/C"] });
  assert.deepEqual(batches.map((batch) => batch.paths?.length), [undefined, 4]);
});
