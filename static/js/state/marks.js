// The marks of a series: measurements, arrows, probes, key images. A mark never changes; a changed one takes its
// place, and so does the list, so that two lists are equal when they are the same one. Tools change marks, views draw
// them. What is being drawn or dragged is the draft: views show it, instead of the mark with its id, and nothing is
// saved or undone of it.
//
// Events: "marks" { reason: "add" | "change" | "remove" | "load" | "restore", mark, label, silent } · "selected" ·
// "hovered" · "draft" · "writing" { mark, pane, done }. What is silent is no step of the reader's (a mean that arrived).

const USUAL_COLOR = "#7fd4ff"; // --measure of tokens.css
const NONE = Object.freeze([]);

/** A random UUID, also on a page without https, which has no crypto.randomUUID. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Marks extends EventTarget {
  #list = NONE;
  #byId = new Map();
  #selected = null;
  #hovered = null;
  #draft = null;
  /** What the next mark is drawn in. */
  color = USUAL_COLOR;

  get all() {
    return this.#list;
  }

  get(id) {
    return this.#byId.get(id) ?? null;
  }

  /** A mark with all that it needs, from what a tool knows of it; not in the list yet. */
  made(mark) {
    const now = new Date().toISOString();
    const usual = { phase: 0, label: "", color: this.color, hidden: false, statistics: null };
    return Object.freeze({ ...usual, id: newId(), created_at: now, updated_at: now, ...mark });
  }

  /** @returns the mark as it is kept */
  add(mark, { label = null } = {}) {
    return this.addAll([mark], { label })[0];
  }

  /** Several at once, as one step; detail.mark is the first, detail.marks are all. */
  addAll(marks, { label = null } = {}) {
    if (!marks.length) return [];
    const made = marks.map((mark) => this.made(mark));
    const ids = new Set(made.map((mark) => mark.id));
    this.#set([...this.#list.filter((mark) => !ids.has(mark.id)), ...made]);
    this.#tell("marks", { reason: "add", mark: made[0], marks: made, label, silent: false });
    return made;
  }

  /** @returns the changed mark, or null where there is none */
  change(id, changes, { label = null, silent = false } = {}) {
    const before = this.get(id);
    if (!before) return null;
    if (Object.entries(changes).every(([name, value]) => before[name] === value)) return before;
    const mark = Object.freeze({ ...before, ...changes, ...(!silent && { updated_at: new Date().toISOString() }) });
    this.#set(this.#list.map((one) => (one === before ? mark : one)));
    this.#tell("marks", { reason: "change", mark, before, label, silent });
    return mark;
  }

  remove(id, { label = null } = {}) {
    const mark = this.get(id);
    if (!mark) return;
    this.#set(this.#list.filter((one) => one !== mark));
    if (this.#draft?.id === id) this.setDraft(null);
    this.#tell("marks", { reason: "remove", mark, label, silent: false });
  }

  /** What the server has. */
  load(list) {
    this.#set(list.map((mark) => Object.freeze({ ...mark })));
    this.#tell("marks", { reason: "load", mark: null, label: null, silent: true });
  }

  snapshot() {
    return this.#list;
  }

  /** The list that :meth:`snapshot` gave. */
  restore(list) {
    if (list === this.#list) return;
    this.setDraft(null);
    this.#set(list);
    this.#tell("marks", { reason: "restore", mark: null, label: null, silent: false });
  }

  // --- what the reader points at

  /** The id of the selected mark, or null. */
  get selected() {
    return this.#selected;
  }

  select(id) {
    const next = this.#byId.has(id) ? id : null;
    if (next === this.#selected) return;
    this.#selected = next;
    this.#tell("selected", { id: next });
  }

  get hovered() {
    return this.#hovered;
  }

  hover(id) {
    if (id === this.#hovered) return;
    this.#hovered = id;
    this.#tell("hovered", { id });
  }

  /** The mark that a hand is drawing or dragging, or null. */
  get draft() {
    return this.#draft;
  }

  setDraft(mark) {
    if (mark === this.#draft) return;
    this.#draft = mark;
    this.#tell("draft", { mark });
  }

  /** What is drawn: all marks, the draft in place of the one it will become. */
  get drawn() {
    if (!this.#draft) return this.#list;
    return [...this.#list.filter((mark) => mark.id !== this.#draft.id), this.#draft];
  }

  /** Have the pane ask for a mark's words, at the mark; done(text), or done(null) when the reader gives up. */
  askWords(mark, pane, done) {
    this.#tell("writing", { mark, pane, done });
  }

  #set(list) {
    this.#list = Object.freeze(list);
    this.#byId = new Map(list.map((mark) => [mark.id, mark]));
    if (this.#selected && !this.#byId.has(this.#selected)) this.select(null);
    if (this.#hovered && !this.#byId.has(this.#hovered)) this.hover(null);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
