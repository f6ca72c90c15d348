// What a mark measures, in its own plane. Lengths are millimetres where the plane tells them and pixels where not;
// angles are degrees. Of a half-drawn mark nothing is measured.

import { basisOf, flatten } from "./markplane.js";

/** How many points make a mark of a kind; a freehand one has three or more. */
export const POINTS = {
  length: 2,
  bidirectional: 4,
  angle: 3,
  cobb: 4,
  ellipse: 3,
  rectangle: 4,
  freehand: 3,
  arrow: 2,
  probe: 1,
  keyimage: 1,
};
export const AREAS = new Set(["ellipse", "rectangle", "freehand"]);
/** Kinds whose values the server tells. */
export const WITH_VALUES = new Set([...AREAS, "probe"]);

const DEGREES = 180 / Math.PI;
const between = ([x, y], [a, b]) => [a - x, b - y];

/** The distance of two places. */
export function distance(one, other) {
  return Math.hypot(...between(one, other));
}

/** The angle between two vectors, 0–180°. */
export function angleBetween([x, y], [a, b]) {
  return Math.abs(Math.atan2(x * b - y * a, x * a + y * b)) * DEGREES;
}

/** The angle of two lines whichever way they were drawn, 0–90°; they need not cross. */
export function cobbAngle([a, b, c, d]) {
  const angle = angleBetween(between(a, b), between(c, d));
  return Math.min(angle, 180 - angle);
}

/** The perimeter of an ellipse with semi-axes *a* and *b*, by the arithmetic-geometric mean: to the last digit. */
export function ellipsePerimeter(a, b) {
  let [large, small] = [Math.max(a, b), Math.min(a, b)];
  if (small <= 0) return 4 * large;
  let [sum, power] = [large * large, 0.5];
  for (let n = 0; n < 12 && large - small > 1e-15 * large; n += 1) {
    sum -= power * (large * large - small * small);
    [large, small] = [(large + small) / 2, Math.sqrt(large * small)];
    power *= 2;
  }
  return (2 * Math.PI * sum) / large;
}

/** The area of a closed polygon (Gauss' shoelace), whichever way round. */
export function polygonArea(places) {
  const [x0, y0] = places[0]; // from the first place: far from the origin the products would lose digits
  const sum = places.reduce((total, [x, y], n) => {
    const [a, b] = places[(n + 1) % places.length];
    return total + (x - x0) * (b - y0) - (a - x0) * (y - y0);
  }, 0);
  return Math.abs(sum) / 2;
}

/** The length of a closed polygon's outline. */
export function polygonPerimeter(places) {
  return places.reduce((total, place, n) => total + distance(place, places[(n + 1) % places.length]), 0);
}

/**
 * Whether a closed polygon crosses or touches itself: then its area is not what it seems. Sides are sorted by
 * where they begin along u, so that each is compared with its neighbours only.
 */
export function crossesItself(places) {
  const count = places.length;
  if (count < 4) return false;
  const sides = places.map((from, n) => {
    const to = places[(n + 1) % count];
    return { n, from, to, first: Math.min(from[0], to[0]), last: Math.max(from[0], to[0]) };
  });
  sides.sort((one, other) => one.first - other.first);
  return sides.some((side, place) => {
    for (let next = place + 1; next < count && sides[next].first <= side.last; next += 1) {
      const apart = Math.abs(sides[next].n - side.n);
      if (apart !== 1 && apart !== count - 1 && doCross(side, sides[next])) return true;
    }
    return false;
  });
}

function doCross({ from: a, to: b }, { from: c, to: d }) {
  const turn = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  const [one, two, three, four] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (one * two < 0 && three * four < 0) return true;
  const isOn = (p, q, r) =>
    Math.min(p[0], q[0]) <= r[0] && r[0] <= Math.max(p[0], q[0]) && Math.min(p[1], q[1]) <= r[1] && r[1] <= Math.max(p[1], q[1]);
  return (
    (one === 0 && isOn(a, b, c)) || (two === 0 && isOn(a, b, d)) || (three === 0 && isOn(c, d, a)) || (four === 0 && isOn(c, d, b))
  );
}

const MEASURES = {
  length: ([a, b]) => ({ length: distance(a, b) }),
  bidirectional([a, b, c, d]) {
    const axes = [distance(a, b), distance(c, d)];
    return { long: Math.max(...axes), short: Math.min(...axes) };
  },
  angle: ([a, vertex, b]) => ({ angle: angleBetween(between(vertex, a), between(vertex, b)) }),
  cobb: (places) => ({ angle: cobbAngle(places) }),
  ellipse([centre, one, other]) {
    const axes = [distance(centre, one), distance(centre, other)];
    return { axes, area: Math.PI * axes[0] * axes[1], perimeter: ellipsePerimeter(...axes) };
  },
  rectangle([a, b, c]) {
    const [width, height] = [distance(a, b), distance(b, c)];
    return { width, height, area: width * height, perimeter: 2 * (width + height) };
  },
  freehand: (places) => ({
    area: polygonArea(places),
    perimeter: polygonPerimeter(places),
    crosses: crossesItself(places),
  }),
};

const known = new WeakMap(); // marks do not change, so neither do their measures

/**
 * The measures of a mark: { unit: "mm"|"px" } and, by kind, length · long, short · angle (degrees) ·
 * axes (the two semi-axes), area, perimeter · width, height · crosses.
 */
export function measured(mark) {
  let measures = known.get(mark);
  if (!measures) {
    const unit = mark.space === "patient" || mark.spacing_mm ? "mm" : "px";
    const isWhole = mark.points.length >= POINTS[mark.kind];
    const places = isWhole && MEASURES[mark.kind] ? flatten(basisOf(mark), mark.points) : null;
    measures = { unit, ...(places && MEASURES[mark.kind](places)) };
    known.set(mark, measures);
  }
  return measures;
}
