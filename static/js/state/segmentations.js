// The segmentations of a part of a series, as the server has them, and how they are shown. What is shown of them
// (visible, alone, locked, opacity, fill and outline) is part of the viewer's state: it is saved with it and can be
// undone with it. Names and colours are the server's: a change shows at once, goes there, and can be undone.
//
//   segmentation { id, name, kind, placement, revision, warnings, segments: [segment], layers: [layer] }
//   segment { number, name, color, code, voxels, volume_ml, mean, … layer, value }
// Events: "segmentations" (the list) · "display" (how they are shown) · "selected" · "status"

import { NO_DISPLAY, displayOf, isShown, withDisplay } from "../lib/segmentdisplay.js";

const COUNTING_MS = 1500; // until statistics are asked for again

export class Segmentations extends EventTarget {
  #state;
  #client;
  #history;
  #list = [];
  #found = [];
  #selected = null; // { id, number }
  #status = "idle"; // "loading" | "ready" | "failed"
  #fault = null;
  #queues = new Map(); // id → the promise of the last change that was sent
  #timer = 0;

  /**
   * @param state    ViewerState
   * @param client   SegmentationClient
   * @param history  () → History, or null
   */
  constructor(state, client, history = () => null) {
    super();
    this.#state = state;
    this.#client = client;
    this.#history = history;
    state.addEventListener("segments", () => this.#tell("display"));
  }

  get client() {
    return this.#client;
  }

  get all() {
    return this.#list;
  }

  /** Files of the reader's that refer to this series and are not imported yet. */
  get found() {
    const shown = new Set(this.#list.map(({ source_instance_id: id }) => id));
    return this.#found.filter(({ instance_id: id }) => !shown.has(id));
  }

  /** "idle", "loading", "ready" or "failed"; then *fault* says why. */
  get status() {
    return this.#status;
  }

  get fault() {
    return this.#fault;
  }

  get(id) {
    return this.#list.find((one) => one.id === id) ?? null;
  }

  segment(id, number) {
    return this.get(id)?.segments.find((one) => one.number === number) ?? null;
  }

  /** How many segments there are. */
  get count() {
    return this.#list.reduce((sum, { segments }) => sum + segments.length, 0);
  }

  async load() {
    this.#setStatus("loading");
    try {
      const { segmentations, found = [] } = await this.#client.list();
      this.#found = found.filter(({ kind }) => kind !== "rtdose"); // no segments: state/doses.js shows them
      this.#set(segmentations);
      this.#setStatus("ready");
    } catch (fault) {
      this.#fault = fault;
      this.#setStatus("failed");
    }
  }

  /** Put one that the server made into the list, or in place of what it was. */
  put(segmentation) {
    const others = this.#list.filter(({ id }) => id !== segmentation.id);
    const at = this.#list.findIndex(({ id }) => id === segmentation.id);
    const list = [...others];
    list.splice(at < 0 ? others.length : at, 0, segmentation);
    this.#set(list);
  }

  #set(list) {
    this.#list = Object.freeze(list);
    if (this.#selected && !this.segment(this.#selected.id, this.#selected.number)) this.select(null);
    this.#tell("segmentations");
    this.#awaitStatistics();
  }

  /** What is still counted is asked for until it is known. */
  #awaitStatistics() {
    clearTimeout(this.#timer);
    const waiting = this.#list.filter(({ statistics }) => statistics === "pending");
    if (!waiting.length) return;
    this.#timer = setTimeout(() => {
      for (const { id } of waiting) if (!this.#queues.has(id)) this.#refresh(id);
    }, COUNTING_MS);
    this.#timer.unref?.(); // of a test
  }

  // --- how they are shown

  /** { isHidden, hidden, locked, opacity, mode } of a segmentation; mode "fill", "outline" or "both". */
  display(id) {
    return displayOf(this.#state.segments, id);
  }

  isShown(id, number) {
    return isShown(this.#state.segments, id, number);
  }

  isLocked(id, number) {
    return this.display(id).locked.includes(number);
  }

  /** The one that is shown alone: { id, number }, or null. */
  get solo() {
    return this.#state.segments?.solo ?? null;
  }

  isSolo(id, number) {
    return this.solo?.id === id && this.solo.number === number;
  }

  setDisplay(id, changes) {
    const known = this.#list.map((one) => one.id);
    this.#state.setSegments(withDisplay(this.#state.segments, id, changes, known));
  }

  /** Show or hide a segment; what is seen alone ends then, or nothing might seem to happen. */
  toggle(id, number) {
    const { hidden } = this.display(id);
    const isSeen = this.isShown(id, number);
    const others = hidden.filter((one) => one !== number);
    this.setSolo(null);
    this.setDisplay(id, { hidden: isSeen ? [...others, number] : others, ...(!isSeen && { isHidden: false }) });
  }

  /** Hide all that is seen, of every segmentation, or show all again; whether anything is seen then. */
  toggleEverything() {
    const isSeen = this.#list.some(({ id }) => !this.display(id).isHidden);
    this.setSolo(null);
    for (const { id } of this.#list) this.setDisplay(id, { isHidden: isSeen });
    return !isSeen;
  }

  toggleAll(id) {
    this.setDisplay(id, { isHidden: !this.display(id).isHidden });
  }

  toggleLock(id, number) {
    const { locked } = this.display(id);
    const others = locked.filter((one) => one !== number);
    this.setDisplay(id, { locked: others.length < locked.length ? others : [...others, number] });
  }

  setSolo(solo) {
    if (JSON.stringify(solo) === JSON.stringify(this.solo)) return;
    this.#state.setSegments({ ...(this.#state.segments ?? NO_DISPLAY), solo });
  }

  // --- what the reader points at

  get selected() {
    return this.#selected;
  }

  select(selected) {
    if (selected?.id === this.#selected?.id && selected?.number === this.#selected?.number) return;
    this.#selected = selected;
    this.#tell("selected");
  }

  // --- what goes to the server

  /**
   * Change the name, colour or code of a segment. It shows at once; where the server refuses, it shows as before and
   * the refusal is thrown.
   * @param changes  { name?, color?, code? }
   */
  changeSegment(id, number, changes) {
    const before = this.segment(id, number);
    if (!before || Object.entries(changes).every(([name, value]) => same(before[name], value))) return Promise.resolve();
    const was = Object.fromEntries(Object.keys(changes).map((name) => [name, before[name]]));
    const turn = (side) => this.#send(id, { segments: [{ number, ...(side ? changes : was) }] }).catch(() => this.load());
    this.#history()?.did({ kind: "change-segment", name: before.name, what: Object.keys(changes)[0], turn });
    return this.#send(id, { segments: [{ number, ...changes }] });
  }

  rename(id, name) {
    const before = this.get(id)?.name;
    if (before === undefined || before === name) return Promise.resolve();
    const turn = (side) => this.#send(id, { name: side ? name : before }).catch(() => this.load());
    this.#history()?.did({ kind: "change-segment", name: before, what: "name", turn });
    return this.#send(id, { name });
  }

  /** Gone for good: to be asked for before. */
  async remove(id) {
    await this.#client.remove(id);
    this.#set(this.#list.filter((one) => one.id !== id));
    if (this.solo?.id === id) this.setSolo(null);
  }

  /** One segment, gone for good; with the last one all of its segmentation. */
  removeSegment(id, number) {
    return this.#queued(id, async () => {
      const left = await this.#client.removeSegment(id, number, this.get(id)?.revision);
      if (this.isSolo(id, number)) this.setSolo(null);
      if (left) this.put(left);
      else this.#set(this.#list.filter((one) => one.id !== id));
      const others = (list) => list.filter((one) => one !== number);
      const { hidden, locked } = this.display(id);
      if (left && [...hidden, ...locked].includes(number)) this.setDisplay(id, { hidden: others(hidden), locked: others(locked) });
    });
  }

  #send(id, changes) {
    const before = this.get(id);
    if (!before) return Promise.reject(new Error("gone"));
    this.put(changed(before, changes));
    return this.#queued(id, async (isLast) => {
      const answer = await this.#client.change(id, this.get(id)?.revision, changes);
      const now = this.get(id);
      // What waits behind this one is not undone by its answer.
      if (now) this.put(isLast() ? { ...now, ...answer } : { ...now, revision: answer.revision });
    });
  }

  /** One change after the other, so that each knows the revision that the one before made. */
  #queued(id, work) {
    const isLast = () => this.#queues.get(id) === sent;
    const sent = (this.#queues.get(id) ?? Promise.resolve()).catch(() => null).then(async () => {
      try {
        await work(isLast);
      } catch (fault) {
        await this.#refresh(id);
        throw fault;
      }
    });
    this.#queues.set(id, sent);
    return sent.finally(() => isLast() && this.#queues.delete(id));
  }

  async #refresh(id) {
    try {
      this.put(await this.#client.read(id));
    } catch (fault) {
      if (fault.status === 404 || fault.status === 410) this.#set(this.#list.filter((one) => one.id !== id));
      else this.#awaitStatistics();
    }
  }

  #setStatus(status) {
    this.#status = status;
    this.#tell("status");
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function changed(segmentation, { name = segmentation.name, segments = [] }) {
  const given = new Map(segments.map((one) => [one.number, one]));
  const list = segmentation.segments.map((one) => ({ ...one, ...given.get(one.number) }));
  return { ...segmentation, name, segments: list };
}
