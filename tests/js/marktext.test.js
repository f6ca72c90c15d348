import assert from "node:assert/strict";
import { test } from "node:test";

import { angleText, areaText, lengthText, lengthsText, measureLines, noteOf, tellingOf, valuesText } from "../../static/js/lib/marktext.js";

const AXIAL = { origin_lps: [0, 0, 0], right_lps: [1, 0, 0], down_lps: [0, 1, 0], normal_lps: [0, 0, 1] };
const plain = (text) => text.replaceAll("\u00a0", " ");

test("lengths have tenths; what is small has more", () => {
  assert.equal(plain(lengthText(89.0923, "mm")), "89.1 mm");
  assert.equal(plain(lengthText(1234.5, "px")), "1,234.5 px");
  assert.equal(plain(lengthText(9.99, "mm")), "10.0 mm");
  assert.equal(plain(lengthText(0.512, "mm")), "0.51 mm");
  assert.equal(plain(lengthText(0.0412, "mm")), "0.041 mm");
  assert.equal(plain(lengthsText([88.94, 0.42], "mm")), "88.9 × 0.4 mm");
});

test("areas change to square centimetres", () => {
  assert.equal(plain(areaText(42.53, "mm")), "42.5 mm²");
  assert.equal(plain(areaText(410.2, "mm")), "410 mm²");
  assert.equal(plain(areaText(1234.6, "mm")), "12.35 cm²");
  assert.equal(plain(areaText(123456, "mm")), "1,234.6 cm²");
  assert.equal(plain(areaText(5210, "px")), "5,210 px²");
  assert.equal(angleText(71.26), "71.3°");
});

test("values have the digits of their range and the reader's unit", () => {
  const statistics = { count: 410, mean: 22.6, std: 20.7, min: -41, max: 88, unit: "HU" };
  assert.equal(plain(valuesText(statistics, { HU: "UH" })), "23 ± 21 UH");
  assert.equal(plain(valuesText({ ...statistics, mean: -1002.4 })), "−1,002 ± 21 HU");
  assert.equal(plain(valuesText({ count: 9, mean: 2.314, std: 0.456, min: 1.1, max: 3.2, unit: "" })), "2.31 ± 0.46");
  assert.equal(plain(valuesText({ count: 1, mean: -16, std: 0, min: -16, max: -16, unit: "HU" })), "−16 HU");
  const seen = { kind: "probe", space: "patient", points: [[0, 0, 0]], plane: AXIAL, statistics: { ...statistics, count: 1 } };
  assert.equal(measureLines(seen, { valuesNote: "(single slice)" }).map(plain)[0].endsWith(" (single slice)"), true);
  const small = { count: 20, mean: 0.001234, std: 0.0002, min: 0.0005, max: 0.003, unit: "mm²/s" };
  assert.equal(plain(valuesText(small)), "0.00123 ± 0.00020 mm²/s");
  assert.equal(valuesText(null), "");
  assert.equal(valuesText({ count: 0, mean: null, std: null, min: null, max: null, unit: "HU" }), "");
});

test("a mark's lines, with the note that goes with its millimetres", () => {
  const mark = { kind: "length", space: "image", image: 1, spacing_mm: [0.5, 0.5], points: [[0, 0], [60, 80]] };
  assert.deepEqual(measureLines(mark).map(plain), ["50.0 mm"]);
  assert.deepEqual(measureLines(mark, { note: "at the detector" }).map(plain), ["50.0 mm at the detector"]);
  const pixels = { ...mark, spacing_mm: null };
  assert.deepEqual(measureLines(pixels, { note: "at the detector" }).map(plain), ["100.0 px"]);
  const region = { ...mark, kind: "rectangle", points: [[0, 0], [40, 0], [40, 40], [0, 40]] };
  const statistics = { count: 1600, mean: 12, std: 3, min: 0, max: 99, unit: "HU" };
  assert.deepEqual(measureLines({ ...region, statistics }).map(plain), ["400 mm²", "12 ± 3 HU"]);
  assert.deepEqual(measureLines({ ...mark, kind: "arrow" }), []);
  const series = { images: [{}, { mm_note: "at the detector" }] };
  assert.equal(noteOf(series, mark), "at the detector");
  // A volume of a file that does not say how large a voxel is, like the server's tables.
  const line = { kind: "length", space: "patient", plane: AXIAL, points: [[0, 0, 0], [3, 4, 0]] };
  const unknown = { planes: [{ plane: "axial", is_calibrated: false }] };
  assert.deepEqual(measureLines(line, tellingOf(unknown, line)).map(plain), ["5.0 px"]);
  assert.deepEqual(measureLines(line, tellingOf({ planes: [{ plane: "axial" }] }, line)).map(plain), ["5.0 mm"]);
  assert.equal(noteOf({}, { space: "patient", plane: { index: 3 } }), "");
});
