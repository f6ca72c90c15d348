import assert from "node:assert/strict";
import { test } from "node:test";

import { csvCell, toCsv } from "../../static/js/lib/csv.js";

test("a cell that a spreadsheet would run is made text", () => {
  const names = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "  =1", "＝1"];
  for (const name of names) assert.ok(csvCell(name).startsWith(`"'`), name);
});

test("quotes are doubled, line breaks and commas stay inside", () => {
  assert.equal(csvCell('a "b", c\nd'), '"a ""b"", c\nd"');
});

test("numbers stay numbers, absent values are empty", () => {
  assert.equal(toCsv([["n", "x"], [-3, undefined]]), '\ufeff"n","x"\r\n"-3",""\r\n');
});
