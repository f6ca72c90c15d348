// Modality values to colours as the server has it (app/imaging/window.py, colormap.py), operation by operation, so that
// the pixels are the same. A palette is 256 colours, one for each grey, as 32-bit RGBA in memory order. Low values
// are bright where either the file or the reader inverts; NaN is no data and takes the colour of grey 0 even then.

import { curveTable, greyOf } from "./curve.js";

const OPAQUE = 0xff000000; // machines are little-endian: red is the lowest byte

/** @param rgb  256 × 3 bytes, or null for greys */
export function paletteOf(rgb) {
  const palette = new Uint32Array(256);
  for (let grey = 0; grey < 256; grey += 1) {
    const [r, g, b] = rgb ? rgb.subarray(3 * grey, 3 * grey + 3) : [grey, grey, grey];
    palette[grey] = (OPAQUE | (b << 16) | (g << 8) | r) >>> 0;
  }
  return palette;
}

/** The colour that each grey of an uninverted picture gets. */
export function turnedPalette(palette, inverted) {
  return inverted ? Uint32Array.from(palette).reverse() : palette;
}

/** The colour of every int16, into *table*: 65,536 places, indexed by the value's bits as uint16. */
export function fillTable(table, window, palette) {
  if (window.curve) {
    const greys = curveTable(window.curve);
    for (let word = 0; word < 65536; word += 1) table[word] = palette[greys[(word + 32768) & 65535]];
    return;
  }
  const grey = greyFunction(window);
  for (let word = 0; word < 65536; word += 1) table[word] = palette[grey((word << 16) >> 16)];
}

/**
 * The colours of float values.
 * @param values   Float32Array of a picture
 * @param palette  turned where the picture is inverted
 * @param noData   the colour of NaN
 */
export function paintFloats(values, window, palette, noData, pixels) {
  const count = pixels.length;
  if (window.curve || window.function === "sigmoid" || (!window.function && window.width === 1)) {
    const grey = greyFunction(window);
    for (let n = 0; n < count; n += 1) {
      const value = values[n];
      pixels[n] = value === value ? palette[grey(value)] : noData;
    }
    return;
  }
  const [shift, divisor] = rampOf(window);
  for (let n = 0; n < count; n += 1) {
    const value = values[n];
    const grey = ((value - shift) / divisor + 0.5) * 255;
    // A value that is a number has a grey that is one.
    if (grey >= 255) pixels[n] = palette[255];
    else if (grey > 0) pixels[n] = palette[(grey + 0.5) | 0];
    else pixels[n] = value === value ? palette[0] : noData;
  }
}

/** What is taken off values and what they are divided by; LINEAR (PS3.3 C.11.2.1.2.1) or LINEAR_EXACT. */
function rampOf({ center, width, function: name }) {
  return name ? [center, width] : [center - 0.5, width - 1];
}

/** (value) → grey, a whole number from 0 to 255, for values that are numbers. */
export function greyFunction(window) {
  if (window.curve) return (value) => greyOf(window.curve, value);
  const { center, width, function: name } = window;
  if (name === "sigmoid") return (value) => rounded(255 / (Math.exp(((value - center) * -4) / width) + 1));
  // The formula would divide by 0: the standard's thresholds remain.
  if (!name && width === 1) return (value) => (value > center - 0.5 ? 255 : 0);
  const [shift, divisor] = rampOf(window);
  return (value) => rounded(((value - shift) / divisor + 0.5) * 255);
}

function rounded(grey) {
  if (grey >= 255) return 255;
  return grey > 0 ? (grey + 0.5) | 0 : 0;
}
