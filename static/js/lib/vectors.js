// Vectors of three numbers, as plain arrays.

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const add = (a, b, factor = 1) => [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
export const length = (a) => Math.hypot(a[0], a[1], a[2]);
export const unit = (a) => a.map((value) => value / length(a));

/** *vector* turned by *radians* about the unit vector *axis*, right-handed (Rodrigues' formula). */
export function turnAbout(vector, axis, radians) {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const along = dot(axis, vector) * (1 - cos);
  const across = cross(axis, vector);
  return vector.map((value, n) => value * cos + across[n] * sin + axis[n] * along);
}
