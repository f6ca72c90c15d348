import assert from "node:assert/strict";
import { test } from "node:test";

import { countFound, folded, isItem, rowLine, shownRows, tagRows } from "../../static/js/lib/tagtree.js";

const element = (tag, keyword, value, depth = 0, vr = "LO") => ({ tag, keyword, name: keyword, vr, value, depth });
const LIST = [
  element("(0008,0060)", "Modality", "CT"),
  element("(0008,1115)", "ReferencedSeriesSequence", "<2 items>", 0, "SQ"),
  element("(FFFE,E000)", "Item", "1", 1, ""),
  element("(0020,000E)", "SeriesInstanceUID", "1.2.3", 2),
  element("(FFFE,E000)", "Item", "2", 1, ""),
  element("(0020,000E)", "SeriesInstanceUID", "4.5.6", 2),
  element("(0018,0050)", "SliceThickness", "2.5"),
];
const keys = (rows, indexes) => indexes.map((index) => rows[index].key);

test("accents and case do not matter", () => {
  assert.equal(folded("Región ÑANDÚ"), "region nandu");
});

test("nested elements know what lies above them", () => {
  const rows = tagRows(LIST);
  assert.deepEqual(rows.map(({ parent }) => parent), [-1, -1, 1, 2, 1, 4, -1]);
  assert.deepEqual(rows.map(({ children }) => children), [0, 2, 1, 0, 1, 0, 0]);
  assert.ok(isItem(rows[2]));
});

test("closed sequences show themselves alone, open ones their items", () => {
  const rows = tagRows(LIST);
  assert.deepEqual(shownRows(rows), [0, 1, 6]);
  const opened = new Set(["(0008,1115)"]);
  assert.deepEqual(shownRows(rows, { opened }), [0, 1, 2, 4, 6]);
  opened.add("(0008,1115)/item 2");
  assert.deepEqual(keys(rows, shownRows(rows, { opened })).slice(3, 5), [
    "(0008,1115)/item 2",
    "(0008,1115)/item 2/(0020,000E)",
  ]);
});

test("an item that is open in a closed sequence stays hidden", () => {
  assert.deepEqual(shownRows(tagRows(LIST), { opened: new Set(["(0008,1115)/item 2"]) }), [0, 1, 6]);
});

test("what is found shows what lies above it", () => {
  const rows = tagRows(LIST);
  const indexes = shownRows(rows, { words: "4.5" });
  assert.deepEqual(indexes, [1, 4, 5]);
  assert.equal(countFound(rows, indexes, { words: "4.5" }), 1);
});

test("tags are found with and without brackets, words in any order, explanations too", () => {
  const help = { SliceThickness: "El grosor de un corte en mm." };
  const rows = tagRows(LIST, null, help);
  for (const words of ["00180050", "(0018,0050)", "2.5 slice", "GROSOR"]) assert.deepEqual(shownRows(rows, { words }), [6], words);
  assert.deepEqual(shownRows(rows, { words: "thickness 9" }), []);
});

test("two images stand side by side, differences alone on wish", () => {
  const other = [
    element("(0008,0008)", "ImageType", "ORIGINAL"),
    element("(0008,0060)", "Modality", "CT"),
    element("(0008,1115)", "ReferencedSeriesSequence", "<1 items>", 0, "SQ"),
    element("(FFFE,E000)", "Item", "1", 1, ""),
    element("(0020,000E)", "SeriesInstanceUID", "1.2.3", 2),
    element("(0018,0050)", "SliceThickness", "5"),
    element("(0018,0060)", "KVP", "120"),
  ];
  const rows = tagRows(LIST, other);
  assert.deepEqual(rows.map(({ key }) => key), [
    "(0008,0008)",
    "(0008,0060)",
    "(0008,1115)",
    "(0008,1115)/item 1",
    "(0008,1115)/item 1/(0020,000E)",
    "(0008,1115)/item 2",
    "(0008,1115)/item 2/(0020,000E)",
    "(0018,0050)",
    "(0018,0060)",
  ]);
  assert.deepEqual(rows.map(({ isSame }) => isSame), [false, true, false, true, true, false, false, false, false]);
  assert.deepEqual(keys(rows, shownRows(rows, { onlyDifferent: true })), [
    "(0008,0008)",
    "(0008,1115)",
    "(0008,1115)/item 2",
    "(0008,1115)/item 2/(0020,000E)",
    "(0018,0050)",
    "(0018,0060)",
  ]);
  assert.equal(rows[0].element, null);
  assert.equal(rows[5].other, null);
});

test("images alike have no differences", () => {
  const rows = tagRows(LIST, LIST);
  assert.deepEqual(shownRows(rows, { onlyDifferent: true }), []);
});

test("fields that have the same name twice are two", () => {
  const rows = tagRows([element("", "", "a"), element("", "", "b")].map((one) => ({ ...one, name: "#" })));
  assert.deepEqual(rows.map(({ key }) => key), ["#", "##1"]);
});

test("a row as text", () => {
  const [first] = tagRows(LIST, [element("(0008,0060)", "Modality", "MR")]);
  assert.equal(rowLine(first), "(0008,0060)\tModality\tLO\tCT");
  assert.equal(rowLine(first, true), "(0008,0060)\tModality\tLO\tCT\tMR");
});

test("five thousand elements are sorted and searched at once", () => {
  const many = Array.from({ length: 5000 }, (_one, n) => element(`(0009,${n.toString(16).padStart(4, "0")})`, `Word${n}`, `${n}`));
  const started = performance.now();
  const rows = tagRows(many, many.map((one) => ({ ...one, value: "x" })));
  assert.equal(shownRows(rows, { words: "word49", onlyDifferent: true }).length, 111);
  assert.ok(performance.now() - started < 400);
});

test("what the other image has in another order is there once", () => {
  const [first, , , , , , last] = LIST;
  const rows = tagRows([first, last], [last, element("(0018,0060)", "KVP", "120"), first]);
  assert.deepEqual(rows.map(({ key, element, other }) => [key, Boolean(element), Boolean(other)]), [
    ["(0018,0060)", false, true],
    ["(0008,0060)", true, true],
    ["(0018,0050)", true, true],
  ]);
});
