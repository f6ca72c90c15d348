// What the anonymising page decides without a DOM: fates, overrides, formats, filters, time left.
// A field is { keyword, vr, maxLength, mayBeMany }; its prefill { value, fate, original } comes with the preset.
// The server checks again by the same rules (app/imaging/deid_fields.py).

export const FATES = ["removed", "replaced", "kept"];

const FORMATS = {
  DA: { problem: "date", fits: isDate },
  AS: { problem: "age", fits: (text) => /^\d{3}[DWMY]$/.test(text) },
  CS: { problem: "sex", fits: (text) => ["F", "M", "O"].includes(text) },
  DS: { problem: "number", fits: (text) => /^\d+(\.\d*)?$/.test(text) && Number(text) > 0 && Number(text) < 1000 },
};

function isDate(text) {
  const found = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (!found) return false;
  const [year, month, day] = found.slice(1).map(Number);
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** What is meant by what was typed: no outer spaces, 1950-03-11 as 19500311, letters of codes in capitals. */
export function normalise(field, text) {
  const plain = text.trim();
  if (field.vr === "DA") return plain.replace(/^(\d{4})[-/.](\d{2})[-/.](\d{2})$/, "$1$2$3");
  if (field.vr === "AS" || field.vr === "CS") return plain.toUpperCase();
  return plain;
}

/** null, or { code, limit } of what is wrong with a value: sign, date, age, sex, number, parts or long. */
export function problemOf(field, text) {
  const value = normalise(field, text);
  if (!value) return null;
  if (/[\u0000-\u001f\u007f]/.test(value) || (value.includes("\\") && !field.mayBeMany)) return { code: "sign" };
  return value.split("\\").reduce((found, part) => found ?? partProblem(field, part.trim()), null);
}

function partProblem(field, part) {
  const format = FORMATS[field.vr];
  if (format && !format.fits(part)) return { code: format.problem };
  const groups = field.vr === "PN" ? part.split("=") : [part];
  if (groups.some((group) => [...group].length > field.maxLength)) return { code: "long", limit: field.maxLength };
  const isCrowded = groups.length > 3 || groups.some((group) => group.split("^").length > 5);
  return field.vr === "PN" && isCrowded ? { code: "parts" } : null;
}

/** Whether the user wrote something of his own over the preset's value. */
export function isOverride(field, prefill, text) {
  return normalise(field, text) !== normalise(field, prefill.value);
}

/** removed, replaced or kept: what becomes of the field with this text in it. */
export function fateOf(field, prefill, text) {
  if (!isOverride(field, prefill, text)) return prefill.fate;
  const value = normalise(field, text);
  if (!value) return "removed";
  return value === prefill.original ? "kept" : "replaced";
}

/** { keyword: value } of everything that differs from the preset; an empty value removes. */
export function overridesOf(fields, prefills, texts) {
  const own = fields.filter((field) => isOverride(field, prefills[field.keyword], texts[field.keyword]));
  return Object.fromEntries(own.map((field) => [field.keyword, normalise(field, texts[field.keyword])]));
}

function folded(text) {
  return String(text).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** The rows of the preview that have one of the fates (none chosen: all) and hold the words. */
export function filterRows(rows, { text = "", fates = [] } = {}) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (fates.length && !fates.includes(row.fate)) return false;
    const hay = folded([row.tag, row.keyword, row.name, row.old, row.new].filter(Boolean).join(" "));
    return words.every((word) => hay.includes(word));
  });
}

/** Seconds left by the pace since progress was *from*, or null while the pace is not known. */
export function secondsLeft(progress, elapsedSeconds, from = 0) {
  const moved = progress - from;
  if (moved < 0.02 || progress >= 1 || elapsedSeconds < 1) return null;
  return Math.max(1, Math.round((elapsedSeconds * (1 - progress)) / moved));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The job's id in "#job=<id>", or null. */
export function jobInFragment(fragment) {
  const id = new URLSearchParams(fragment.replace(/^#/, "")).get("job");
  return id && UUID.test(id) ? id : null;
}

/** Bytes in three figures, by 1024 as everywhere in the application. */
export function readableSize(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const figures = value >= 99.95 || unit === 0 ? 0 : value >= 9.995 ? 1 : 2;
  return `${Number(value.toFixed(figures))}\u00a0${units[unit]}`;
}

/** A long UID of an instance with its middle left out: both ends tell which it is. Other texts stay whole. */
export function shortened(text) {
  const isLong = text.length > 30 && /^[\d.]+$/.test(text) && !text.startsWith("1.2.840.10008.");
  return isLong ? `${text.slice(0, 16).replace(/\.+$/, "")}…${text.slice(-5)}` : text;
}
