// A film's arithmetic: which place it shows when, once round or to and fro.

export const USUAL_INTERVAL_MS = 100;
export const LEAST_FPS = 1;
export const MOST_FPS = 60;
const LEAST_MS = 10;

/** The place, from 0 to count − 1, that a film shows *elapsedMs* after it stood at *from*; it begins again after the end. */
export function stepOf(from, elapsedMs, intervalMs, count) {
  return filmAt({ from, sense: 1 }, elapsedMs, intervalMs, count, false).place;
}

/**
 * Where a film stands and which way it runs: { place, sense: +1 | −1 }.
 * @param start    { from, sense }: where it began
 * @param bounces  whether it turns back at its ends
 */
export function filmAt({ from, sense }, elapsedMs, intervalMs, count, bounces) {
  const steps = Math.max(0, Math.floor(elapsedMs / Math.max(LEAST_MS, intervalMs)));
  if (!bounces || count < 2) return { place: (from + steps) % count, sense: 1 };
  const round = 2 * (count - 1); // there and back
  const along = ((sense > 0 ? from : round - from) + steps) % round;
  return along < count - 1 ? { place: along, sense: 1 } : { place: round - along, sense: -1 };
}

/** Frames a second as somebody wrote them, or null. */
export function readFps(text) {
  const fps = Number(String(text).replace(",", "."));
  return Number.isFinite(fps) && fps >= LEAST_FPS && fps <= MOST_FPS ? fps : null;
}

/** Frames a second of an interval, within what can be chosen: whole, or with one decimal. */
export function fpsOf(intervalMs) {
  return Math.min(MOST_FPS, Math.max(LEAST_FPS, Math.round(10_000 / intervalMs) / 10));
}
