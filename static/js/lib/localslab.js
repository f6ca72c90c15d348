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
  const fold = projection === "mean" ? mean : projection === "mip" ? highest : lowest;
  const start = steps.first + first * steps.through;
  const count = last - first + 1;
  for (let y = 0, place = 0; y < height; y += 1) {
    fold(data, start + y * steps.down, steps.right, steps.through, count, width, out, place);
    place += width;
  }
}

function highest(data, start, right, through, count, width, out, place) {
  for (let x = 0, at = start; x < width; x += 1, at += right) {
    let found = data[at];
    for (let n = 1, next = at + through; n < count; n += 1, next += through) {
      const value = data[next];
      if (value > found || found !== found) found = value;
    }
    out[place + x] = found;
  }
}

function lowest(data, start, right, through, count, width, out, place) {
  for (let x = 0, at = start; x < width; x += 1, at += right) {
    let found = data[at];
    for (let n = 1, next = at + through; n < count; n += 1, next += through) {
      const value = data[next];
      if (value < found || found !== found) found = value;
    }
    out[place + x] = found;
  }
}

function mean(data, start, right, through, count, width, out, place) {
  for (let x = 0, at = start; x < width; x += 1, at += right) {
    let total = 0;
    let known = 0;
    for (let n = 0, next = at; n < count; n += 1, next += through) {
      const value = data[next];
      if (value === value) {
        total += value;
        known += 1;
      }
    }
    out[place + x] = total / known; // 0 / 0 is NaN
  }
}
