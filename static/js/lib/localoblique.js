// The values of a volume on a lattice of points, trilinear: what pictures of turned planes and of slabs around them
// are made of. The rules are those of app/imaging/lattice.py: a voxel reaches half an index to each side, a
// coordinate within 1e-8 of a centre is the centre, points outside and points that are NaN are left out; computed in
// doubles, in the same order, and given out as float32.

const AT_CENTRE = 1e-8;

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
  for (let y = 0; y < height; y += every) {
    if (lattice.steps === 1) sampleRow(data, shape, lattice, y, every, out);
    else foldRow(data, shape, lattice, projection, y, every, out);
    if (every === 2) widen(out, y, width, height);
  }
}

function sampleRow(data, [ni, nj, nk], { corner, right, down, size }, y, every, out) {
  const i0 = corner[0] + y * down[0];
  const j0 = corner[1] + y * down[1];
  const k0 = corner[2] + y * down[2];
  const [di, dj, dk] = right;
  const width = size[0];
  for (let x = 0, place = y * width; x < width; x += every, place += every) {
    out[place] = trilinear(data, ni, nj, nk, i0 + x * di, j0 + x * dj, k0 + x * dk);
  }
}

function foldRow(data, [ni, nj, nk], { corner, right, down, through, size, steps }, projection, y, every, out) {
  const [ti, tj, tk] = through;
  const width = size[0];
  const isMean = projection === "mean";
  const sign = projection === "mip" ? 1 : -1;
  for (let x = 0, place = y * width; x < width; x += every, place += every) {
    const i = corner[0] + y * down[0] + x * right[0];
    const j = corner[1] + y * down[1] + x * right[1];
    const k = corner[2] + y * down[2] + x * right[2];
    let found = 0;
    let counted = 0;
    for (let step = 0; step < steps; step += 1) {
      const value = trilinear(data, ni, nj, nk, i + step * ti, j + step * tj, k + step * tk);
      if (value !== value) continue;
      if (counted === 0) found = value;
      else if (isMean) found += value;
      else if (sign * value > sign * found) found = value;
      counted += 1;
    }
    out[place] = counted === 0 ? NaN : isMean ? found / counted : found;
  }
}

/** The value at a point; NaN outside. */
function trilinear(data, ni, nj, nk, i, j, k) {
  if (!(i >= -0.5 && i < ni - 0.5 && j >= -0.5 && j < nj - 0.5 && k >= -0.5 && k < nk - 0.5)) return NaN;
  i = i < 0 ? 0 : i > ni - 1 ? ni - 1 : i;
  j = j < 0 ? 0 : j > nj - 1 ? nj - 1 : j;
  k = k < 0 ? 0 : k > nk - 1 ? nk - 1 : k;
  const i0 = (i + AT_CENTRE) | 0;
  const j0 = (j + AT_CENTRE) | 0;
  const k0 = (k + AT_CENTRE) | 0;
  const a = i - i0;
  const b = j - j0;
  const c = k - k0;
  // At a centre the farther neighbour is not asked: it may be NaN, or lie outside.
  const right = a >= AT_CENTRE;
  const down = b >= AT_CENTRE ? ni : 0;
  const through = c >= AT_CENTRE ? ni * nj : 0;
  const at = (k0 * nj + j0) * ni + i0;
  let near = row(data, at, right, a);
  if (down) near += b * (row(data, at + down, right, a) - near);
  if (!through) return near;
  let far = row(data, at + through, right, a);
  if (down) far += b * (row(data, at + through + down, right, a) - far);
  return near + c * (far - near);
}

function row(data, at, hasNext, share) {
  const value = data[at];
  return hasNext ? value + share * (data[at + 1] - value) : value;
}

/** Each second pixel of each second row, from row *y* on, taken for its neighbours too. */
function widen(out, y, width, height) {
  const start = y * width;
  for (let x = 1; x < width; x += 2) out[start + x] = out[start + x - 1];
  if (y + 1 < height) out.copyWithin(start + width, start, start + width);
}
