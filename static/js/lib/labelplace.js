// Where the words of a mark stand: beside it, on the pane, on no other words, and not on the lines that are
// measured. Where there is no room next to it, farther off with a leader line. All in CSS pixels of the pane.

const GAP = 8;
const GAPS = [GAP, 30, 60];
const MARGIN = 4; // to the pane's edges
const LEADER_FROM = 16;
const NEAR = 1; // to a side of the box
const MOST_POINTS = 200; // of a line that is asked about
const DIRECTIONS = [[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1]];
const COSTS = { crossing: 1000, overlap: 400, other: 30, kept: 12, diagonal: 3 };

const between = (low, value, high) => Math.max(low, Math.min(value, high));

/**
 * @param strokes  of the mark's shape
 * @param box      of the mark's shape
 * @param size     [width, height] of the words
 * @param pane     { width, height }
 * @param taken    [[left, top, right, bottom], …] of other words
 * @param others   shapes of other marks, whose lines are better left free too
 * @param before   the direction chosen last time: words do not jump about while the hand moves
 * @returns {{ at: [x, y], rect, leader: [[x, y], [x, y]]|null, direction: number }} at: their top left corner
 */
export function placeLabel({ strokes, box, size, pane, taken = [], others = [], before = null }) {
  const thinned = strokes.map(thin);
  const near = nearTo(others, box, size);
  const anchors = anchorsOf(thinned, box, pane);
  let best = null;
  GAPS.forEach((gap, far) => {
    if (best && best.cost < COSTS.overlap) return; // room was found nearer by
    DIRECTIONS.forEach((_direction, direction) => {
      const { at, slid } = candidate(anchors, size, direction, gap, pane);
      const rect = [at[0], at[1], at[0] + size[0], at[1] + size[1]];
      const crossings = thinned.some((stroke) => crosses(stroke, rect)) ? 1 : 0;
      const overlaps = taken.filter((other) => doOverlap(rect, other)).length;
      let cost = far * 40 + slid + crossings * COSTS.crossing + overlaps * COSTS.overlap;
      if (near.some((stroke) => crosses(stroke, rect))) cost += COSTS.other;
      if (direction > 3) cost += COSTS.diagonal;
      if (direction !== before) cost += COSTS.kept;
      if (!best || cost < best.cost) best = { at, rect, direction, cost };
    });
  });
  const { at, rect, direction } = best;
  return { at, rect, direction, leader: leaderTo(thinned, rect) };
}

/**
 * From where words stand off, as far as it is in sight: the box, and along each of its sides (right, bottom, left,
 * top) where the mark touches it: the end of a line, the middle of a round shape's or a box's side.
 */
function anchorsOf(strokes, box, pane) {
  const limits = [pane.width, pane.height];
  const seen = box.map((value, n) => between(0, value, limits[n % 2]));
  const points = strokes.flat().map((point) => point.map((value, n) => between(0, value, limits[n])));
  const touching = ([side, axis]) => {
    const along = points.filter((point) => Math.abs(point[axis] - seen[side]) < NEAR).map((point) => point[1 - axis]);
    return along.length ? (Math.min(...along) + Math.max(...along)) / 2 : (seen[1 - axis] + seen[3 - axis]) / 2;
  };
  return { seen, touched: [[2, 0], [3, 1], [0, 0], [1, 1]].map(touching) };
}

/** The lines of other marks that words beside this box could come upon. */
function nearTo(others, [left, top, right, bottom], [width, height]) {
  const [x, y] = [GAP + width, GAP + height];
  const grown = [left - x, top - y, right + x, bottom + y];
  return others.filter(({ box }) => doOverlap(box, grown)).flatMap(({ strokes }) => strokes.map(thin));
}

/** The words' place in a direction, pushed onto the pane. */
function candidate({ seen: [left, top, right, bottom], touched }, [width, height], direction, gap, pane) {
  const [x, y] = DIRECTIONS[direction];
  const wanted = [
    x > 0 ? right + gap : x < 0 ? left - gap - width : touched[direction] - width / 2,
    y > 0 ? bottom + gap : y < 0 ? top - gap - height : touched[direction] - height / 2,
  ];
  const at = [
    between(MARGIN, wanted[0], Math.max(MARGIN, pane.width - MARGIN - width)),
    between(MARGIN, wanted[1], Math.max(MARGIN, pane.height - MARGIN - height)),
  ];
  return { at: at.map(Math.round), slid: Math.hypot(at[0] - wanted[0], at[1] - wanted[1]) };
}

function thin({ points, closed }) {
  const every = Math.ceil(points.length / MOST_POINTS);
  const kept = every > 1 ? points.filter((_point, n) => n % every === 0) : points;
  return closed ? [...kept, kept[0]] : kept;
}

/** Whether a polyline comes into a rectangle. */
function crosses(points, rect) {
  if (points.length === 1) return isIn(points[0], rect);
  return points.some((point, n) => n > 0 && comesIn(points[n - 1], point, rect));
}

const isIn = ([x, y], [left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom;

/** Liang and Barsky: what of the segment lies between each pair of sides. */
function comesIn([ax, ay], [bx, by], [left, top, right, bottom]) {
  let [from, to] = [0, 1];
  const sides = [[ax, bx - ax, left, right], [ay, by - ay, top, bottom]];
  for (const [start, along, low, high] of sides) {
    if (along === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const [one, other] = [(low - start) / along, (high - start) / along];
    from = Math.max(from, Math.min(one, other));
    to = Math.min(to, Math.max(one, other));
  }
  return from <= to;
}

const doOverlap = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

/** From the words to the nearest place of the mark, where they do not stand next to it. */
function leaderTo(strokes, rect) {
  const middle = [(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2];
  let [least, leader] = [Infinity, null];
  for (const points of strokes) {
    points.forEach((point, n) => {
      const place = nearestOn(points[Math.max(0, n - 1)], point, middle);
      const edge = [between(rect[0], place[0], rect[2]), between(rect[1], place[1], rect[3])];
      const far = Math.hypot(place[0] - edge[0], place[1] - edge[1]);
      if (far < least) [least, leader] = [far, [edge, place]];
    });
  }
  return least > LEADER_FROM ? leader : null;
}

/** The place on the segment from *a* to *b* that is nearest to *at*. */
function nearestOn([ax, ay], [bx, by], [x, y]) {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const part = square > 0 ? between(0, ((x - ax) * dx + (y - ay) * dy) / square, 1) : 0;
  return [ax + part * dx, ay + part * dy];
}
