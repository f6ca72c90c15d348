import assert from "node:assert/strict";
import { test } from "node:test";

import {
  fateOf,
  filterRows,
  jobInFragment,
  normalise,
  overridesOf,
  problemOf,
  readableSize,
  secondsLeft,
  shortened,
} from "../../static/js/lib/anonymise.js";

const NAME = { keyword: "PatientName", vr: "PN", maxLength: 64 };
const BIRTH = { keyword: "PatientBirthDate", vr: "DA", maxLength: 8 };
const SEX = { keyword: "PatientSex", vr: "CS", maxLength: 16 };
const AGE = { keyword: "PatientAge", vr: "AS", maxLength: 4 };
const WEIGHT = { keyword: "PatientWeight", vr: "DS", maxLength: 16 };

const REPLACED = { value: "Anonymous", fate: "replaced", original: "Luna^Jorge" };
const REMOVED = { value: "", fate: "removed", original: "19500311" };
const KEPT = { value: "M", fate: "kept", original: "M" };

test("an untouched field has the fate of its preset", () => {
  assert.equal(fateOf(NAME, REPLACED, "Anonymous"), "replaced");
  assert.equal(fateOf(BIRTH, REMOVED, "  "), "removed");
  assert.equal(fateOf(SEX, KEPT, "m"), "kept");
});

test("what the user writes rules: a value replaces, nothing removes, the original keeps", () => {
  assert.equal(fateOf(BIRTH, REMOVED, "1970-01-01"), "replaced");
  assert.equal(fateOf(SEX, KEPT, ""), "removed");
  assert.equal(fateOf(BIRTH, REMOVED, "19500311"), "kept");
});

test("only what differs from the preset is sent", () => {
  const prefills = { PatientName: REPLACED, PatientBirthDate: REMOVED, PatientSex: KEPT };
  const texts = { PatientName: "Anonymous ", PatientBirthDate: "1970/01/31", PatientSex: "" };
  assert.deepEqual(overridesOf([NAME, BIRTH, SEX], prefills, texts), {
    PatientBirthDate: "19700131",
    PatientSex: "",
  });
});

test("each kind of value has its format", () => {
  assert.equal(problemOf(BIRTH, "1970-01-31"), null);
  assert.deepEqual(problemOf(BIRTH, "19700231"), { code: "date" });
  assert.deepEqual(problemOf(BIRTH, "31/01/1970"), { code: "date" });
  assert.equal(problemOf(AGE, "083y"), null);
  assert.deepEqual(problemOf(AGE, "83"), { code: "age" });
  assert.equal(problemOf(WEIGHT, "70.5"), null);
  assert.deepEqual(problemOf(WEIGHT, "70,5"), { code: "number" });
  assert.equal(problemOf(SEX, "o"), null);
  assert.deepEqual(problemOf(SEX, "X"), { code: "sex" });
  assert.deepEqual(problemOf(NAME, "a\\b"), { code: "sign" });
  assert.deepEqual(problemOf(NAME, "x".repeat(65)), { code: "long", limit: 64 });
  assert.deepEqual(problemOf(WEIGHT, "1000"), { code: "number" });
  assert.equal(problemOf(NAME, ""), null);
});

test("a name has five parts in three spellings; only some fields hold several values", () => {
  const many = { keyword: "OperatorsName", vr: "PN", maxLength: 64, mayBeMany: true };
  assert.equal(problemOf(many, "Luna^Ana\\Paz^Eva"), null);
  assert.deepEqual(problemOf(many, `Luna\\${"x".repeat(65)}`), { code: "long", limit: 64 });
  assert.deepEqual(problemOf(NAME, "a^b^c^d^e^f"), { code: "parts" });
  assert.equal(problemOf(NAME, "Yamada^Tarou=山田^太郎=やまだ^たろう"), null);
  assert.deepEqual(problemOf(NAME, "a=b=c=d"), { code: "parts" });
});

test("dates of the first century and leap days are real dates", () => {
  assert.equal(problemOf(BIRTH, "00500102"), null);
  assert.equal(problemOf(BIRTH, "20240229"), null);
  assert.deepEqual(problemOf(BIRTH, "20230229"), { code: "date" });
});

test("codes are written in capitals, names as they are", () => {
  assert.equal(normalise(AGE, " 083y "), "083Y");
  assert.equal(normalise(NAME, " Luna "), "Luna");
});

test("rows are found by tag, keyword or value, without accents, and by fate", () => {
  const rows = [
    { tag: "(0010,0010)", keyword: "PatientName", fate: "replaced", old: "Pérez^Luna", new: "Anonymous" },
    { tag: "(0008,0060)", keyword: "Modality", fate: "kept", old: "CT", new: "CT" },
    { tag: "(0008,0050)", keyword: "AccessionNumber", fate: "removed", old: "281" },
  ];
  const found = (query) => filterRows(rows, query).map((row) => row.keyword);
  assert.deepEqual(found({ text: "perez" }), ["PatientName"]);
  assert.deepEqual(found({ text: "0008 ct" }), ["Modality"]);
  assert.deepEqual(found({ fates: ["removed", "kept"] }), ["Modality", "AccessionNumber"]);
  assert.equal(found({}).length, 3);
});

test("time left follows the pace and is silent while nothing is known", () => {
  assert.equal(secondsLeft(0.5, 10), 10);
  assert.equal(secondsLeft(0.75, 10, 0.5), 10);
  assert.equal(secondsLeft(0, 10), null);
  assert.equal(secondsLeft(1, 10), null);
  assert.equal(secondsLeft(0.5, 0.2), null);
});

test("only a UUID in the fragment is a job", () => {
  const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  assert.equal(jobInFragment(`#job=${id}`), id);
  assert.equal(jobInFragment("#job=../../x"), null);
  assert.equal(jobInFragment(""), null);
});

test("sizes have three figures", () => {
  assert.equal(readableSize(0), "0\u00a0B");
  assert.equal(readableSize(1024 * 1024 * 69.4), "69.4\u00a0MB");
  assert.equal(readableSize(1024 * 1024 * 5.26), "5.26\u00a0MB");
  assert.equal(readableSize(1024 ** 3 * 2), "2\u00a0GB");
});

test("long UIDs keep both ends, other long texts are whole", () => {
  assert.equal(shortened("1.3.6.1.4.1.32722.99.99.239341353911714368772597187099978969331"), "1.3.6.1.4.1.3272…69331");
  assert.equal(shortened("1.2.840.10008.5.1.4.1.1.104.1.1.1.1"), "1.2.840.10008.5.1.4.1.1.104.1.1.1.1");
  assert.equal(shortened("Torax 3.0 B19f with a very long description"), "Torax 3.0 B19f with a very long description");
});
