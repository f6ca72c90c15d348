// The colours of all colour maps: { name: 256 × 3 bytes, red, green and blue of each grey }.

import { requestJson } from "./request.js";

export async function fetchColormaps() {
  const texts = await requestJson("/viewer/colormaps.json");
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, bytesOf(text)]));
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
