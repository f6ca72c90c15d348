// A table as CSV (RFC 4180) that a spreadsheet opens without running anything in it.

const STARTS_FORMULA = /^[\s]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** One cell: quoted; what a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvCell(value) {
  const text = String(value ?? "");
  const safe = typeof value !== "number" && STARTS_FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** All rows; the mark in front tells spreadsheets that it is UTF-8. */
export function toCsv(rows) {
  return `\ufeff${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
