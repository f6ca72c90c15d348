// Files in portions of one request each: few enough requests to be quick, small enough to be retried.

export const MOST_FILES = 24;
export const MOST_BYTES = 32 * 1024 * 1024;

/**
 * In order; a file larger than `maxBytes` travels alone.
 * @param {{path: string, file: {size: number}}[]} items
 * @returns {{items: object[], bytes: number}[]}
 */
export function makeBatches(items, { maxFiles = MOST_FILES, maxBytes = MOST_BYTES } = {}) {
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
  }
  return batches;
}
