// Affine maps as the server sends them: rows of four numbers, [x, y, z, 1] → the first three rows' sums.

/** The image of a point under a 3×4 (or 4×4) matrix. */
export function transform(rows, [x, y, z]) {
  return rows.slice(0, 3).map(([a, b, c, d]) => a * x + b * y + c * z + d);
}

/** Column *n* of the matrix: the step along that axis. */
export function column(rows, n) {
  return rows.slice(0, 3).map((row) => row[n]);
}

/** The map that does *second* and then *first*. */
export function compose(first, second) {
  return first.slice(0, 3).map(([a, b, c, d]) =>
    [0, 1, 2, 3].map((n) => a * second[0][n] + b * second[1][n] + c * second[2][n] + (n === 3 ? d : 0)),
  );
}

/** The inverse of a map, by cofactors; null where it has none. */
export function inverse(rows) {
  const [[a, b, c, p], [d, e, f, q], [g, h, i, r]] = rows;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!(Math.abs(determinant) > 0)) return null;
  const turned = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ].map((row) => row.map((value) => value / determinant));
  return turned.map(([x, y, z]) => [x, y, z, -(x * p + y * q + z * r)]);
}
