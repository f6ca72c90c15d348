// A slice of a turned frame as the server's plane.png asks for it. Pictures made in the browser start from the same
// numbers, so that both show the same pixels.

import { transform } from "./matrix.js";

/** { origin, row, column: [x, y, z] in LPS mm, size: [width, height], spacing } of slice *index* of a frame. */
export function planeOf(frame, index) {
  return {
    origin: transform(frame.to_lps, [0, 0, index]),
    row: frame.right_lps,
    column: frame.down_lps,
    size: [frame.width, frame.height],
    spacing: frame.spacing_x_mm,
  };
}

/** What a picture's address says of a slab: { mm, projection }, or nothing. */
export function slabQuery(slab) {
  return slab?.mm ? { slab_mm: slab.mm, projection: slab.projection } : {};
}

/** The query of plane.png for slice *index* of a frame. */
export function planeQuery(frame, index, { slab } = {}) {
  const { origin, row, column, size, spacing } = planeOf(frame, index);
  return { origin: origin.join(), row: row.join(), col: column.join(), size: size.join(), spacing, ...slabQuery(slab) };
}
