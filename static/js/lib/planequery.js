// What an address says of a turned plane, in the patient: the server makes the same pixels of it as the browser does.

import { lpsAt } from "./frames.js";

/** @returns {{origin, row, col, size, spacing}} the parameters of /series/<id>/plane.png */
export function planeQuery(frame, index) {
  return {
    origin: lpsAt(frame, [0, 0], index).join(),
    row: frame.right_lps.join(),
    col: frame.down_lps.join(),
    size: `${frame.width},${frame.height}`,
    spacing: frame.spacing_x_mm,
  };
}
