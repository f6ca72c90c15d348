// Two fingers: what they did to the image between two moments.

const centre = ([one, two]) => [(one[0] + two[0]) / 2, (one[1] + two[1]) / 2];
const spread = ([one, two]) => Math.hypot(two[0] - one[0], two[1] - one[1]);

/**
 * @param before, after  two points each, CSS pixels of the pane
 * @returns {{factor, byX, byY, at}} zoom factor about *at*, after a pan by (byX, byY)
 */
export function pinch(before, after) {
  const [x0, y0] = centre(before);
  const at = centre(after);
  // Fingers that nearly touch would make the factor leap.
  const factor = Math.max(10, spread(after)) / Math.max(10, spread(before));
  return { factor, byX: at[0] - x0, byY: at[1] - y0, at };
}
