// One slice of a plane along the voxels, read out of a volume's array as it stands on the screen.

/** Where a plane's pixels lie in the array: element = first + x·right + y·down + index·through. */
export function stepsOf(frame, [ni, nj]) {
  const strides = [1, ni, ni * nj];
  const [right, down, through] = [0, 1, 2].map((column) => along(frame.to_ijk, column, strides));
  return { first: along(frame.to_ijk, 3, strides), right, down, through };
}

/** Column *n* of the map in elements of the array. */
function along(rows, n, strides) {
  return rows[0][n] * strides[0] + rows[1][n] * strides[1] + rows[2][n] * strides[2];
}

/** pixels[x, y] = table[word there]: an int16 slice through a table of colours. */
export function paintWords(words, table, { first, right, down, through }, index, width, height, pixels) {
  const start = first + index * through;
  // Along the screen's rows or its columns, whichever runs along the memory.
  if (Math.abs(right) <= Math.abs(down)) {
    for (let y = 0, out = 0; y < height; y += 1) {
      for (let x = 0, at = start + y * down; x < width; x += 1, at += right, out += 1) pixels[out] = table[words[at]];
    }
    return;
  }
  for (let x = 0; x < width; x += 1) {
    for (let y = 0, at = start + x * right, out = x; y < height; y += 1, at += down, out += width) {
      pixels[out] = table[words[at]];
    }
  }
}

/** out[x, y] = the value there. */
export function readSlice(data, { first, right, down, through }, index, width, height, out) {
  const start = first + index * through;
  for (let y = 0, place = 0; y < height; y += 1) {
    for (let x = 0, at = start + y * down; x < width; x += 1, at += right, place += 1) out[place] = data[at];
  }
}
