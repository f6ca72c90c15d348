import assert from "node:assert/strict";
import { test } from "node:test";

import { UploadQueue } from "../../static/js/lib/queue.js";
import { Report } from "../../static/js/lib/report.js";

const limits = { maxFiles: 2, maxBytes: 100 };
const group = (name, count, size = 10) => ({
  kind: "folder",
  name,
  items: Array.from({ length: count }, (_, n) => ({ path: `${name}/${n}`, file: { size } })),
});
const answered = (batch) => ({ accepted: batch.items.length, duplicates: 0, refused: [], studies: ["s"], series: [] });
const fault = (status) => Object.assign(new Error(`fault ${status}`), { status });
const settled = (queue) => new Promise((resolve) => queue.addEventListener("settled", resolve, { once: true }));

/** A network whose requests wait until the test answers them. */
function network() {
  const waiting = [];
  const send = (batch, { onProgress, signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      waiting.push({ batch, onProgress, resolve: () => resolve(answered(batch)), reject });
    });
  return { waiting, send };
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

test("two requests at a time until all is sent", async () => {
  let now = 0;
  let most = 0;
  const queue = new UploadQueue(async (batch) => {
    most = Math.max(most, (now += 1));
    await soon();
    now -= 1;
    return answered(batch);
  }, { limits });
  const report = new Report();
  queue.addEventListener("answer", (event) => report.add(event.answer));
  queue.add([group("a", 5), group("b", 3)]);
  await settled(queue);
  assert.equal(most, 2);
  assert.deepEqual([report.accepted, report.studies], [8, ["s"]]);
  assert.deepEqual(queue.groups.map((one) => one.state), ["done", "done"]);
  assert.deepEqual(queue.groups[1].outcome, { accepted: 3, duplicates: 0, refused: 0 });
  assert.deepEqual(queue.totals, { files: 8, doneFiles: 8, bytes: 80, sentBytes: 80 });
});

test("progress counts the bytes on their way", async () => {
  const { waiting, send } = network();
  const queue = new UploadQueue(send, { limits });
  queue.add([group("a", 4)]);
  waiting[0].onProgress(0.5);
  waiting[1].onProgress(0.25);
  assert.equal(queue.totals.sentBytes, 15);
  waiting[0].onProgress(1);
  waiting[1].onProgress(1);
  assert.equal(queue.groups[0].isChecking, true);
  for (const one of waiting) one.resolve();
  await settled(queue);
});

test("a lost connection is tried again after pauses", async () => {
  let calls = 0;
  const queue = new UploadQueue(async (batch) => {
    calls += 1;
    if (calls < 3) throw fault(0);
    return answered(batch);
  }, { limits, pauses: [1, 1, 1] });
  queue.add([group("a", 1)]);
  await settled(queue);
  assert.deepEqual([calls, queue.groups[0].state], [3, "done"]);
});

test("after too many losses the group fails and a retry sends only what is missing", async () => {
  const sent = [];
  let down = true;
  const queue = new UploadQueue(async (batch) => {
    if (down && batch.items[0].path === "a/2") throw fault(0);
    sent.push(batch.items[0].path);
    return answered(batch);
  }, { limits, pauses: [1] });
  queue.add([group("a", 6), group("b", 1)]);
  await settled(queue);
  assert.deepEqual(queue.groups.map((one) => one.state), ["failed", "done"]);
  down = false;
  queue.retryAll();
  await settled(queue);
  assert.equal(queue.groups[0].state, "done");
  assert.deepEqual([...sent].sort(), ["a/0", "a/2", "a/4", "b/0"]);
});

test("cancelling one group leaves the others", async () => {
  const { waiting, send } = network();
  const queue = new UploadQueue(send, { limits });
  queue.add([group("a", 8), group("b", 1)]);
  queue.cancel(queue.groups[0]);
  await soon();
  assert.equal(waiting.at(-1).batch.items[0].path, "b/0");
  waiting.at(-1).resolve();
  await settled(queue);
  assert.deepEqual(queue.groups.map((one) => one.state), ["cancelled", "done"]);
  assert.equal(queue.totals.files, 1);
});

test("an ended session and a full disk stop everything, a full storage only its group", async () => {
  for (const [status, states] of [[401, ["failed", "failed"]], [507, ["failed", "failed"]], [413, ["failed", "done"]]]) {
    const queue = new UploadQueue(async (batch) => {
      if (batch.items[0].path === "a/0") throw fault(status);
      await soon();
      return answered(batch);
    }, { limits });
    queue.add([group("a", 3), group("b", 3)]);
    await settled(queue);
    assert.deepEqual(queue.groups.map((one) => one.state), states, `${status}`);
    assert.equal(queue.groups[0].problem, `fault ${status}`);
  }
});

test("a retry while an aborted request still ends loses no batch", async () => {
  const { waiting, send } = network();
  const queue = new UploadQueue(send, { limits });
  queue.add([group("a", 4)]);
  waiting[0].reject(fault(500));
  await Promise.resolve();
  queue.addEventListener("change", () => queue.retryAll());
  await soon();
  for (const one of waiting.slice(2)) one.resolve();
  await settled(queue);
  assert.deepEqual([queue.groups[0].state, queue.groups[0].doneFiles], ["done", 4]);
});
