// Meshes as the server sends them: "TPM3", uint32 points n, uint32 triangles m, uint32 0, float32 × 3n in LPS mm,
// uint32 × 3m; little-endian, as every machine with a browser is.

import { normalsOf } from "./scenesurface.js";

const HEAD = 16;
const MAGIC = "TPM3";

/** @returns {{vertices: Float32Array, normals: Float32Array, faces: Uint32Array}|null}  null where it is no mesh */
export function meshFrom(buffer) {
  if (buffer.byteLength < HEAD) return null;
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  const [points, triangles] = new Uint32Array(buffer, 4, 2);
  if (magic !== MAGIC || buffer.byteLength !== HEAD + 12 * (points + triangles)) return null;
  const vertices = new Float32Array(buffer, HEAD, 3 * points);
  const faces = new Uint32Array(buffer, HEAD + 12 * points, 3 * triangles);
  if (faces.some((point) => point >= points)) return null;
  return { vertices, faces, normals: normalsOf(vertices, faces) };
}
