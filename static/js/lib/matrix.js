// Affine maps as the server sends them: rows of four numbers, [x, y, z, 1] → the first three rows' sums.

/** The image of a point under a 3×4 (or 4×4) matrix. */
export function transform(rows, [x, y, z]) {
  return rows.slice(0, 3).map(([a, b, c, d]) => a * x + b * y + c * z + d);
}

/** Column *n* of the matrix: the step along that axis. */
export function column(rows, n) {
  return rows.slice(0, 3).map((row) => row[n]);
}
