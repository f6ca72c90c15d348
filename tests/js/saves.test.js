import assert from "node:assert/strict";
import test from "node:test";
import { Saves } from "../../static/js/state/saves.js";

class Kept extends EventTarget {
  constructor(kind, at = null, waiting = 0) {
    super();
    this.status = { kind, at, waiting };
  }
}

test("two series are saved when both are", () => {
  const early = new Date("2026-11-21T10:00:00Z");
  const late = new Date("2026-11-21T10:05:00Z");
  const saves = new Saves(new Kept("saved", late), new Kept("saved", early));
  assert.deepEqual(saves.status, { kind: "saved", at: late, waiting: 0 });
  saves.add(new Kept("none"));
  assert.equal(saves.status.kind, "saved");
  saves.add(new Kept("saving", null, 2));
  assert.deepEqual(saves.status, { kind: "saving", at: late, waiting: 2 });
  saves.add(new Kept("offline", early, 3));
  assert.deepEqual(saves.status, { kind: "offline", at: late, waiting: 5 });
});

test("nothing was to be saved yet", () => {
  assert.deepEqual(new Saves(new Kept("none")).status, { kind: "none", at: null, waiting: 0 });
});

test("news of each are passed on", () => {
  const [one, two] = [new Kept("none"), new Kept("none")];
  const saves = new Saves(one);
  saves.add(two);
  const heard = [];
  saves.addEventListener("status", () => heard.push("status"));
  saves.addEventListener("trouble", ({ detail }) => heard.push(detail.kind));
  one.dispatchEvent(new Event("status"));
  two.dispatchEvent(new CustomEvent("trouble", { detail: { kind: "gone" } }));
  assert.deepEqual(heard, ["status", "gone"]);
});
