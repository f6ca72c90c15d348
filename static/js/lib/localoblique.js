// The values of a volume on a lattice of points, trilinear: what pictures of turned planes and of slabs around them
// are made of. The rules are those of app/imaging/lattice.py: a voxel reaches half an index to each side, a
// coordinate within 1e-8 of a centre is the centre, points outside and points that are NaN are left out; computed in
// doubles, in the same order, and given out as float32.

const AT_CENTRE = 1e-8;

const TILE = 32; // pixels a side: what its points need stays in the cache, from row to row and from step to step

/**
 * @param data     typed array of a volume
 * @param shape    [ni, nj, nk]
 * @param lattice  planelattice.js, latticeOf
 * @param projection  "mip", "minip" or "mean" of the points of a pixel
 * @param out      Float32Array, width × height; NaN where there is nothing
 * @param every    1, or 2 for each second pixel in both directions, which then stands for four
 */
export function sampleLattice(data, shape, lattice, projection, out, every = 1) {
  const [width, height] = lattice.size;
  const samples = new Float64Array(TILE * TILE);
  const tile = { found: new Float64Array(TILE * TILE), counted: new Int32Array(TILE * TILE) };
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const box = { left, top, end: Math.min(left + TILE, width), bottom: Math.min(top + TILE, height), every };
      if (lattice.steps === 1) {
        sampleTile(data, shape, lattice, 0, box, samples);
        place(samples, box, width, out);
      } else {
        foldTile(data, shape, lattice, projection, box, samples, tile);
        place(tile.found, box, width, out);
      }
    }
  }
  if (every === 2) for (let y = 0; y < height; y += 2) widen(out, y, width, height);
}

/** The points of a tile through all steps, folded into *found*. */
function foldTile(data, shape, lattice, projection, box, samples, { found, counted }) {
  const fold = FOLDS[projection];
  found.fill(projection === "mean" ? 0 : NaN);
  counted.fill(0);
  for (let step = 0; step < lattice.steps; step += 1) {
    const count = sampleTile(data, shape, lattice, step, box, samples);
    fold(samples, count, found, counted);
  }
  if (projection === "mean") for (let n = 0; n < found.length; n += 1) found[n] /= counted[n]; // 0 / 0 is NaN
}

const FOLDS = {
  mip(samples, count, found) {
    for (let n = 0; n < count; n += 1) {
      if (samples[n] > found[n] || found[n] !== found[n]) found[n] = samples[n];
    }
  },
  minip(samples, count, found) {
    for (let n = 0; n < count; n += 1) {
      if (samples[n] < found[n] || found[n] !== found[n]) found[n] = samples[n];
    }
  },
  mean(samples, count, found, counted) {
    for (let n = 0; n < count; n += 1) {
      if (samples[n] !== samples[n]) continue;
      found[n] += samples[n];
      counted[n] += 1;
    }
  },
};

/** A tile's values to their pixels, as float32. */
function place(values, { left, top, end, bottom, every }, width, out) {
  let n = 0;
  for (let y = top; y < bottom; y += every) {
    for (let x = left; x < end; x += every, n += 1) out[y * width + x] = values[n];
  }
}

/** The values at one step of a tile's points, one after the other; NaN outside. How many there are. */
function sampleTile(data, [ni, nj, nk], lattice, step, { left, top, end, bottom, every }, samples) {
  const [ci, cj, ck] = lattice.corner;
  const [ri, rj, rk] = lattice.right;
  const [di, dj, dk] = lattice.down;
  const [ti, tj, tk] = lattice.through;
  const si = step * ti;
  const sj = step * tj;
  const sk = step * tk;
  const slice = ni * nj;
  let n = 0;
  // One long loop: numbers that pass from function to function are put in the heap one by one, which takes longer
  // than all the rest.
  for (let y = top; y < bottom; y += every) {
    for (let x = left; x < end; x += every, n += 1) {
      let i = ci + y * di + x * ri + si;
      let j = cj + y * dj + x * rj + sj;
      let k = ck + y * dk + x * rk + sk;
      let value = NaN;
      if (i >= -0.5 && i < ni - 0.5 && j >= -0.5 && j < nj - 0.5 && k >= -0.5 && k < nk - 0.5) {
        i = i < 0 ? 0 : i > ni - 1 ? ni - 1 : i;
        j = j < 0 ? 0 : j > nj - 1 ? nj - 1 : j;
        k = k < 0 ? 0 : k > nk - 1 ? nk - 1 : k;
        const i0 = (i + AT_CENTRE) | 0;
        const j0 = (j + AT_CENTRE) | 0;
        const k0 = (k + AT_CENTRE) | 0;
        const a = i - i0;
        const b = j - j0;
        const c = k - k0;
        const at = k0 * slice + j0 * ni + i0;
        if (a >= AT_CENTRE && b >= AT_CENTRE && c >= AT_CENTRE) {
          const up = at + slice;
          const p00 = data[at];
          const p01 = data[at + ni];
          const p10 = data[up];
          const p11 = data[up + ni];
          const q00 = p00 + a * (data[at + 1] - p00);
          const q01 = p01 + a * (data[at + ni + 1] - p01);
          const q10 = p10 + a * (data[up + 1] - p10);
          const q11 = p11 + a * (data[up + ni + 1] - p11);
          const near = q00 + b * (q01 - q00);
          value = near + c * (q10 + b * (q11 - q10) - near);
        } else {
          // At a centre the farther neighbour is not asked: it may be NaN, or lie outside.
          const toI = a >= AT_CENTRE ? 1 : 0;
          const toJ = b >= AT_CENTRE ? ni : 0;
          value = data[at];
          if (toI) value += a * (data[at + 1] - value);
          if (toJ) {
            let lower = data[at + ni];
            if (toI) lower += a * (data[at + ni + 1] - lower);
            value += b * (lower - value);
          }
          if (c >= AT_CENTRE) {
            const up = at + slice;
            let far = data[up];
            if (toI) far += a * (data[up + 1] - far);
            if (toJ) {
              let lower = data[up + ni];
              if (toI) lower += a * (data[up + ni + 1] - lower);
              far += b * (lower - far);
            }
            value += c * (far - value);
          }
        }
      }
      samples[n] = value;
    }
  }
  return n;
}
/** Each second pixel of each second row, from row *y* on, taken for its neighbours too. */
function widen(out, y, width, height) {
  const start = y * width;
  for (let x = 1; x < width; x += 2) out[start + x] = out[start + x - 1];
  if (y + 1 < height) out.copyWithin(start + width, start, start + width);
}
