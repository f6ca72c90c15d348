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
  if (right === 1 && down === width) {
    paintAll(words.subarray(start, start + width * height), table, pixels);
    return;
  }
  for (let y = 0; y < height; y += 1) paintRun(words, table, start + y * down, right, width, pixels, y * width);
}

// Four at a time: a third of what single steps take.

function paintAll(words, table, pixels) {
  const count = words.length;
  let n = 0;
  for (; n + 3 < count; n += 4) {
    pixels[n] = table[words[n]];
    pixels[n + 1] = table[words[n + 1]];
    pixels[n + 2] = table[words[n + 2]];
    pixels[n + 3] = table[words[n + 3]];
  }
  for (; n < count; n += 1) pixels[n] = table[words[n]];
}

function paintRun(words, table, start, step, count, pixels, place) {
  const end = place + count;
  let at = start;
  let out = place;
  for (; out + 3 < end; out += 4) {
    pixels[out] = table[words[at]];
    pixels[out + 1] = table[words[at + step]];
    pixels[out + 2] = table[words[at + 2 * step]];
    pixels[out + 3] = table[words[at + 3 * step]];
    at += 4 * step;
  }
  for (; out < end; out += 1) {
    pixels[out] = table[words[at]];
    at += step;
  }
}

/** out[x, y] = the value there. */
export function readSlice(data, { first, right, down, through }, index, width, height, out) {
  const start = first + index * through;
  for (let y = 0, place = 0; y < height; y += 1) {
    for (let x = 0, at = start + y * down; x < width; x += 1, at += right, place += 1) out[place] = data[at];
  }
}
