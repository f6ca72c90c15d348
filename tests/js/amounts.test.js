import assert from "node:assert/strict";
import { test } from "node:test";

import { formatBytes, formatCount, formatPart } from "../../static/js/lib/amounts.js";

test("bytes have three figures and a unit of 1024", () => {
  const shown = [0, 950, 1000, 1536, 104_857_600, 999.6 * 1024 * 1024, 20 * 1024 ** 3].map(formatBytes);
  assert.deepEqual(shown, ["0 B", "950 B", "0.98 KB", "1.5 KB", "100 MB", "0.98 GB", "20 GB"]
    .map((text) => text.replace(" ", "\u00a0")));
});

test("counts have commas between thousands", () => {
  assert.deepEqual([7, 1204, 1234567].map(formatCount), ["7", "1,204", "1,234,567"]);
});

test("a part of a whole names a common unit once", () => {
  const mb = 1024 * 1024;
  assert.equal(formatPart(3 * mb, 14 * mb), "3 / 14\u00a0MB");
  assert.equal(formatPart(512 * 1024, 14 * mb), "512\u00a0KB / 14\u00a0MB");
  assert.equal(formatPart(0, 20), "0 / 20\u00a0B");
});
