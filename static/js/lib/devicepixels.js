// Between CSS pixels, in which the page is laid out, and the device's, in which pictures are drawn.

/** The device pixel under a pointer; where CSS pixels are not whole device pixels, the product is nearly whole. */
export function devicePointer({ clientX, clientY }, ratio) {
  return [clientX, clientY].map((place) => Math.floor(place * ratio + 1e-3));
}

/** The size of a box in device pixels: as the browser snapped it where it says so, else rounded. */
export function devicePixels({ contentRect: { width, height }, devicePixelContentBoxSize: [box] = [] }, ratio) {
  // A browser that emulates another ratio still reports the real screen's pixels here.
  if (box && Math.abs(box.inlineSize - width * ratio) <= 1) return [box.inlineSize, box.blockSize];
  return [Math.round(width * ratio), Math.round(height * ratio)];
}
