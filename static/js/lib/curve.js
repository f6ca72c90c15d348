// A curve of greys: [[value, grey], …], 2 to 32 points whose values rise, greys 0 to 255. Below the first point its
// grey holds, above the last one that of the last; between them straight lines. The arithmetic is that of
// app/imaging/curve.py, operation by operation: both make the same pixels.

export const MIN_POINTS = 2;
export const MAX_POINTS = 32;
export const LARGEST_VALUE = 1e9;

/** The grey of a modality value: 0 to 255, a whole number; NaN, which is no data, is black. */
export function greyOf(curve, value) {
  if (Number.isNaN(value)) return 0;
  const last = curve.length - 1;
  if (value <= curve[0][0]) return Math.floor(curve[0][1] + 0.5);
  if (value >= curve[last][0]) return Math.floor(curve[last][1] + 0.5);
  let n = 0;
  while (value >= curve[n + 1][0]) n += 1;
  return Math.floor(exactGrey(curve[n], curve[n + 1], value) + 0.5);
}

function exactGrey([v0, g0], [v1, g1], value) {
  return g0 + ((value - v0) / (v1 - v0)) * (g1 - g0);
}

/** The greys of `count` whole values from `first` on. */
export function curveTable(curve, first = -32768, count = 65536) {
  const table = new Uint8Array(count);
  const last = curve.length - 1;
  for (let at = 0, n = 0; at < count; at += 1) {
    const value = first + at;
    while (n < last && value >= curve[n + 1][0]) n += 1;
    if (value <= curve[0][0]) table[at] = Math.floor(curve[0][1] + 0.5);
    else if (n === last) table[at] = Math.floor(curve[last][1] + 0.5);
    else table[at] = Math.floor(exactGrey(curve[n], curve[n + 1], value) + 0.5);
  }
  return table;
}

/** Whether these are points of a curve; what comes from elsewhere is asked before it is used. */
export function isCurve(points) {
  if (!Array.isArray(points) || points.length < MIN_POINTS || points.length > MAX_POINTS) return false;
  return points.every(
    (point, n) =>
      Array.isArray(point) &&
      point.length === 2 &&
      point.every(Number.isFinite) &&
      Math.abs(point[0]) <= LARGEST_VALUE &&
      point[1] >= 0 &&
      point[1] <= 255 &&
      (n === 0 || points[n - 1][0] < point[0]),
  );
}

export function sameCurve(one, other) {
  if (!one || !other) return !one && !other;
  return one.length === other.length && one.every(([value, grey], n) => value === other[n][0] && grey === other[n][1]);
}

/** How an address writes a curve. */
export function curveText(curve) {
  return curve.map(([value, grey]) => `${value}:${grey}`).join(",");
}

/** The curve in numbers of so many decimals, greys of one; points that fall together stay one step apart. */
export function tidyCurve(curve, digits = 0) {
  const step = 10 ** -digits;
  let before = -Infinity;
  return curve.map(([value, grey]) => {
    const wanted = Math.max(before + step, value);
    before = rounded(Math.max(-LARGEST_VALUE, wanted), digits);
    return [before, rounded(Math.min(255, Math.max(0, grey)), 1)];
  });
}

function rounded(value, digits) {
  return Number(value.toFixed(digits)) + 0; // no minus zero
}

/** The curve that does what a ramp from *low* (black) to *high* (white) does. */
export function rampCurve([low, high], digits = 0) {
  return tidyCurve(
    [
      [low, 0],
      [high, 255],
    ],
    digits,
  );
}

/** The values between which the greys change. */
export function curveBounds(curve) {
  return [curve[0][0], curve.at(-1)[0]];
}

/** The curve laid over other bounds: moved and stretched, its greys as they are. */
export function fitted(curve, [low, high], digits = 0) {
  const [first, last] = curveBounds(curve);
  const least = (curve.length - 1) * 10 ** -digits;
  const scale = Math.max(high - low, least) / (last - first);
  const middle = (low + high) / 2;
  const old = (first + last) / 2;
  return tidyCurve(
    curve.map(([value, grey]) => [middle + (value - old) * scale, grey]),
    digits,
  );
}

/** Point *n* at (value, grey), kept between its neighbours. */
export function withPoint(curve, n, [value, grey], digits = 0) {
  const step = 10 ** -digits;
  const from = n > 0 ? curve[n - 1][0] + step : -LARGEST_VALUE;
  const to = n < curve.length - 1 ? curve[n + 1][0] - step : LARGEST_VALUE;
  const within = from > to ? curve[n][0] : Math.min(to, Math.max(from, value));
  const point = [rounded(within, digits), rounded(Math.min(255, Math.max(0, grey)), 1)];
  return curve.map((old, at) => (at === n ? point : old));
}

/**
 * The curve with one more point, and its place.
 * @returns {{curve, place}|null} null where there is no room: 32 points, or one that stands there already
 */
export function withNewPoint(curve, [value, grey], digits = 0) {
  if (curve.length >= MAX_POINTS) return null;
  const point = [rounded(value, digits), rounded(Math.min(255, Math.max(0, grey)), 1)];
  if (curve.some(([other]) => other === point[0])) return null;
  const place = curve.filter(([other]) => other < point[0]).length;
  return { curve: curve.toSpliced(place, 0, point), place };
}

/** Without point *n*; null where only two are left. */
export function withoutPoint(curve, n) {
  return curve.length <= MIN_POINTS ? null : curve.toSpliced(n, 1);
}

/** Where a new point helps most: in the middle of the widest gap, on the line. Null as withNewPoint. */
export function roomiest(curve, digits = 0) {
  let widest = 0;
  for (let n = 1; n < curve.length - 1; n += 1) {
    if (curve[n + 1][0] - curve[n][0] > curve[widest + 1][0] - curve[widest][0]) widest = n;
  }
  const [from, to] = [curve[widest], curve[widest + 1]];
  return withNewPoint(curve, [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], digits);
}
