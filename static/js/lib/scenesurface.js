// The surface at a level of a grid, by naive surface nets (Gibson 1998): one point in each cell that the surface goes
// through, at the mean of where it cuts the cell's edges, and a square for each edge between two voxels that
// it parts. Inside is at and above the level. Triangles are counter-clockwise seen from outside.

import { isMirrored } from "./scenevolume.js";

const MOST_POINTS = 4_000_000;

/** Numbers of one kind that grow as they come. */
class Growing {
  #kind;
  length = 0;

  constructor(kind, room = 1 << 14) {
    this.#kind = kind;
    this.data = new kind(room);
  }

  push(a, b, c) {
    if (this.length + 3 > this.data.length) {
      const more = new this.#kind(this.data.length * 2);
      more.set(this.data);
      this.data = more;
    }
    this.data[this.length] = a;
    this.data[this.length + 1] = b;
    this.data[this.length + 2] = c;
    this.length += 3;
  }

  taken() {
    return this.data.slice(0, this.length);
  }
}

/**
 * @param grid  { data, shape_ijk, affine }
 * @returns {{vertices: Float32Array, normals: Float32Array, faces: Uint32Array}}  LPS mm; faces are triples of points
 */
export function surfaceAt(grid, level) {
  const { vertices, faces } = nets(grid, level);
  place(vertices, grid.affine);
  if (isMirrored(grid)) turn(faces);
  return { vertices, faces, normals: normalsOf(vertices, faces) };
}

/** The same without the terraces of its voxels: smoothed to and fro (Taubin 1995), so that it does not shrink. */
export function smoothed({ vertices, faces }, passes = 6) {
  const moved = vertices.slice();
  const sums = new Float32Array(vertices.length);
  const counts = new Uint16Array(vertices.length / 3);
  for (let pass = 0; pass < passes; pass += 1) {
    for (const share of [0.5, -0.53]) shift(moved, faces, sums, counts, share);
  }
  return { vertices: moved, faces, normals: normalsOf(moved, faces) };
}

/** Move each point by a share of the way to the mean of its neighbours. */
function shift(points, faces, sums, counts, share) {
  sums.fill(0);
  counts.fill(0);
  for (let n = 0; n < faces.length; n += 3) {
    for (let m = 0; m < 3; m += 1) {
      const [at, next] = [faces[n + m], faces[n + ((m + 1) % 3)]];
      for (let axis = 0; axis < 3; axis += 1) {
        sums[3 * at + axis] += points[3 * next + axis];
        sums[3 * next + axis] += points[3 * at + axis];
      }
      counts[at] += 1;
      counts[next] += 1;
    }
  }
  for (let at = 0; at < counts.length; at += 1) {
    if (!counts[at]) continue;
    for (let n = 3 * at; n < 3 * at + 3; n += 1) points[n] += share * (sums[n] / counts[at] - points[n]);
  }
}

function nets({ data, shape_ijk: [ni, nj, nk] }, level) {
  const slice = ni * nj;
  const points = new Growing(Float32Array);
  const faces = new Growing(Uint32Array);
  // The number of the point in each cell of this slice of cells and of the one before.
  let [before, now] = [new Int32Array(slice), new Int32Array(slice)];
  const corners = [0, 1, ni, ni + 1, slice, slice + 1, slice + ni, slice + ni + 1];
  for (let k = 0; k < nk - 1; k += 1) {
    for (let j = 0; j < nj - 1; j += 1) {
      let at = k * slice + j * ni;
      for (let i = 0; i < ni - 1; i += 1, at += 1) {
        let mask = 0;
        for (let n = 0; n < 8; n += 1) if (data[at + corners[n]] >= level) mask |= 1 << n;
        if (mask === 0 || mask === 255) continue;
        const number = points.length / 3;
        if (number >= MOST_POINTS) return { vertices: points.taken(), faces: faces.taken() };
        const cell = j * ni + i;
        now[cell] = number;
        addPoint(points, data, at, corners, mask, level, i, j, k);
        const inside = (mask & 1) === 1;
        if (j && k && inside !== ((mask & 2) !== 0)) square(faces, inside, number, now[cell - ni], before[cell - ni], before[cell]);
        if (i && k && inside !== ((mask & 4) !== 0)) square(faces, inside, number, before[cell], before[cell - 1], now[cell - 1]);
        if (i && j && inside !== ((mask & 16) !== 0)) square(faces, inside, number, now[cell - 1], now[cell - ni - 1], now[cell - ni]);
      }
    }
    [before, now] = [now, before];
  }
  return { vertices: points.taken(), faces: faces.taken() };
}

/** The mean of the places where the surface cuts the cell's edges. */
function addPoint(points, data, at, corners, mask, level, i, j, k) {
  let [x, y, z, count] = [0, 0, 0, 0];
  for (let n = 0; n < 8; n += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      const bit = 1 << axis;
      const other = n | bit;
      if (n & bit || ((mask >> n) & 1) === ((mask >> other) & 1)) continue;
      const [one, two] = [data[at + corners[n]], data[at + corners[other]]];
      const part = (level - one) / (two - one);
      x += (n & 1) + (axis === 0 ? part : 0);
      y += ((n >> 1) & 1) + (axis === 1 ? part : 0);
      z += ((n >> 2) & 1) + (axis === 2 ? part : 0);
      count += 1;
    }
  }
  points.push(i + x / count, j + y / count, k + z / count);
}

function square(faces, inside, a, b, c, d) {
  if (inside) {
    faces.push(a, b, c);
    faces.push(a, c, d);
  } else {
    faces.push(a, c, b);
    faces.push(a, d, c);
  }
}

/** Voxel coordinates to LPS mm, in their place. */
function place(vertices, [[a, b, c, p], [d, e, f, q], [g, h, i, r]]) {
  for (let n = 0; n < vertices.length; n += 3) {
    const [x, y, z] = [vertices[n], vertices[n + 1], vertices[n + 2]];
    vertices[n] = a * x + b * y + c * z + p;
    vertices[n + 1] = d * x + e * y + f * z + q;
    vertices[n + 2] = g * x + h * y + i * z + r;
  }
}

function turn(faces) {
  for (let n = 0; n < faces.length; n += 3) [faces[n + 1], faces[n + 2]] = [faces[n + 2], faces[n + 1]];
}

/** Unit normals of the points, of the triangles about each, large ones counting more. */
export function normalsOf(vertices, faces) {
  const normals = new Float32Array(vertices.length);
  for (let n = 0; n < faces.length; n += 3) {
    const [a, b, c] = [3 * faces[n], 3 * faces[n + 1], 3 * faces[n + 2]];
    const [ux, uy, uz] = [vertices[b] - vertices[a], vertices[b + 1] - vertices[a + 1], vertices[b + 2] - vertices[a + 2]];
    const [vx, vy, vz] = [vertices[c] - vertices[a], vertices[c + 1] - vertices[a + 1], vertices[c + 2] - vertices[a + 2]];
    const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const point of [a, b, c]) {
      normals[point] += x;
      normals[point + 1] += y;
      normals[point + 2] += z;
    }
  }
  for (let n = 0; n < normals.length; n += 3) {
    const size = Math.hypot(normals[n], normals[n + 1], normals[n + 2]) || 1;
    normals[n] /= size;
    normals[n + 1] /= size;
    normals[n + 2] /= size;
  }
  return normals;
}

/** The part of a mesh with the most triangles, of those that hang together. */
export function largestPart({ vertices, faces }) {
  const parent = Uint32Array.from({ length: vertices.length / 3 }, (_value, n) => n);
  const root = (point) => {
    let top = point;
    while (parent[top] !== top) top = parent[top] = parent[parent[top]];
    return top;
  };
  for (let n = 0; n < faces.length; n += 3) {
    const top = root(faces[n]);
    parent[root(faces[n + 1])] = top;
    parent[root(faces[n + 2])] = top;
  }
  const counts = new Map();
  for (let n = 0; n < faces.length; n += 3) {
    const top = root(faces[n]);
    counts.set(top, (counts.get(top) ?? 0) + 1);
  }
  let [largest, most] = [0, 0];
  for (const [top, count] of counts) if (count > most) [largest, most] = [top, count];
  const kept = new Uint32Array(3 * most);
  for (let n = 0, to = 0; n < faces.length; n += 3) {
    if (root(faces[n]) !== largest) continue;
    kept.set(faces.subarray(n, n + 3), to);
    to += 3;
  }
  return withoutSpare(vertices, kept);
}

/** The mesh with only those points that its triangles use. */
function withoutSpare(vertices, faces) {
  const numbers = new Int32Array(vertices.length / 3).fill(-1);
  let count = 0;
  for (const point of faces) if (numbers[point] < 0) numbers[point] = count++;
  const kept = new Float32Array(3 * count);
  numbers.forEach((number, point) => {
    if (number >= 0) kept.set(vertices.subarray(3 * point, 3 * point + 3), 3 * number);
  });
  const renumbered = faces.map((point) => numbers[point]);
  return { vertices: kept, faces: renumbered, normals: normalsOf(kept, renumbered) };
}
