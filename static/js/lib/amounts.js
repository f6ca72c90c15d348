// Bytes and counts in figures, as the server's pages write them.

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** Three figures and a unit; a GB is 1024 MB, as in the settings. */
export function formatBytes(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const figures = value >= 99.95 || unit === 0 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toFixed(figures);
  return `${text.includes(".") ? text.replace(/\.?0+$/, "") : text}\u00a0${UNITS[unit]}`;
}

/** "3.2 / 14.1 MB", the unit once where it is the same. */
export function formatPart(bytes, whole) {
  const [part, all] = [formatBytes(bytes), formatBytes(whole)];
  const unit = all.slice(all.indexOf("\u00a0"));
  return `${part.endsWith(unit) ? part.slice(0, -unit.length) : part} / ${all}`;
}

/** A whole number with commas between thousands. */
export function formatCount(count) {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}
