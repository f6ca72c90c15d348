import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Autosave } from "../../static/js/state/autosave.js";
import { Marks } from "../../static/js/state/marks.js";
import { Preferences } from "../../static/js/state/preferences.js";

class SmallState extends EventTarget {
  values = { phase: 0, layout: "2x2", main: "axial" };
  set(name, value) {
    this.values = { ...this.values, [name]: value };
    this.dispatchEvent(new CustomEvent(name));
  }
  snapshot() {
    return { ...this.values, tool: "length" };
  }
  restore(values) {
    Object.assign(this.values, values);
  }
}

/** The server as the contract says, in memory: revisions rise, and an old one is a conflict. */
class SmallServer {
  marks = new Map();
  state = null;
  preferences = {};
  sent = [];
  faults = [];
  now = "2026-11-21T12:00:00Z";
  series = "s";
  key = "s/0";

  stateRequest = (state) => ({ method: "PUT", url: "state", json: { state } });
  markRequest = (mark) => ({ method: "PUT", url: mark.id, json: { ...mark, series_id: "s", part: 0 } });
  deleteRequest = (id) => ({ method: "DELETE", url: id });
  preferencesRequest = (json) => ({ method: "PATCH", url: "preferences", json });

  async read() {
    return structuredClone({
      state: this.state,
      saved_at: this.state && this.now,
      marks: [...this.marks.values()],
      preferences: this.preferences,
    });
  }

  async send({ method, url, json }) {
    this.sent.push(`${method} ${url}`);
    const fault = this.faults.shift();
    if (fault !== undefined) throw Object.assign(new Error("no"), { status: fault });
    if (method === "PATCH") return Object.assign(this.preferences, json);
    if (url === "state") this.state = json.state;
    else if (method === "DELETE") return void this.marks.delete(url);
    else return this.put(json);
    return { saved_at: this.now };
  }

  put({ series_id: _series, part: _part, ...mark }) {
    const before = this.marks.get(mark.id);
    if (before && mark.revision !== before.revision) throw Object.assign(new Error("changed"), { status: 409 });
    const revision = (before?.revision ?? 0) + 1;
    this.marks.set(mark.id, { ...mark, revision, updated_at: this.now });
    return { saved_at: this.now, revision };
  }
}

class Tab {
  constructor(server, { storage = null, ...options } = {}) {
    this.state = new SmallState();
    this.marks = new Marks();
    this.preferences = new Preferences();
    this.saving = new Autosave({
      ...this,
      client: server,
      user: "u",
      storage,
      labelOf: ({ kind }) => kind,
      ...options,
    });
    this.troubles = [];
    this.saving.addEventListener("trouble", ({ detail }) => this.troubles.push(detail));
  }

  async open(server) {
    this.saving.begin(await server.read());
    return this;
  }
}

function fresh() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.parse("2026-11-21T12:00:00Z") });
  return new SmallServer();
}

function tabStorage() {
  const kept = new Map();
  return {
    get length() {
      return kept.size;
    },
    key: (at) => [...kept.keys()][at],
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
  await settled();
}

const LENGTH = { kind: "length", space: "patient", points: [[0, 0, 0], [3, 4, 0]], plane: null };

test("marks are saved within the second, each alone; another tab opens with them", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  const { id } = tab.marks.add(LENGTH);
  tab.marks.add(LENGTH);
  await pass(250);
  assert.equal(server.marks.size, 2);
  tab.marks.change(id, { label: "node" });
  await pass(250);
  assert.deepEqual(server.sent.slice(2), [`PUT ${id}`]);
  assert.equal(tab.saving.status.kind, "saved");
  const other = await new Tab(server).open(server);
  assert.equal(other.marks.get(id).label, "node");
  assert.equal(server.sent.length, 3, "opening saves nothing");
});

test("the workspace is saved after half a second of quiet, once, without the tool in hand", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  for (let phase = 1; phase < 5; phase += 1) {
    tab.state.set("phase", phase);
    await pass(300);
  }
  assert.equal(server.sent.length, 0);
  assert.equal(tab.saving.status.kind, "saving");
  await pass(500);
  assert.deepEqual(server.sent, ["PUT state"]);
  assert.deepEqual(server.state, { phase: 4, layout: "2x2", main: "axial" });
  tab.state.set("phase", 4);
  await pass(500);
  assert.equal(server.sent.length, 1, "what is saved is not saved again");
});

test("a film that plays is saved every three seconds all the same", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  for (let n = 1; n <= 60; n += 1) {
    tab.state.set("phase", n);
    await pass(100);
  }
  assert.equal(server.sent.length, 2);
});

test("a phone shows its own layout and leaves the large screen's as it is", async () => {
  const server = fresh();
  server.state = { phase: 2, layout: "1+3", main: "coronal" };
  const tab = new Tab(server, { ownLayout: true });
  tab.state.values.layout = "1";
  await tab.open(server);
  assert.deepEqual([tab.state.values.layout, tab.state.values.phase], ["1", 2]);
  tab.state.set("phase", 3);
  await pass(500);
  assert.deepEqual(server.state, { phase: 3, layout: "1+3", main: "coronal" });
});

test("deleting and undoing it leaves the mark on the server", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  const { id } = tab.marks.add(LENGTH);
  await pass(250);
  const before = tab.marks.snapshot();
  tab.marks.remove(id);
  await pass(250);
  assert.equal(server.marks.size, 0);
  tab.marks.restore(before);
  await pass(250);
  assert.deepEqual([...server.marks.keys()], [id]);
});

test("offline for a minute: counted, then delivered as it is by then", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  server.faults = [0, 0, 0, 0, 0];
  const { id } = tab.marks.add(LENGTH);
  await pass(250);
  tab.marks.change(id, { label: "later" });
  tab.marks.add({ ...LENGTH, kind: "arrow" });
  tab.state.set("phase", 1);
  await pass(500);
  assert.deepEqual(tab.saving.status, { kind: "offline", at: null, waiting: 3 });
  assert.equal(tab.saving.mustWarn, true);
  for (let second = 0; second < 45; second += 1) await pass(1000);
  assert.equal(server.marks.get(id).label, "later");
  assert.deepEqual([server.marks.size, server.state.phase, tab.saving.status.kind], [2, 1, "saved"]);
});

test("another tab's newer change is taken; ours, if later, is put over it and told", async () => {
  const server = fresh();
  const [one, two] = [await new Tab(server).open(server), new Tab(server)];
  const { id } = one.marks.add(LENGTH);
  await pass(250);
  await two.open(server);
  server.now = "2026-11-21T12:00:30Z"; // by the server's clock after what is done here
  one.marks.change(id, { label: "first" });
  await pass(250);
  two.marks.change(id, { label: "second" });
  await pass(250);
  assert.equal(two.marks.get(id).label, "first");
  assert.deepEqual(two.troubles, [{ kind: "conflict", label: "length", isOurs: false }]);
  one.marks.change(id, { label: "third" });
  await pass(250);
  await pass(60_000);
  two.marks.change(id, { label: "fourth" });
  await pass(250);
  assert.equal(server.marks.get(id).label, "fourth");
  assert.deepEqual(two.troubles.at(-1), { kind: "conflict", label: "length", isOurs: true });
});

test("seen again after a while, it takes what others saved, and keeps what waits here", async () => {
  const server = fresh();
  const [one, two] = [await new Tab(server).open(server), new Tab(server)];
  const { id } = one.marks.add(LENGTH);
  await pass(250);
  await two.open(server);
  one.marks.change(id, { label: "changed" });
  const added = one.marks.add(LENGTH);
  await pass(250);
  two.saving.hidden();
  await pass(6000);
  server.faults = [0];
  const ours = two.marks.add(LENGTH);
  await pass(250);
  await two.saving.refresh();
  assert.deepEqual(two.marks.all.map((mark) => mark.id), [id, ours.id, added.id]);
  assert.equal(two.marks.get(id).label, "changed");
  one.marks.remove(added.id);
  await pass(1000);
  await two.saving.refresh();
  assert.equal(two.marks.get(added.id), null);
});

test("tabs of one browser tell each other at once", async () => {
  const server = fresh();
  const ports = [{ postMessage: (data) => ports[1].onmessage({ data }) }, { postMessage() {} }];
  const one = await new Tab(server, { channel: ports[0] }).open(server);
  const two = await new Tab(server, { channel: ports[1] }).open(server);
  const { id } = one.marks.add(LENGTH);
  await pass(250);
  assert.equal(two.marks.all.length, 1);
  two.marks.change(id, { label: "mine" });
  await pass(250);
  assert.equal(server.marks.get(id).label, "mine", "with the revision it was told: no conflict");
  one.marks.remove(id);
  await pass(250);
  assert.equal(two.marks.all.length, 0);
});

test("one change refused is told by name; the others are saved", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  server.faults = [422];
  tab.marks.add(LENGTH);
  const other = tab.marks.add({ ...LENGTH, kind: "arrow" });
  await pass(250);
  assert.deepEqual([...server.marks.keys()], [other.id]);
  assert.deepEqual(tab.troubles.map(({ kind, label }) => [kind, label]), [["refused", "length"]]);
});

test("a series that was deleted is saved no more, and is told once", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  server.faults = [410];
  tab.marks.add(LENGTH);
  tab.marks.add(LENGTH);
  await pass(250);
  tab.marks.add(LENGTH);
  tab.state.set("phase", 1);
  await pass(1000);
  assert.equal(server.sent.length, 1);
  assert.equal(tab.saving.status.kind, "gone");
  assert.deepEqual([tab.troubles.map(({ kind }) => kind), tab.saving.mustWarn], [["gone"], false]);
});

test("a preference is sent with those that still wait", async () => {
  const server = fresh();
  const tab = await new Tab(server).open(server);
  tab.preferences.set("mouse", "slicer");
  tab.preferences.set("letters", false);
  await settled();
  assert.deepEqual(server.preferences, { mouse: "slicer", letters: false });
});

test("a reload finds what was not sent, but not over what somebody changed later", async () => {
  const server = fresh();
  const storage = tabStorage();
  const tab = await new Tab(server, { storage }).open(server);
  const { id } = tab.marks.add(LENGTH);
  await pass(250);
  server.faults = [0];
  tab.marks.change(id, { label: "unsent" });
  await pass(250);
  const again = await new Tab(server, { storage }).open(server);
  assert.equal(again.marks.get(id).label, "unsent");
  await pass(0);
  assert.equal(server.marks.get(id).label, "unsent");

  server.faults = [0];
  again.marks.change(id, { label: "older" });
  await pass(250);
  server.marks.set(id, { ...server.marks.get(id), label: "newer", revision: 9, updated_at: "2026-11-21T12:01:00Z" });
  const third = await new Tab(server, { storage }).open(server);
  assert.equal(third.marks.get(id).label, "newer");
});

test("a page that was made before the last answer came shows what was sent all the same", async () => {
  const server = fresh();
  const storage = tabStorage();
  const tab = await new Tab(server, { storage }).open(server);
  const before = await server.read();
  tab.state.set("phase", 4);
  const { id } = tab.marks.add(LENGTH);
  await pass(500);
  const next = new Tab(server, { storage });
  next.saving.begin(before);
  assert.deepEqual([next.state.values.phase, next.marks.all.map((mark) => mark.id)], [4, [id]]);
  await pass(0);
  next.marks.change(id, { label: "node" });
  await pass(250);
  assert.deepEqual([server.marks.get(id).label, next.troubles], ["node", []]);
});
