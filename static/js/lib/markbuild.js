// From what a hand (or the keyboard) points at to the places of a mark, [u, v] on its plane. "Even" is the held
// Shift key: lines in steps of 15°, circles and squares.

const STEP = Math.PI / 12;
const SHORT_PART = 0.5; // of the long axis: how a new short axis begins

/**
 * How a kind is drawn: 2 is a line that is pressed at one end and let go at the other, 1 is a place. A freehand
 * outline has no count.
 */
export const GESTURES = {
  length: [2],
  bidirectional: [2],
  angle: [2, 1],
  cobb: [2, 2],
  ellipse: [2],
  rectangle: [2],
  arrow: [2],
  probe: [1],
};

/** How many places are pointed at for a mark of a kind; Infinity for a freehand outline. */
export function clicksOf(kind) {
  return GESTURES[kind]?.reduce((sum, count) => sum + count, 0) ?? Infinity;
}

/** *to*, turned about *from* to the next step of 15° and as long as before along it. */
export function snapped(from, to) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const angle = Math.round(Math.atan2(y, x) / STEP) * STEP;
  const along = x * Math.cos(angle) + y * Math.sin(angle);
  return [from[0] + along * Math.cos(angle), from[1] + along * Math.sin(angle)];
}

/** The corner opposite to *from* of the square that reaches to *to*. */
export function squared(from, to) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const side = Math.max(Math.abs(x), Math.abs(y));
  return [from[0] + (Math.sign(x) || 1) * side, from[1] + (Math.sign(y) || 1) * side];
}

const BUILDERS = {
  bidirectional([a, b]) {
    if (!b) return [a];
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const half = [((a[1] - b[1]) / 2) * SHORT_PART, ((b[0] - a[0]) / 2) * SHORT_PART];
    const [c, d] = [1, -1].map((side) => [middle[0] + side * half[0], middle[1] + side * half[1]]);
    return [a, b, c, d];
  },
  ellipse([centre, corner]) {
    if (!corner) return [centre];
    const [u, v] = corner.map((value, axis) => Math.abs(value - centre[axis]));
    return [centre, [centre[0] + u, centre[1]], [centre[0], centre[1] + v]];
  },
  rectangle: ([a, c]) => (c ? [a, [c[0], a[1]], c, [a[0], c[1]]] : [a]),
};

/** The places of a mark from the places pointed at, fewer where it is not whole yet. */
export function build(kind, clicks, { even = false } = {}) {
  const places = even ? evened(kind, clicks) : clicks;
  return BUILDERS[kind]?.(places) ?? places;
}

/** The last place, evened: the one before it says from where. */
function evened(kind, clicks) {
  const last = clicks.length - 1;
  const isLineEnd = kind === "cobb" ? last % 2 === 1 : last > 0;
  if (!isLineEnd || kind === "freehand") return clicks;
  const even = kind === "ellipse" || kind === "rectangle" ? squared : snapped;
  return [...clicks.slice(0, last), even(clicks[last - 1], clicks[last])];
}
