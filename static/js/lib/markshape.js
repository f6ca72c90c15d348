// A mark as it is drawn: lines and handles on the screen. Everything here is in CSS pixels of the pane; the pixels
// that ticks, arrowheads and arcs take are the same at every zoom.

const TICK = 4; // half the bar at a line's end
const ARROW = { length: 11, half: 4.5 };
const ARC = { most: 20, part: 0.4 }; // radius: of the shorter leg
const CROSS = { from: 3, to: 9 }; // a probe's
const SAGITTA = 0.1; // how far an ellipse's chords may lie from its curve
const STEP = 0.1; // radians between the points of an angle's arc

const minus = ([x, y], [a, b]) => [x - a, y - b];
const towards = (from, [x, y], far) => {
  const size = Math.hypot(x, y) || 1;
  return [from[0] + (x / size) * far, from[1] + (y / size) * far];
};
const line = (...points) => ({ points, closed: false });

/** A short bar across each end. */
function ticks(a, b) {
  const [x, y] = minus(b, a);
  if (Math.hypot(x, y) < 3 * TICK) return [];
  return [a, b].map((end) => line(towards(end, [-y, x], TICK), towards(end, [y, -x], TICK)));
}

function arc(vertex, a, b) {
  const legs = [a, b].map((end) => minus(end, vertex));
  const radius = Math.min(ARC.most, ...legs.map((leg) => ARC.part * Math.hypot(...leg)));
  const [from, to] = legs.map(([x, y]) => Math.atan2(y, x));
  const turn = Math.atan2(Math.sin(to - from), Math.cos(to - from)); // the smaller way round
  const count = Math.max(1, Math.ceil(Math.abs(turn) / STEP));
  const points = Array.from({ length: count + 1 }, (_step, n) => {
    const angle = from + (turn * n) / count;
    return [vertex[0] + radius * Math.cos(angle), vertex[1] + radius * Math.sin(angle)];
  });
  return line(...points);
}

/** An ellipse's outline from its centre and the ends of its semi-axes. */
function outline(centre, one, other) {
  const axes = [minus(one, centre), minus(other, centre)];
  const radius = Math.max(...axes.map((axis) => Math.hypot(...axis)));
  const count = Math.min(360, Math.max(24, Math.ceil(Math.PI * Math.sqrt(radius / (2 * SAGITTA)))));
  return Array.from({ length: count }, (_step, n) => {
    const [cos, sin] = [Math.cos((2 * Math.PI * n) / count), Math.sin((2 * Math.PI * n) / count)];
    return [0, 1].map((axis) => centre[axis] + axes[0][axis] * cos + axes[1][axis] * sin);
  });
}

/** The thin line that tells which two lines belong together: between their nearest ends. */
function link([a, b, c, d]) {
  const pairs = [a, b].flatMap((one) => [c, d].map((other) => [one, other]));
  const sizes = pairs.map(([one, other]) => Math.hypot(...minus(one, other)));
  return line(...pairs[sizes.indexOf(Math.min(...sizes))]);
}

const SHAPES = {
  length: ([a, b]) => ({ strokes: [line(a, b), ...ticks(a, b)] }),
  bidirectional: ([a, b, c, d]) => ({ strokes: [line(a, b), ...ticks(a, b), line(c, d), ...ticks(c, d)] }),
  angle: ([a, vertex, b]) => ({ strokes: [line(a, vertex, b), arc(vertex, a, b)] }),
  cobb: (points) => ({
    strokes: [line(points[0], points[1]), line(points[2], points[3])],
    dashes: [link(points)],
  }),
  ellipse([centre, one, other]) {
    const opposite = ([x, y]) => [2 * centre[0] - x, 2 * centre[1] - y];
    return {
      strokes: [{ points: outline(centre, one, other), closed: true }],
      handles: [one, opposite(one), other, opposite(other), centre],
    };
  },
  rectangle: (points) => ({ strokes: [{ points, closed: true }] }),
  freehand: (points) => ({ strokes: [{ points, closed: true }], handles: [] }),
  arrow([tip, tail]) {
    const [x, y] = minus(tail, tip);
    const base = towards(tip, [x, y], ARROW.length);
    const sides = [1, -1].map((side) => towards(base, [-y * side, x * side], ARROW.half));
    return { strokes: [line(tip, tail), line(sides[0], tip, sides[1])] };
  },
  probe([[x, y]]) {
    const arms = [[1, 0], [-1, 0], [0, 1], [0, -1]];
    const strokes = arms.map(([a, b]) =>
      line([x + a * CROSS.from, y + b * CROSS.from], [x + a * CROSS.to, y + b * CROSS.to]),
    );
    return { strokes };
  },
};
const WHOLE = { length: 2, bidirectional: 4, angle: 3, cobb: 4, ellipse: 3, rectangle: 4, freehand: 3, arrow: 2, probe: 1 };

/**
 * @param kind    of the mark
 * @param points  its points on the screen; of a half-drawn mark those that there are
 * @returns {{ strokes, dashes, handles, box }} strokes and dashes: { points, closed }; handles in the order of
 *   lib/markdrag.js; box: [left, top, right, bottom]
 */
export function shapeOf(kind, points) {
  const isWhole = points.length >= WHOLE[kind];
  const parts = isWhole ? SHAPES[kind](points) : half(kind, points);
  const { strokes, dashes = [], handles = points } = parts;
  return { strokes, dashes, handles, box: boxOf(strokes) };
}

/** What there is of a mark whose drawing goes on. */
function half(kind, points) {
  if (kind === "cobb") return { strokes: [line(...points.slice(0, 2)), ...(points[2] ? [line(points[2])] : [])] };
  return { strokes: [line(...points)] };
}

/** [left, top, right, bottom] about all points of lines. */
export function boxOf(strokes) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { points } of strokes) {
    for (const [x, y] of points) {
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
    }
  }
  return box;
}

const tenth = (value) => Math.round(value * 10) / 10;

/** Lines as an SVG path, to a tenth of a pixel. */
export function pathOf(strokes) {
  return strokes
    .map(({ points, closed }) => `M${points.map(([x, y]) => `${tenth(x)} ${tenth(y)}`).join("L")}${closed ? "Z" : ""}`)
    .join("");
}
