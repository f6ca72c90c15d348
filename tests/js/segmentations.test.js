// How segments are shown and changed, with a server of a few lines.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fillTable, inkOn, rgbOf, SEGMENT_COLOURS, tidyDisplay } from "../../static/js/lib/segmentdisplay.js";
import { History } from "../../static/js/state/history.js";
import { Marks } from "../../static/js/state/marks.js";
import { Segmentations } from "../../static/js/state/segmentations.js";
import { ViewerState } from "../../static/js/state/viewer.js";

const SERIES = {
  planes: [{ plane: "axial", axes_ijk: [0, 1, 2], count: 30 }],
  shape_ijk: [10, 20, 30],
  window: { center: 40, width: 400 },
  value_range: [-1024, 3071],
};
const segment = (number, name) => ({ number, name, color: "#3bffb1", code: null, layer: 0, value: number });
const LUNGS = { id: "s", name: "Lungs", kind: "rtstruct", revision: 3, warnings: [], segments: [segment(1, "left"), segment(2, "right")], layers: [] };

class Server {
  sent = [];
  refuse = null;

  async list() {
    return { segmentations: [LUNGS], found: [{ instance_id: "f" }] };
  }

  async change(id, revision, changes) {
    this.sent.push([id, revision, changes]);
    if (this.refuse) throw this.refuse;
    return { ...LUNGS, ...changes, revision: revision + 1, segments: LUNGS.segments.map((one) => ({ ...one, ...changes.segments?.find((other) => other.number === one.number) })) };
  }

  async read() {
    return { ...LUNGS, revision: 9 };
  }

  async removeSegment(id, number, revision) {
    this.sent.push(["delete", id, number, revision]);
    if (this.refuse) throw this.refuse;
    const left = LUNGS.segments.filter((one) => one.number !== number);
    return number === 2 ? null : { ...LUNGS, revision: revision + 1, segments: left };
  }

  async remove(id) {
    this.sent.push(["delete", id]);
  }
}

async function made() {
  const [state, server] = [new ViewerState(SERIES), new Server()];
  const history = new History(state, new Marks());
  const segmentations = new Segmentations(state, server, () => history);
  await segmentations.load();
  return { state, server, history, segmentations };
}

test("a file that is shown already is not offered", async () => {
  const { segmentations } = await made();
  segmentations.put({ ...LUNGS, id: "t", source_instance_id: "f" });
  assert.deepEqual(segmentations.found, []);
  await segmentations.remove("t");
  assert.equal(segmentations.found.length, 1);
});

test("segments are seen until they are hidden, one by one or all together", async () => {
  const { state, segmentations } = await made();
  assert.equal(segmentations.count, 2);
  assert.equal(segmentations.found.length, 1);
  segmentations.toggle("s", 2);
  assert.deepEqual([segmentations.isShown("s", 1), segmentations.isShown("s", 2)], [true, false]);
  segmentations.toggleAll("s");
  assert.equal(segmentations.isShown("s", 1), false);
  segmentations.toggle("s", 2); // what is asked to be seen is seen, though all was hidden
  assert.equal(segmentations.isShown("s", 2), true);
  assert.deepEqual(JSON.parse(JSON.stringify(state.snapshot().segments)), { of: { s: {} }, solo: null });
});

test("one alone hides the others until it is one of them again", async () => {
  const { segmentations } = await made();
  segmentations.setSolo({ id: "s", number: 1 });
  assert.deepEqual([segmentations.isShown("s", 1), segmentations.isShown("s", 2)], [true, false]);
  segmentations.toggle("s", 2);
  assert.equal(segmentations.solo, null);
  assert.deepEqual([segmentations.isShown("s", 1), segmentations.isShown("s", 2)], [true, true]);
});

test("how they are shown is saved with the view and undone with it", async () => {
  const { state, history, segmentations } = await made();
  segmentations.setDisplay("s", { opacity: 0.6, mode: "outline" });
  segmentations.toggleLock("s", 2);
  history.commit();
  const saved = JSON.parse(JSON.stringify(state.snapshot()));
  assert.deepEqual(saved.segments.of.s, { locked: [2], opacity: 0.6, mode: "outline" });
  assert.equal(history.undoWords, "segments shown");
  history.undo();
  assert.deepEqual(segmentations.display("s"), { isHidden: false, hidden: [], locked: [], opacity: 0.32, mode: "both" });
  history.redo();
  assert.equal(segmentations.isLocked("s", 2), true);
  const again = new ViewerState(SERIES);
  again.restore(saved);
  assert.deepEqual(again.snapshot().segments, saved.segments);
});

test("what was saved by whoever is shown as far as it makes sense", () => {
  const odd = { of: { a: { opacity: 7, mode: "glow", hidden: [1, "x"] }, b: null }, solo: { id: 4 } };
  assert.deepEqual(tidyDisplay(odd), { of: { a: { hidden: [1], opacity: 1 } }, solo: null });
  assert.deepEqual(tidyDisplay("no"), { of: {}, solo: null });
});

test("a new name shows at once, is sent with the revision, and can be taken back", async () => {
  const { server, history, segmentations } = await made();
  const sent = segmentations.changeSegment("s", 1, { name: "Left lung" });
  assert.equal(segmentations.segment("s", 1).name, "Left lung");
  await sent;
  assert.equal(segmentations.get("s").revision, 4);
  assert.equal(history.undoWords, "rename left");
  history.undo();
  assert.equal(segmentations.segment("s", 1).name, "left");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(server.sent, [
    ["s", 3, { segments: [{ number: 1, name: "Left lung" }] }],
    ["s", 4, { segments: [{ number: 1, name: "left" }] }],
  ]);
});

test("changes go one after the other, and a refusal shows what the server has", async () => {
  const { server, segmentations } = await made();
  await Promise.all([segmentations.changeSegment("s", 1, { color: "#b19dff" }), segmentations.changeSegment("s", 2, { name: "R" })]);
  assert.deepEqual(server.sent.map(([, revision]) => revision), [3, 4]);
  server.refuse = Object.assign(new Error("stale"), { status: 409 });
  await assert.rejects(segmentations.changeSegment("s", 2, { name: "again" }), /stale/);
  assert.equal(segmentations.segment("s", 2).name, "right");
  assert.equal(segmentations.get("s").revision, 9);
});

test("what is deleted is gone from the list, the selection and the solo", async () => {
  const { server, segmentations } = await made();
  segmentations.select({ id: "s", number: 1 });
  segmentations.setSolo({ id: "s", number: 1 });
  await segmentations.remove("s");
  assert.deepEqual(server.sent, [["delete", "s"]]);
  assert.deepEqual([segmentations.all.length, segmentations.selected, segmentations.solo], [0, null, null]);
});

test("colours are told apart from planes, and read on", () => {
  const planes = [[200, 0, 0], [200, 200, 0], [0, 200, 0]];
  for (const color of SEGMENT_COLOURS) {
    for (const plane of planes) assert.ok(Math.hypot(...rgbOf(color).map((value, n) => value - plane[n])) > 70, color);
  }
  assert.deepEqual(rgbOf("#3bffb1"), [59, 255, 177]);
  assert.deepEqual([inkOn("#3bffb1"), inkOn("#2762d8")], ["#000000", "#ffffff"]);
  const table = fillTable([[2, "#102030"]]);
  assert.deepEqual([...new Uint8Array(table.buffer, 8, 4)], [16, 32, 48, 255]);
  assert.equal(table[1], 0);
});

test("a segment is deleted behind the changes that wait, and the last one takes its segmentation along", async () => {
  const { segmentations, server } = await made();
  segmentations.setDisplay("s", { hidden: [1, 2] });
  segmentations.select({ id: "s", number: 1 });
  segmentations.setSolo({ id: "s", number: 1 });
  const renamed = segmentations.changeSegment("s", 2, { name: "Right" });
  await segmentations.removeSegment("s", 1);
  await renamed;
  assert.deepEqual(server.sent.at(-1), ["delete", "s", 1, 4]);
  assert.deepEqual(segmentations.get("s").segments.map(({ number }) => number), [2]);
  assert.equal(segmentations.get("s").revision, 5);
  assert.deepEqual([segmentations.selected, segmentations.solo, segmentations.display("s").hidden], [null, null, [2]]);
  server.refuse = Object.assign(new Error("stale"), { status: 409 });
  await assert.rejects(segmentations.removeSegment("s", 2), /stale/);
  assert.equal(segmentations.get("s").revision, 9); // as it is on the server
  server.refuse = null;
  await segmentations.removeSegment("s", 2);
  assert.equal(segmentations.get("s"), null);
});
