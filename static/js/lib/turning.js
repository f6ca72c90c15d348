// Turning the reference lines by hand: which line is taken hold of, and what an angle on the screen is in the patient.

import { cross, dot } from "./vectors.js";

const REACH = 7; // CSS pixels beside a line
const FREE = 48; // CSS pixels round the middle in which a press moves the crosshair

/** The line of *lines* ({ plane, at, along } in CSS pixels) at a place; null beside them and near their middle. */
export function grabbedLine(lines, [x, y]) {
  for (const line of lines) {
    const [dx, dy] = [x - line.at[0], y - line.at[1]];
    const size = Math.hypot(...line.along);
    const beside = Math.abs(dx * line.along[1] - dy * line.along[0]) / size;
    if (beside <= REACH && Math.hypot(dx, dy) >= FREE) return line;
  }
  return null;
}

/** The angle of a place about a centre, in radians, clockwise on the screen. */
export function screenAngle([centreX, centreY], [x, y]) {
  return Math.atan2(y - centreY, x - centreX);
}

/** +1 where a clockwise angle on the screen is right-handed about the frame's normal, else −1. */
export function turnSense(frame, { matrix: [a, b, c, d] }) {
  const screen = Math.sign(a * d - b * c);
  const hand = Math.sign(dot(cross(frame.right_lps, frame.down_lps), frame.normal_lps));
  return screen * hand;
}
