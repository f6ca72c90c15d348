// Where the parts of a snapshot go, and what its file is called. No patient's name is ever in a file's name.

export const STRIP = 22; // CSS pixels below the picture, for what must stand on it

/** The smallest box around boxes { left, top, width, height }. */
export function boxAround(boxes) {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.left + box.width));
  const bottom = Math.max(...boxes.map((box) => box.top + box.height));
  return { left, top, width: right - left, height: bottom - top };
}

/** The canvas of a snapshot in device pixels, the strip below included. */
export function canvasOf({ width, height }, ratio) {
  return { width: Math.round(width * ratio), height: Math.round(height * ratio) + Math.round(STRIP * ratio) };
}

/** "triplano-ct-axial-76.png": letters and digits only, whatever the parts hold. */
export function fileName(parts, extension) {
  const words = parts
    .filter((part) => part !== null && part !== undefined && part !== "")
    .map((part) => String(part).normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-"))
    .map((part) => part.replace(/^-|-$/g, ""))
    .filter(Boolean);
  return `${["triplano", ...words].join("-")}.${extension}`;
}

/** Frames of a film from *first* to *last*, whichever is larger, both included. */
export function framesBetween(first, last) {
  const step = first <= last ? 1 : -1;
  return Array.from({ length: Math.abs(last - first) + 1 }, (_unused, n) => first + n * step);
}

/** A film's size: *width* pixels, the height to fit, both even, as video coders want. */
export function filmSize({ width, height }, wanted) {
  const even = (value) => Math.max(2, 2 * Math.round(value / 2));
  return { width: even(wanted), height: even((wanted * height) / width) };
}
