import assert from "node:assert/strict";
import test from "node:test";

import { calm, calmed } from "../../static/js/lib/calm.js";

/** A clock that is moved by hand. */
function handClock() {
  let time = 1000;
  const waiting = [];
  return {
    now: () => time,
    wait: (run, ms) => waiting.push({ run, at: time + ms }),
    pass(ms) {
      time += ms;
      for (const one of waiting.filter(({ at }) => at <= time)) {
        waiting.splice(waiting.indexOf(one), 1);
        one.run();
      }
    },
  };
}

test("the first call draws at once, and a lone one later too", () => {
  const clock = handClock();
  let count = 0;
  const draw = calm(() => (count += 1), 60, clock);
  draw();
  assert.equal(count, 1);
  clock.pass(61);
  draw();
  assert.equal(count, 2);
});

test("six calls in sixty milliseconds are two drawings", () => {
  const clock = handClock();
  let count = 0;
  const draw = calm(() => (count += 1), 60, clock);
  for (let n = 0; n < 6; n += 1) {
    draw();
    clock.pass(10);
  }
  clock.pass(60);
  assert.equal(count, 2);
});

test("a drawing that waits sees the last value", () => {
  const clock = handClock();
  let value = "a";
  const seen = [];
  const draw = calm(() => seen.push(value), 60, clock);
  draw();
  value = "b";
  draw();
  value = "c";
  draw();
  clock.pass(60);
  assert.deepEqual(seen, ["a", "c"]);
});

test("who waits for calm is told once nothing is left to draw", async () => {
  const clock = handClock();
  let count = 0;
  const draws = [1, 2].map(() => calm(() => (count += 1), 60, clock));
  await calmed();
  for (const draw of [...draws, ...draws]) draw();
  let told = false;
  const promise = calmed().then(() => (told = true));
  await Promise.resolve();
  assert.equal(told, false);
  assert.equal(count, 2);
  clock.pass(60);
  await promise;
  assert.equal(count, 4);
});
