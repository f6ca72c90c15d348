// A film's arithmetic.

export const USUAL_INTERVAL_MS = 100;
const LEAST_MS = 10;

/** The place, from 0 to count − 1, that a film shows *elapsedMs* after it stood at *from*; it begins again after the end. */
export function stepOf(from, elapsedMs, intervalMs, count) {
  const steps = Math.max(0, Math.floor(elapsedMs / Math.max(LEAST_MS, intervalMs)));
  return (from + steps) % count;
}
