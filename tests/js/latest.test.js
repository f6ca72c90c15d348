import assert from "node:assert/strict";
import { test } from "node:test";

import { Latest } from "../../static/js/lib/latest.js";

/** A runner whose answers come when the test says so. */
function staged() {
  const calls = [];
  const received = [];
  const failed = [];
  const latest = new Latest(
    (question, signal) =>
      new Promise((answer, refuse) => {
        calls.push({ question, signal, answer, refuse });
        signal.addEventListener("abort", () => refuse(new Error("aborted")));
      }),
    (answer, question) => received.push([question, answer]),
    (error, question) => failed.push([question, error.message]),
  );
  return { latest, calls, received, failed };
}
const settle = () => new Promise((done) => setTimeout(done, 0));

test("one is in flight, and only the latest waits", async () => {
  const { latest, calls, received } = staged();
  for (const question of [1, 2, 3, 4]) latest.ask(question);
  assert.deepEqual(calls.map((call) => call.question), [1]);
  calls[0].answer("a");
  await settle();
  assert.deepEqual(calls.map((call) => call.question), [1, 4]);
  calls[1].answer("d");
  await settle();
  assert.deepEqual(received, [[1, "a"], [4, "d"]]);
  assert.ok(latest.isIdle);
});

test("a jump aborts what is in flight", async () => {
  const { latest, calls, received, failed } = staged();
  latest.ask(1);
  latest.ask(2, { jump: true });
  assert.ok(calls[0].signal.aborted);
  calls[1].answer("b");
  await settle();
  assert.deepEqual(received, [[2, "b"]]);
  assert.deepEqual(failed, []);
});

test("nothing older comes after something newer", async () => {
  const { latest, calls, received } = staged();
  latest.ask(1);
  latest.cancel(); // the newest was found elsewhere
  calls[0].answer("late");
  await settle();
  assert.deepEqual(received, []);
  latest.ask(2);
  calls[1].answer("b");
  await settle();
  assert.deepEqual(received, [[2, "b"]]);
});

test("a failure is told, and the one that waits goes on", async () => {
  const { latest, calls, received, failed } = staged();
  latest.ask(1);
  latest.ask(2);
  calls[0].refuse(new Error("503"));
  await settle();
  calls[1].answer("b");
  await settle();
  assert.deepEqual(failed, [[1, "503"]]);
  assert.deepEqual(received, [[2, "b"]]);
});
