// A volume made small for the 3D view: blocks of voxels become their mean. What comes of it has the shape of a
// grid { data, shape_ijk, affine, range }, with the affine of its own voxel centres → LPS mm.

import { column, transform } from "./matrix.js";
import { cross, dot, length, unit } from "./vectors.js";

const MARGIN = 1.25; // an axis of coarse steps may have so many more voxels than was asked for

/** How many voxels along each axis become one, so that the longest has about *most* and voxels are nearly cubes. */
export function blocksFor({ shape_ijk: shape, affine }, most) {
  const spacing = [0, 1, 2].map((axis) => length(column(affine, axis)));
  const wanted = Math.max(...shape.map((count, axis) => count * spacing[axis])) / most;
  return shape.map((count, axis) => {
    const byLength = Math.max(1, Math.round(wanted / spacing[axis]));
    return Math.max(byLength, Math.ceil(count / (most * MARGIN)));
  });
}

/** The grid of those blocks: its shape, and where its voxel centres lie. A last block that is not whole is one too. */
export function gridOf({ shape_ijk: shape, affine }, blocks) {
  const middle = blocks.map((count) => (count - 1) / 2);
  const corner = transform(affine, middle);
  return {
    shape_ijk: shape.map((count, axis) => Math.ceil(count / blocks[axis])),
    affine: [0, 1, 2].map((row) => [...blocks.map((count, axis) => affine[row][axis] * count), corner[row]]),
  };
}

/**
 * Make it, one slice at a time: a generator, so that a hand that scrolls need not wait for it.
 * @param volume  { data: Int16Array|Float32Array, shape_ijk, affine }; NaN counts as the least value
 * @returns the grid, when it is done
 */
export function* reduced(volume, blocks) {
  const { data, shape_ijk: shape } = volume;
  const grid = gridOf(volume, blocks);
  const [ni, nj, nk] = grid.shape_ijk;
  const made = new data.constructor(ni * nj * nk);
  const isWhole = data instanceof Int16Array;
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < nk; k += 1) {
    const first = k * blocks[2];
    const { sums, counts } = slabSums(data, shape, grid.shape_ijk, blocks, first, Math.min(shape[2], first + blocks[2]));
    const start = k * ni * nj;
    for (let n = 0; n < sums.length; n += 1) {
      const mean = counts[n] ? sums[n] / counts[n] : NaN;
      made[start + n] = isWhole ? Math.round(mean) : mean;
      if (mean < low) low = mean;
      if (mean > high) high = mean;
    }
    yield (k + 1) / nk;
  }
  if (!(high >= low)) [low, high] = [0, 0];
  if (!isWhole) for (let n = 0; n < made.length; n += 1) if (made[n] !== made[n]) made[n] = low;
  return { ...grid, data: made, range: isWhole ? [Math.round(low), Math.round(high)] : [low, high] };
}

/** Sums and numbers of the values in each block of one slab. */
function slabSums(data, [width, height], [ni, nj], [bi, bj], first, end) {
  const sums = new Float64Array(ni * nj);
  const counts = new Uint32Array(ni * nj);
  for (let k = first; k < end; k += 1) {
    for (let j = 0; j < height; j += 1) {
      const row = Math.floor(j / bj) * ni;
      let from = (k * height + j) * width;
      for (let n = 0, i = 0; n < ni; n += 1) {
        let [sum, count] = [0, 0];
        for (const stop = Math.min(width, i + bi); i < stop; i += 1, from += 1) {
          const value = data[from];
          if (value !== value) continue;
          sum += value;
          count += 1;
        }
        sums[row + n] += sum;
        counts[row + n] += count;
      }
    }
  }
  return { sums, counts };
}

/** What another library asks of a grid: { origin, spacing, direction: nine numbers, the axes one after the other }. */
export function placeOfGrid({ affine }) {
  const axes = [0, 1, 2].map((axis) => column(affine, axis));
  return { origin: column(affine, 3), spacing: axes.map(length), direction: axes.flatMap(unit) };
}

/** The box along the patient's axes that holds every voxel, edges and all: [[low], [high]], LPS mm. */
export function boxOf({ shape_ijk: shape, affine }) {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) =>
    transform(affine, shape.map((count, axis) => ((n >> axis) & 1 ? count - 0.5 : -0.5))),
  );
  const along = (axis) => corners.map((corner) => corner[axis]);
  return [[0, 1, 2].map((axis) => Math.min(...along(axis))), [0, 1, 2].map((axis) => Math.max(...along(axis)))];
}

/** Whether the axes of a grid are a left hand's: a surface made in it is then inside out. */
export function isMirrored({ affine }) {
  const [i, j, k] = [0, 1, 2].map((axis) => column(affine, axis));
  return dot(cross(i, j), k) < 0;
}
