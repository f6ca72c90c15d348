// Surfaces of a grid, made beside the page so that nothing on it waits.
//   { grid: { data, shape_ijk, affine }, name }            keep a grid under a name
//   { number, name, level, largest }  →  { number, mesh }  or { number, fault }

import { largestPart, smoothed, surfaceAt } from "../lib/scenesurface.js";

const grids = new Map();

addEventListener("message", ({ data }) => {
  if (data.grid) {
    grids.clear();
    grids.set(data.name, data.grid);
    return;
  }
  try {
    const whole = surfaceAt(grids.get(data.name), data.level);
    const mesh = smoothed(data.largest && whole.faces.length ? largestPart(whole) : whole);
    postMessage({ number: data.number, mesh }, [mesh.vertices.buffer, mesh.normals.buffer, mesh.faces.buffer]);
  } catch (fault) {
    postMessage({ number: data.number, fault: String(fault) });
  }
});
