// The curves that a reader has saved: { id, name, unit, points }. Lists do not change; each function gives another.

import { isCurve, sameCurve } from "./curve.js";

export const LONGEST_NAME = 80;

/** Those that fit values of *unit*, by name; what is no curve is passed over. */
export function usable(curves, unit) {
  return (curves ?? [])
    .filter((curve) => curve.unit === unit && isCurve(curve.points))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** The one with these points. */
export function withPoints(curves, points) {
  return points ? (curves.find((curve) => sameCurve(curve.points, points)) ?? null) : null;
}

/** The one that a new curve of this name would take the place of. */
export function named(curves, name) {
  const wanted = name.trim().toLocaleLowerCase();
  return curves.find((curve) => curve.name.toLocaleLowerCase() === wanted) ?? null;
}

export function withCurve(curves, curve) {
  return [...curves.filter(({ id }) => id !== curve.id), curve];
}

export function withoutCurve(curves, id) {
  return curves.filter((curve) => curve.id !== id);
}
