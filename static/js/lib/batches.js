// Files in portions of one request each: few enough requests to be quick, small enough to be retried.

import { isIndex } from "./dropped.js";

export const MOST_FILES = 24;
export const MOST_BYTES = 32 * 1024 * 1024;

/**
 * In order; a file larger than `maxBytes` travels alone. Where `paths` are given, the portion with the
 * index of a disc carries them: the files that it names travel in other portions.
 * @param {{path: string, file: {size: number}}[]} items
 * @returns {{items: object[], bytes: number, paths?: string[]}[]}
 */
export function makeBatches(items, { maxFiles = MOST_FILES, maxBytes = MOST_BYTES, paths = null } = {}) {
  const batches = [];
  let open = null;
  for (const item of items) {
    const { size } = item.file;
    if (!open || open.items.length >= maxFiles || open.bytes + size > maxBytes) {
      open = { items: [], bytes: 0 };
      batches.push(open);
    }
    open.items.push(item);
    open.bytes += size;
    if (paths && isIndex(item.path)) open.paths = paths;
  }
  return batches;
}
