// Whether all that is being read is saved: of one series, or of the two that are compared. Tells the worst of their
// states, so that "saved" is never said too early; passes on "status" and "trouble".

const WORST = ["gone", "stranger", "signedout", "busy", "offline", "saving"];

export class Saves extends EventTarget {
  #all = [];

  constructor(...autosaves) {
    super();
    for (const autosave of autosaves) this.add(autosave);
  }

  /** @param autosave  Autosave */
  add(autosave) {
    this.#all.push(autosave);
    autosave.addEventListener("status", () => this.dispatchEvent(new Event("status")));
    autosave.addEventListener("trouble", ({ detail }) => this.dispatchEvent(new CustomEvent("trouble", { detail })));
    this.dispatchEvent(new Event("status"));
  }

  /** { kind, at, waiting } as Autosave tells it: the worst kind, the last time, all that waits. */
  get status() {
    const all = this.#all.map(({ status }) => status);
    const kinds = all.map(({ kind }) => kind);
    const times = all.map(({ at }) => at).filter(Boolean);
    const kind = WORST.find((one) => kinds.includes(one)) ?? (times.length ? "saved" : "none");
    const at = times.length ? new Date(Math.max(...times)) : null;
    return { kind, at, waiting: all.reduce((sum, { waiting }) => sum + waiting, 0) };
  }
}
