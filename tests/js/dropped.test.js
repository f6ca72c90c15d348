import assert from "node:assert/strict";
import { test } from "node:test";

import { groupItems, isClutter, isIndex, sift, walkEntries } from "../../static/js/lib/dropped.js";

const file = (name, size = 1) => ({ name, size });
const fileEntry = (name) => ({ name, isDirectory: false, file: (resolve) => resolve(file(name)) });
const broken = (name) => ({ name, isDirectory: false, file: (_resolve, reject) => reject(new Error("gone")) });

/** A folder that hands out its entries two at a time, as browsers do by the hundred. */
function folder(name, children) {
  return {
    name,
    isDirectory: true,
    createReader() {
      const left = [...children];
      return { readEntries: (resolve) => resolve(left.splice(0, 2)) };
    },
  };
}

test("a dropped folder is read to its last portion and its deepest folder", async () => {
  const inner = folder("b", ["3", "4", "5"].map(fileEntry));
  const { items } = await walkEntries([folder("a", [fileEntry("1"), inner, fileEntry("2")]), null]);
  assert.deepEqual(items.map((item) => item.path), ["a/1", "a/2", "a/b/3", "a/b/4", "a/b/5"]);
});

test("what cannot be read is named and the rest kept", async () => {
  const { items, unreadable } = await walkEntries([folder("a", [fileEntry("1"), broken("2")])]);
  assert.deepEqual([items.length, unreadable], [1, ["a/2"]]);
});

test("folders and ZIPs are one group each, many single files together", () => {
  const items = ["CT/1", "CT/s/2", "MR/1", "x.zip", "CT/y.ZIP", "z"].map((path) => ({ path, file: file(path) }));
  const found = groupItems(items).map((group) => [group.kind, group.name, group.items.length]);
  assert.deepEqual(found, [
    ["folder", "CT", 2], ["folder", "MR", 1], ["zip", "x.zip", 1], ["zip", "CT/y.ZIP", 1], ["file", "z", 1],
  ]);
  const many = Array.from({ length: 9 }, (_, n) => ({ path: `${n}.dcm`, file: file("x") }));
  assert.deepEqual(groupItems(many).map((group) => [group.kind, group.items.length]), [["files", 9]]);
});

test("an operating system's own files are left out", () => {
  const clutter = ["CT/.DS_Store", "Thumbs.db", "a/__MACOSX/x/y", "CT/._IM1"];
  assert.deepEqual([...clutter, "CT/IM1", "DICOMDIR"].filter(isClutter), clutter);
});

test("what is too large is set apart, a ZIP by the size of a request", () => {
  const items = [["a", 5], ["b", 11], ["c.zip", 15], ["d.zip", 21], [".DS_Store", 1]]
    .map(([path, size]) => ({ path, file: file(path, size) }));
  const { kept, tooLarge, clutter } = sift(items, { maxFile: 10, maxRequest: 20 });
  assert.deepEqual(kept.map((item) => item.path), ["a", "c.zip"]);
  assert.deepEqual(tooLarge.map((item) => item.path), ["b", "d.zip"]);
  assert.equal(clutter, 1);
});

test("a group with the index of a disc knows what was dropped beside it", () => {
  const items = ["DICOMDIR", "DICOM/A", "DICOM/B"].map((path) => ({ path, file: file(path) }));
  const groups = groupItems(items);
  assert.deepEqual(
    groups.map(({ name, paths }) => [name, paths]),
    [["DICOM", undefined], ["DICOMDIR", ["DICOMDIR", "DICOM/A", "DICOM/B"]]],
  );
  assert.deepEqual(["cd/dicomdir;1", "DICOMDIR", "x/DICOMDIR.dcm", "DICOM/A"].map(isIndex), [true, true, true, false]);
});
