// What a ray meets first, for a click in the 3D view: a surface of triangles, a level of a grid, its brightest voxel,
// or where so much of what lies in front that it hides the rest. A ray is { origin, direction } in LPS mm; a box
// [[low], [high]] is what is left by clipping. Answers are LPS mm, or null.

import { inverse, transform } from "./matrix.js";
import { UNIT_MM } from "./scenetransfer.js";
import { add, length } from "./vectors.js";

const STEP = 0.5; // of a voxel
const HIDDEN = 0.5; // the eye takes what lies where half is covered for the surface

/** [from, to] along the ray inside a box, or null. */
export function spanIn({ origin, direction }, [low, high]) {
  let [from, to] = [-Infinity, Infinity];
  for (let axis = 0; axis < 3; axis += 1) {
    if (Math.abs(direction[axis]) < 1e-12) {
      if (origin[axis] < low[axis] || origin[axis] > high[axis]) return null;
      continue;
    }
    const ends = [low, high].map((side) => (side[axis] - origin[axis]) / direction[axis]);
    from = Math.max(from, Math.min(...ends));
    to = Math.min(to, Math.max(...ends));
  }
  return from < to ? [from, to] : null;
}

/** The values along a ray through a grid: calls *see(value, t, mm)* until that gives something other than undefined. */
function walk(grid, ray, box, see) {
  const { data, shape_ijk: [ni, nj, nk] } = grid;
  const back = inverse(grid.affine);
  const origin = transform(back, ray.origin);
  const along = transform(back, add(ray.origin, ray.direction)).map((value, axis) => value - origin[axis]);
  const inGrid = spanIn({ origin, direction: along }, [[0, 0, 0], [ni - 1, nj - 1, nk - 1]]);
  const inBox = spanIn(ray, box);
  if (!inGrid || !inBox) return undefined;
  const step = STEP / length(along);
  const [from, to] = [Math.max(inGrid[0], inBox[0]), Math.min(inGrid[1], inBox[1])];
  for (let t = from + step * 1e-3; t < to; t += step) {
    const found = see(sample(data, ni, nj, nk, origin[0] + t * along[0], origin[1] + t * along[1], origin[2] + t * along[2]), t, step);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The value between eight voxels. */
function sample(data, ni, nj, nk, x, y, z) {
  const i = Math.min(Math.max(0, Math.floor(x)), ni - 2);
  const j = Math.min(Math.max(0, Math.floor(y)), nj - 2);
  const k = Math.min(Math.max(0, Math.floor(z)), nk - 2);
  const [u, v, w] = [x - i, y - j, z - k];
  const at = (k * nj + j) * ni + i;
  const row = (n) => data[n] * (1 - u) + data[n + 1] * u;
  const plane = (n) => row(n) * (1 - v) + row(n + ni) * v;
  return plane(at) * (1 - w) + plane(at + ni * nj) * w;
}

const onRay = ({ origin, direction }, t) => (t === undefined ? null : add(origin, direction, t));

/** Where the value first comes to a level. */
export function firstAtLevel(grid, ray, box, level) {
  let before = null;
  const t = walk(grid, ray, box, (value, at, step) => {
    if (value < level) {
      before = value;
      return undefined;
    }
    return before === null ? at : at - step * ((value - level) / (value - before));
  });
  return onRay(ray, t);
}

/** Where the value is largest; the first of several. */
export function brightest(grid, ray, box) {
  let [most, place] = [-Infinity, undefined];
  walk(grid, ray, box, (value, at) => {
    if (value > most) [most, place] = [value, at];
    return undefined;
  });
  return onRay(ray, place);
}

/** Where half of what lies behind is hidden; *opacityOf* a value is that of a layer of UNIT_MM. */
export function firstOpaque(grid, ray, box, opacityOf) {
  let left = 1;
  const t = walk(grid, ray, box, (value, at, step) => {
    left *= (1 - Math.min(0.999, opacityOf(value))) ** (step / UNIT_MM);
    return left < 1 - HIDDEN ? at : undefined;
  });
  return onRay(ray, t);
}

/** Where the ray goes through the first triangle (Möller and Trumbore 1997), whichever way that looks. */
export function firstOnMesh({ vertices, faces }, ray, box) {
  const span = spanIn(ray, box);
  if (!span) return null;
  const { origin: [ox, oy, oz], direction: [dx, dy, dz] } = ray;
  let first = span[1];
  let isHit = false;
  for (let n = 0; n < faces.length; n += 3) {
    const [a, b, c] = [3 * faces[n], 3 * faces[n + 1], 3 * faces[n + 2]];
    const [ax, ay, az] = [vertices[a], vertices[a + 1], vertices[a + 2]];
    const [e1x, e1y, e1z] = [vertices[b] - ax, vertices[b + 1] - ay, vertices[b + 2] - az];
    const [e2x, e2y, e2z] = [vertices[c] - ax, vertices[c + 1] - ay, vertices[c + 2] - az];
    const [px, py, pz] = [dy * e2z - dz * e2y, dz * e2x - dx * e2z, dx * e2y - dy * e2x];
    const determinant = e1x * px + e1y * py + e1z * pz;
    if (Math.abs(determinant) < 1e-12) continue;
    const [tx, ty, tz] = [ox - ax, oy - ay, oz - az];
    const u = (tx * px + ty * py + tz * pz) / determinant;
    if (u < 0 || u > 1) continue;
    const [qx, qy, qz] = [ty * e1z - tz * e1y, tz * e1x - tx * e1z, tx * e1y - ty * e1x];
    const v = (dx * qx + dy * qy + dz * qz) / determinant;
    if (v < 0 || u + v > 1) continue;
    const t = (e2x * qx + e2y * qy + e2z * qz) / determinant;
    if (t < span[0] || t >= first) continue;
    first = t;
    isHit = true;
  }
  return isHit ? onRay(ray, first) : null;
}

/** Of places the one that the ray comes to first. */
export function nearestOf({ origin }, places) {
  const far = (place) => length(add(place, origin, -1));
  return places.filter(Boolean).sort((one, other) => far(one) - far(other))[0] ?? null;
}
