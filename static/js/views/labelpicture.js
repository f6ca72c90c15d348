// The labels of a picture of labels (an 8-bit grey PNG), value by value.

let canvas = null;

/** @returns {Promise<{width: number, height: number, labels: Uint8Array}>} */
export async function labelsOf(blob) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = bitmap;
  canvas ??= document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const labels = new Uint8Array(width * height);
  for (let n = 0; n < labels.length; n += 1) labels[n] = data[4 * n];
  return { width, height, labels };
}
