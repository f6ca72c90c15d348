import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Outbox, forgetUnsent } from "../../static/js/http/outbox.js";

class SmallStorage {
  values = new Map();
  get length() {
    return this.values.size;
  }
  key(at) {
    return [...this.values.keys()][at];
  }
  getItem(name) {
    return this.values.get(name) ?? null;
  }
  setItem(name, value) {
    this.values.set(name, value);
  }
  removeItem(name) {
    this.values.delete(name);
  }
}

const entry = (key, json = {}, series = "s") => ({ key, series, label: key, request: { method: "PUT", url: `/${key}`, json } });
const fault = (status, code = "http") => Object.assign(new Error(String(status)), { status, code });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An outbox with a server that answers as `answers` says, in turn; then always well. */
function made({ answers = [], storage = new SmallStorage(), ...options } = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const send = async ({ url, json }) => {
    sent.push([url, json]);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? { saved_at: "now" };
  };
  const outbox = new Outbox({ send, user: "u", storage, ...options });
  const told = [];
  for (const name of ["delivered", "refused", "gone"]) {
    outbox.addEventListener(name, ({ detail }) => told.push([name, detail.entry.key]));
  }
  return { outbox, sent, told, storage };
}

async function after(ms) {
  mock.timers.tick(ms);
  await settled();
}

test("what is put is sent, in order, and then forgotten", async () => {
  const { outbox, sent, told, storage } = made();
  outbox.put(entry("a"));
  outbox.put(entry("b"));
  assert.equal(outbox.waiting, 2);
  assert.equal(storage.length, 1);
  await settled();
  assert.deepEqual(sent.map(([url]) => url), ["/a", "/b"]);
  assert.deepEqual(told, [["delivered", "a"], ["delivered", "b"]]);
  assert.deepEqual([outbox.waiting, outbox.state], [0, "idle"]);
  await after(10_000);
  assert.equal(storage.length, 0);
});

test("of each thing only the latest is sent, also of what changes while it is on its way", async () => {
  const { outbox, sent } = made();
  outbox.put(entry("a", 1)); // goes at once
  outbox.put(entry("b", 1));
  outbox.put(entry("a", 2));
  outbox.put(entry("a", 3));
  await settled();
  assert.deepEqual(sent, [["/a", 1], ["/a", 3], ["/b", 1]]);
});

test("offline: it waits 1, 2, 4, 8, 15 and 15 s, and loses nothing", async () => {
  const { outbox, sent } = made({ answers: Array.from({ length: 6 }, () => fault(0)) });
  outbox.put(entry("a"));
  await settled();
  for (const [pause, count] of [[1, 2], [2, 3], [4, 4], [8, 5], [15, 6]]) {
    assert.equal(outbox.state, "offline");
    assert.equal(outbox.mustWarn, true);
    await after(pause * 1000 - 1);
    assert.equal(sent.length, count - 1);
    await after(1);
    assert.equal(sent.length, count);
  }
  outbox.put(entry("b"));
  await after(15000);
  assert.deepEqual(sent.slice(6).map(([url]) => url), ["/a", "/b"]);
  assert.deepEqual([outbox.state, outbox.mustWarn], ["idle", false]);
});

test("the connection is back: it is tried at once", async () => {
  const { outbox, sent } = made({ answers: [fault(0), fault(503)] });
  outbox.put(entry("a"));
  await settled();
  outbox.wake();
  await settled();
  assert.equal(outbox.state, "busy");
  outbox.wake();
  await settled();
  assert.equal(sent.length, 3);
  assert.equal(outbox.waiting, 0);
});

test("what is refused goes alone and is told; others go on", async () => {
  const { outbox, told } = made({ answers: [fault(422), undefined, fault(413)] });
  for (const key of ["a", "b", "c", "d"]) outbox.put(entry(key));
  await settled();
  assert.deepEqual(told, [["refused", "a"], ["delivered", "b"], ["refused", "c"], ["delivered", "d"]]);
});

test("a fault of the server is borne three times, then that one change is refused", async () => {
  const { outbox, told } = made({ answers: [fault(500), fault(500), fault(500)] });
  outbox.put(entry("a"));
  outbox.put(entry("b"));
  await settled();
  await after(1000);
  await after(2000);
  assert.deepEqual(told, [["refused", "a"], ["delivered", "b"]]);
});

test("a deleted series takes along what waits for it, and nothing else", async () => {
  const { outbox, told } = made({ answers: [fault(410)] });
  outbox.put(entry("a"));
  outbox.put(entry("b"));
  outbox.put(entry("preferences", {}, null));
  await settled();
  assert.deepEqual(told, [["gone", "a"], ["delivered", "preferences"]]);
});

test("signed out: the queue stays and goes on with a new token", async () => {
  const renewals = ["signedout", "renewed"];
  const { outbox, told } = made({
    answers: [fault(401), fault(400, "csrf"), fault(400, "csrf")],
    onForged: async () => renewals.shift(),
  });
  outbox.put(entry("a"));
  await settled();
  assert.deepEqual([outbox.state, outbox.waiting], ["signedout", 1]);
  outbox.wake();
  await settled();
  assert.equal(outbox.state, "signedout");
  outbox.wake();
  await settled();
  assert.deepEqual(told, [["delivered", "a"]]);
});

test("another account signed in: nothing more is sent, nothing is thrown away", async () => {
  const { outbox, sent } = made({ answers: [fault(400, "csrf")], onForged: async () => "stranger" });
  outbox.put(entry("a"));
  await settled();
  outbox.put(entry("b"));
  outbox.wake();
  await after(60000);
  assert.deepEqual([outbox.state, outbox.waiting, sent.length, outbox.mustWarn], ["stranger", 2, 1, true]);
});

test("a conflict is asked about: sent again, or given up", async () => {
  const verdicts = [true, false];
  const { outbox, sent, told } = made({
    answers: [fault(409), undefined, fault(409)],
    onConflict: async () => verdicts.shift(),
  });
  outbox.put(entry("a"));
  outbox.put(entry("b"));
  await settled();
  assert.deepEqual(sent.map(([url]) => url), ["/a", "/a", "/b"]);
  assert.deepEqual(told, [["delivered", "a"]]);
  assert.equal(outbox.waiting, 0);
});

test("a conflict that will not end is refused", async () => {
  const { outbox, sent, told } = made({
    answers: Array.from({ length: 9 }, () => fault(409)),
    onConflict: async () => true,
  });
  outbox.put(entry("a"));
  await settled();
  assert.deepEqual([sent.length, told], [4, [["refused", "a"]]]);
});

test("a reload finds what was not sent; another account does not", async () => {
  const storage = new SmallStorage();
  made({ storage, answers: [fault(0)] }).outbox.put(entry("a", 7));
  await settled();
  const again = made({ storage });
  again.outbox.wake();
  await settled();
  assert.deepEqual(again.sent, [["/a", 7]]);
  made({ storage, answers: [fault(0)] }).outbox.put(entry("a", 8));
  await settled();
  const other = made({ storage, user: "v" });
  assert.deepEqual([other.outbox.waiting, storage.length], [0, 0]);
});

test("signing out forgets what waits", async () => {
  const { outbox, storage } = made({ answers: [fault(0)] });
  storage.setItem("other", "x");
  outbox.put(entry("a"));
  await settled();
  forgetUnsent(storage);
  assert.deepEqual([...storage.values.keys()], ["other"]);
});

test("what was delivered a moment ago is known to the next page, and not sent again", async () => {
  const { outbox, storage } = made();
  outbox.put(entry("a", 7));
  await settled();
  const next = made({ storage });
  assert.deepEqual(next.outbox.recent.map(({ key, request }) => [key, request.json]), [["a", 7]]);
  next.outbox.wake();
  await settled();
  assert.deepEqual([next.sent, next.outbox.waiting], [[], 0]);
  next.outbox.put(entry("a", 8));
  assert.deepEqual(next.outbox.recent, []);
});

test("leaving hands over what fits, and keeps it for the next page", async () => {
  const { outbox, storage } = made({ send: () => new Promise(() => {}) });
  outbox.put(entry("a", "small"));
  outbox.put(entry("b", "x".repeat(70_000)));
  const last = [];
  outbox.leave((request) => last.push(request.url));
  assert.deepEqual(last, ["/a"]);
  const kept = JSON.parse(storage.getItem("triplano.outbox.u"));
  assert.deepEqual(kept.map(({ key, handed }) => [key, Boolean(handed)]), [["a", true], ["b", false]]);
});

test("a queue too large for storage stays in memory and warns", () => {
  const { outbox, storage } = made({ send: () => new Promise(() => {}) });
  outbox.put(entry("a", "x".repeat(3_000_000)));
  assert.deepEqual([storage.length, outbox.waiting, outbox.mustWarn], [0, 1, true]);
});
