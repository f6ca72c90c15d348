// Saves what changes as it happens: marks one by one, the workspace after half a second of quiet, preferences.
// Takes what other tabs and computers saved. Sends "status" (what the top bar tells) and "trouble"
// (detail: { kind: "refused" | "gone" | "conflict", label?, error? }).

import { Outbox } from "../http/outbox.js";
import { bare, mergedMarks, overlaid, sameMark } from "../lib/merging.js";

const MARKS_MS = 250;
const QUIET_MS = 500;
const LONGEST_MS = 3000; // a film that plays is no quiet
const AWAY_MS = 5000; // hidden for less, nothing is asked
const SKEW_MS = 5000; // clocks differ, and an answer takes its time
const WATCHED = ["point", "phase", "window", "view", "layout", "crosshair", "slab", "planes", "segments", "scene"];

export class Autosave extends EventTarget {
  #state;
  #marks;
  #preferences;
  #client;
  #channel;
  #ownLayout;
  #outbox;
  #sent = new Map(); // id → the mark as it was last queued or taken from the server
  #revisions = new Map(); // id → the server's
  #layout = {}; // the one that is kept, while this page has its own
  #lastState = "";
  #timers = { marks: 0, state: 0 };
  #stateSince = 0;
  #loading = false;
  #gone = false;
  #savedAt = null;
  #hiddenAt = null;

  /**
   * @param client    WorkspaceClient
   * @param user      id of the account
   * @param storage   of the tab, or null
   * @param channel   BroadcastChannel or null: other tabs of this browser
   * @param ownLayout whether this page lays out by itself, as a phone or a comparison does: that is not kept
   * @param labelOf   (mark) → what a message calls it
   */
  constructor({ state, marks, preferences, client, user, storage, channel = null, ownLayout = false, labelOf = () => "" }) {
    super();
    this.#state = state;
    this.#marks = marks;
    this.#preferences = preferences;
    this.#client = client;
    this.#channel = channel;
    this.#ownLayout = ownLayout;
    this.labelOf = labelOf;
    this.#outbox = new Outbox({
      user,
      storage,
      send: (request) => client.send(request),
      prepare: (entry, options) => this.#prepared(entry, options),
      onConflict: (entry) => this.#settleConflict(entry),
      onForged: () => client.renew(),
    });
  }

  get outbox() {
    return this.#outbox;
  }

  /** { kind: "none"|"saved"|"saving"|"offline"|"busy"|"signedout"|"stranger"|"gone", at: Date|null, waiting } */
  get status() {
    const { state, waiting } = this.#outbox;
    const [at, pending] = [this.#savedAt, waiting || this.#timers.marks || this.#timers.state];
    if (this.#gone && !waiting) return { kind: "gone", at, waiting };
    if (!pending) return { kind: at ? "saved" : "none", at, waiting };
    return { kind: state === "idle" || state === "sending" ? "saving" : state, at, waiting };
  }

  /** Whether leaving the page now would lose something. */
  get mustWarn() {
    this.flush();
    return this.#outbox.mustWarn;
  }

  /** Lay out what was saved, with what this tab did not get rid of last time, and watch from then on. */
  begin(workspace) {
    const place = this.#client.key;
    this.#dropOvertaken(workspace ?? {});
    const recent = this.#notOvertaken(this.#outbox.recent, workspace ?? {});
    const own = [...recent, ...this.#outbox.entries];
    const mine = own.filter((entry) => entry.place === place || entry.key === "preferences");
    const { state, marks, saved_at: savedAt, preferences } = overlaid(workspace ?? {}, mine);
    for (const mark of workspace?.marks ?? []) this.#learn(mark);
    this.#savedAt = savedAt ? new Date(savedAt) : null;
    for (const [key, value] of Object.entries(preferences)) this.#preferences.set(key, value);
    if (state) this.#state.restore(this.#fitting(state));
    this.#load(marks);
    this.#lastState = JSON.stringify(this.#snapshot());
    this.#watch();
    this.#outbox.wake();
    if (recent.length) this.refresh(); // for their revisions
  }

  /** Of what this tab kept: what somebody changed later elsewhere, or what arrived after all, is not sent again. */
  #dropOvertaken(workspace) {
    const { entries } = this.#outbox;
    const rest = new Set(this.#notOvertaken(entries, workspace));
    for (const entry of entries) if (!rest.has(entry)) this.#outbox.drop(entry.key);
  }

  #notOvertaken(entries, { marks = [], saved_at: savedAt }) {
    const times = new Map(marks.map(({ id, updated_at: time }) => [`mark:${id}`, time]));
    times.set(`state:${this.#client.key}`, savedAt);
    return entries.filter(({ key, at }) => !(Date.parse(times.get(key) ?? "") > at + SKEW_MS));
  }

  /** Queue at once what waits for its pause. */
  flush() {
    if (this.#timers.marks) this.#queueMarks();
    if (this.#timers.state) this.#queueState();
  }

  /** The connection or the account may be back. */
  wake() {
    this.#outbox.wake();
  }

  /** The page goes, perhaps for ever. */
  leave() {
    this.flush();
    this.#outbox.leave((request) => this.#client.sendLast(request));
  }

  hidden() {
    this.#hiddenAt = Date.now();
    this.flush();
  }

  /** The page is seen again: take what others saved meanwhile. */
  async shown() {
    const away = this.#hiddenAt === null ? 0 : Date.now() - this.#hiddenAt;
    this.#hiddenAt = null;
    this.#outbox.wake();
    if (away > AWAY_MS) await this.refresh();
  }

  /** Take the server's marks wherever no change of ours waits. */
  async refresh() {
    if (this.#gone) return;
    const { marks } = await this.#client.read().catch(() => ({}));
    if (!marks) return; // the outbox tells of a connection or a session that is gone
    this.#take(marks);
  }

  #take(theirs) {
    const ours = this.#marks.snapshot();
    this.#queueMarks();
    for (const mark of theirs) if (!this.#isPending(mark.id)) this.#learn(mark);
    const merged = mergedMarks(ours, theirs, (id) => this.#isPending(id));
    const isSame = merged.length === ours.length && merged.every((mark, at) => mark === ours[at]);
    if (!isSame) this.#load(merged);
  }

  #isPending(id) {
    return this.#outbox.has(`mark:${id}`);
  }

  #learn(mark) {
    if (mark.revision !== undefined) this.#revisions.set(mark.id, mark.revision);
  }

  #load(list) {
    this.#loading = true;
    try {
      this.#marks.load(list);
    } finally {
      this.#loading = false;
    }
    this.#sent = new Map(this.#marks.snapshot().map((mark) => [mark.id, mark]));
  }

  #watch() {
    for (const change of WATCHED) this.#state.addEventListener(change, () => this.#stateChanged());
    this.#marks.addEventListener("marks", () => !this.#loading && this.#marksChanged());
    this.#preferences.addEventListener("change", ({ detail }) => this.#queuePreference(detail));
    this.#outbox.addEventListener("change", () => this.#tell());
    this.#outbox.addEventListener("delivered", ({ detail }) => this.#delivered(detail));
    this.#outbox.addEventListener("refused", ({ detail }) => this.#refused(detail));
    this.#outbox.addEventListener("gone", ({ detail }) => this.#lost(detail));
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#heard(data);
  }

  #marksChanged() {
    if (this.#gone || this.#timers.marks) return;
    this.#timers.marks = setTimeout(() => this.#queueMarks(), MARKS_MS);
    this.#tell();
  }

  /** Queue the marks that are not as they were last queued, and the deletion of those that are no more. */
  #queueMarks() {
    clearTimeout(this.#timers.marks);
    this.#timers.marks = 0;
    if (this.#gone) return;
    const list = this.#marks.snapshot();
    const here = new Map(list.map((mark) => [mark.id, mark]));
    for (const [id, mark] of this.#sent) if (!here.has(id)) this.#put(mark, this.#client.deleteRequest(id));
    for (const mark of list) {
      const before = this.#sent.get(mark.id);
      if (before === mark || (before && sameMark(before, mark))) continue;
      this.#put(mark, this.#client.markRequest(bare(mark)));
    }
    this.#sent = here;
    this.#tell();
  }

  #put(mark, request) {
    const [series, place] = [this.#client.series, this.#client.key];
    this.#outbox.put({ key: `mark:${mark.id}`, series, place, label: this.labelOf(mark), request });
  }

  #stateChanged() {
    if (this.#gone) return;
    clearTimeout(this.#timers.state);
    const now = Date.now();
    this.#stateSince ||= now;
    const pause = Math.max(0, Math.min(QUIET_MS, this.#stateSince + LONGEST_MS - now));
    this.#timers.state = setTimeout(() => this.#queueState(), pause);
    this.#tell();
  }

  #queueState() {
    clearTimeout(this.#timers.state);
    this.#timers.state = this.#stateSince = 0;
    const state = this.#snapshot();
    const text = JSON.stringify(state);
    if (this.#gone || text === this.#lastState) {
      this.#tell();
      return;
    }
    this.#lastState = text;
    const { series, key: place } = this.#client;
    this.#outbox.put({ key: `state:${place}`, series, place, request: this.#client.stateRequest(state) });
  }

  #queuePreference({ key, value }) {
    const waiting = this.#outbox.get("preferences")?.request.json;
    this.#outbox.put({ key: "preferences", request: this.#client.preferencesRequest({ ...waiting, [key]: value }) });
  }

  #snapshot() {
    const { tool: _tool, ...state } = this.#state.snapshot();
    return this.#ownLayout ? { ...state, ...this.#layout } : state;
  }

  /** What was saved, as far as this screen can show it. */
  #fitting({ tool: _tool, layout, main, ...state }) {
    const whole = layout === undefined ? {} : { layout, main };
    if (!this.#ownLayout) return { ...state, ...whole };
    this.#layout = whole;
    return state;
  }

  #prepared({ key, request }, { isLast = false } = {}) {
    const revision = this.#revisions.get(key.slice("mark:".length));
    // The last word before the page goes is sent without asking what was there before.
    if (!key.startsWith("mark:") || request.method !== "PUT" || isLast || revision === undefined) return request;
    return { ...request, json: { ...request.json, revision } };
  }

  #delivered({ entry, answer }) {
    this.#savedAt = answer?.saved_at ? new Date(answer.saved_at) : new Date();
    if (entry.key.startsWith("mark:")) {
      const id = entry.key.slice("mark:".length);
      if (entry.request.method === "DELETE") this.#revisions.delete(id);
      else this.#learn({ id, revision: answer?.revision });
      const mark = entry.request.method === "PUT" ? bare(entry.request.json) : null;
      this.#channel?.postMessage({ place: entry.place, id, mark, revision: answer?.revision });
    }
    this.#tell();
  }

  /** Another tab of this browser saved a mark. */
  #heard({ place, id, mark, revision }) {
    if (place !== this.#client.key) return;
    this.#queueMarks();
    if (this.#isPending(id)) return;
    const ours = this.#marks.snapshot();
    const others = ours.filter((one) => one.id !== id);
    if (mark) this.#revisions.set(id, revision);
    else this.#revisions.delete(id);
    if (!mark && others.length === ours.length) return;
    const list = ours.some((one) => one.id === id) ? ours.map((one) => (one.id === id ? mark : one)) : [...ours, mark];
    this.#load(mark ? list : others);
  }

  /** Somebody changed the mark since. The later one counts; true where ours is to be sent again. */
  async #settleConflict(entry) {
    const id = entry.key.slice("mark:".length);
    const { marks } = await this.#client.read();
    const theirs = marks.find((mark) => mark.id === id);
    if (theirs) this.#learn(theirs);
    else this.#revisions.delete(id);
    const mine = entry.request.method === "PUT" ? bare(entry.request.json) : null;
    if (theirs && mine && sameMark(theirs, mine)) return false;
    const isNewer = theirs && (entry.handed || Date.parse(theirs.updated_at) > entry.at);
    if (!isNewer) {
      this.#trouble("conflict", { label: entry.label, isOurs: true });
      return true;
    }
    this.#outbox.drop(entry.key);
    this.#take(marks);
    this.#trouble("conflict", { label: entry.label, isOurs: false });
    return false;
  }

  #refused({ entry, error }) {
    this.#trouble("refused", { label: entry.label, error });
    this.#tell();
  }

  #lost({ entry, error }) {
    if (entry.series !== this.#client.series) return;
    this.#gone = true;
    this.#trouble("gone", { error });
    this.#tell();
  }

  #trouble(kind, detail) {
    this.dispatchEvent(new CustomEvent("trouble", { detail: { kind, ...detail } }));
  }

  #tell() {
    this.dispatchEvent(new Event("status"));
  }
}
