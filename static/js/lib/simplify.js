// A line with fewer points: none of those left out lies farther from it than the tolerance (Douglas and Peucker).

/**
 * @param places     [[x, y], …]
 * @param tolerance  in the same unit
 * @returns the indices of the places that stay, the first and the last among them
 */
export function simplified(places, tolerance) {
  const kept = new Set([0, places.length - 1]);
  const spans = [[0, places.length - 1]];
  while (spans.length) {
    const [first, last] = spans.pop();
    const [farthest, index] = farthestFrom(places, first, last);
    if (farthest <= tolerance) continue;
    kept.add(index);
    spans.push([first, index], [index, last]);
  }
  return [...kept].sort((one, other) => one - other);
}

function farthestFrom(places, first, last) {
  let [most, index] = [-1, first];
  for (let n = first + 1; n < last; n += 1) {
    const far = distanceToSegment(places[n], places[first], places[last]);
    if (far > most) [most, index] = [far, n];
  }
  return [most, index];
}

/** How far a place lies from the segment between two others. */
export function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square)) : 0;
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
