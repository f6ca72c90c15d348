// Slabs of whole slices: the highest, the lowest or the mean value through some millimetres around a slice, by the
// rules of app/imaging/slab.py. NaN is no data and is left out; where all is NaN, so is the result.

const ROUNDING = 1e-6; // 3 mm of slices of 1.5 mm are one to each side, whatever the last digit of the spacing says

/** The slices of a slab of *mm* around slice *index*: [first, last], both included. */
export function slabRange(index, count, spacingMm, mm) {
  const toEachSide = Math.trunc(Math.min(mm / 2 / spacingMm + ROUNDING, count));
  return [Math.max(0, index - toEachSide), Math.min(count - 1, index + toEachSide)];
}

/** Distance of voxel centres along an axis of the array. */
export function spacingOf(affine, axis) {
  const [x, y, z] = [affine[0][axis], affine[1][axis], affine[2][axis]];
  return Math.sqrt(x * x + y * y + z * z);
}

/**
 * The projection of slices *first* to *last* into *out*: of the volume's type for "mip" and "minip", a Float32Array
 * for "mean".
 * @param steps  localslice.js, stepsOf
 */
export function projectSlab(data, steps, [first, last], projection, width, height, out) {
  const start = steps.first + first * steps.through;
  const count = last - first + 1;
  const project = ROWS[data instanceof Int16Array ? "int16" : "float32"][projection];
  for (let y = 0; y < height; y += 1) {
    const run = { at: start + y * steps.down, step: steps.right, through: steps.through, count };
    project(data, run, out.subarray(y * width, (y + 1) * width));
  }
}

// Row by row, and slice by slice within: the slices of a volume lie a power of two apart, and the voxels behind one
// pixel would push each other out of the cache. Whole numbers are compared without a branch, which noise would make
// the processor guess wrongly each second time.

function highestWords(data, { at, step, through, count }, row) {
  copyRow(data, at, step, row);
  for (let n = 1, slice = at + through; n < count; n += 1, slice += through) {
    for (let x = 0, place = slice; x < row.length; x += 1, place += step) {
      const value = data[place];
      const above = row[x] - value;
      row[x] = value + (above & ~(above >> 31));
    }
  }
}

function lowestWords(data, { at, step, through, count }, row) {
  copyRow(data, at, step, row);
  for (let n = 1, slice = at + through; n < count; n += 1, slice += through) {
    for (let x = 0, place = slice; x < row.length; x += 1, place += step) {
      const value = data[place];
      const above = row[x] - value;
      row[x] = value + (above & (above >> 31));
    }
  }
}

function meanOfWords(data, { at, step, through, count }, row) {
  const totals = new Int32Array(row.length); // 65,536 slices would fit
  for (let n = 0, slice = at; n < count; n += 1, slice += through) {
    for (let x = 0, place = slice; x < totals.length; x += 1, place += step) totals[x] += data[place];
  }
  for (let x = 0; x < row.length; x += 1) row[x] = totals[x] / count;
}

function highestFloats(data, { at, step, through, count }, row) {
  copyRow(data, at, step, row);
  for (let n = 1, slice = at + through; n < count; n += 1, slice += through) {
    for (let x = 0, place = slice; x < row.length; x += 1, place += step) {
      const value = data[place];
      const found = row[x];
      if (value > found || found !== found) row[x] = value;
    }
  }
}

function lowestFloats(data, { at, step, through, count }, row) {
  copyRow(data, at, step, row);
  for (let n = 1, slice = at + through; n < count; n += 1, slice += through) {
    for (let x = 0, place = slice; x < row.length; x += 1, place += step) {
      const value = data[place];
      const found = row[x];
      if (value < found || found !== found) row[x] = value;
    }
  }
}

function meanOfFloats(data, { at, step, through, count }, row) {
  const totals = new Float64Array(row.length);
  const known = new Int32Array(row.length);
  for (let n = 0, slice = at; n < count; n += 1, slice += through) {
    for (let x = 0, place = slice; x < row.length; x += 1, place += step) {
      const value = data[place];
      if (value !== value) continue;
      totals[x] += value;
      known[x] += 1;
    }
  }
  for (let x = 0; x < row.length; x += 1) row[x] = totals[x] / known[x]; // 0 / 0 is NaN
}

function copyRow(data, at, step, row) {
  for (let x = 0, place = at; x < row.length; x += 1, place += step) row[x] = data[place];
}

const ROWS = {
  int16: { mip: highestWords, minip: lowestWords, mean: meanOfWords },
  float32: { mip: highestFloats, minip: lowestFloats, mean: meanOfFloats },
};
