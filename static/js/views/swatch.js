// A small square of a colour, and the colours of a colour map, read from its bar.

const SVG = "http://www.w3.org/2000/svg";
const maps = new Map(); // name → 256 × [r, g, b], or null while it is on its way

/** <svg> of one colour, given as [r, g, b]. */
export function swatch(rgb) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "grey-swatch");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  const square = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: 12, height: 12, fill: `rgb(${rgb.join(",")})` })) {
    square.setAttribute(name, value);
  }
  svg.append(square);
  return svg;
}

/** The colour of a grey; null until the bar is here, when *onArrival* is called. */
export function colourOf(name, grey, onArrival) {
  if (maps.has(name)) return maps.get(name)?.[grey] ?? null;
  maps.set(name, null);
  load(name).then(onArrival, () => maps.delete(name));
  return null;
}

async function load(name) {
  const answer = await fetch(`/viewer/colormaps/${encodeURIComponent(name)}.png`, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(256, 1);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, 256, 1);
  maps.set(name, Array.from({ length: 256 }, (_unused, n) => [...data.slice(4 * n, 4 * n + 3)]));
}
