// What waits to be sent, in order, the latest of each thing only. Knows neither DOM nor what it carries: `send`
// puts a request to the server, `storage` (of the tab) keeps the queue over a reload. Sends one at a time; tries
// again after growing pauses while the connection or the server is away. Sends "change" (its state or length),
// "delivered", "refused" and "gone" (detail: { entry, answer | error }).

const PAUSES_MS = [1000, 2000, 4000, 8000, 15000];
const PREFIX = "triplano.outbox.";
const KEPT_CHARACTERS = 2_000_000; // storage of a tab holds about five million
const KEEPALIVE_BYTES = 60_000; // browsers allow 64 KiB for all that outlives its page
const SERVER_FAULTS_BORNE = 3;
const CONFLICTS_BORNE = 3;
const REMEMBERED_MS = 10_000; // a page asked for before the answer came does not show what was sent

const OFFLINE = 0;
const FAULT = 500;
const AWAY = new Set([429, 502, 503, 504]);
const DELETED = new Set([404, 410]);

/** Forget what any account left unsent in this tab: at signing out. */
export function forgetUnsent(storage, exceptUser = null) {
  const names = Array.from({ length: storage.length }, (_, at) => storage.key(at));
  for (const name of names) {
    if (name.startsWith(PREFIX) && name !== PREFIX + exceptUser) storage.removeItem(name);
  }
}

export class Outbox extends EventTarget {
  #entries = new Map(); // key → entry
  #recent = new Map(); // key → entry delivered a moment ago
  #send;
  #prepare;
  #onConflict;
  #onForged;
  #storage;
  #name;
  #pauses;
  #flying = null;
  #state = "idle";
  #attempt = 0;
  #timer = 0;
  #isKept = true;

  /**
   * @param send        (request { method, url, json }) → answer; throws an error with status and code
   * @param user        id: what is kept belongs to this account alone
   * @param storage     Storage or null
   * @param prepare     (entry) → the request as it must be now
   * @param onConflict  async (entry, error) → whether the entry is to be sent again
   * @param onForged    async () → "renewed" | "signedout" | "stranger": the page's token no longer counts
   */
  constructor({ send, user, storage = null, prepare, onConflict, onForged, pauses = PAUSES_MS }) {
    super();
    this.#send = send;
    this.#storage = storage;
    this.#name = PREFIX + user;
    this.#prepare = prepare ?? ((entry) => entry.request);
    this.#onConflict = onConflict ?? (async () => false);
    this.#onForged = onForged ?? (async () => "signedout");
    this.#pauses = pauses;
    this.#take();
  }

  /** idle · sending · offline · busy (the server) · signedout · stranger (another account signed in) */
  get state() {
    return this.#state;
  }

  get waiting() {
    return this.#entries.size;
  }

  get entries() {
    return [...this.#entries.values()];
  }

  /** What was delivered so lately that this page may have been made before it arrived. */
  get recent() {
    return [...this.#recent.values()];
  }

  has(key) {
    return this.#entries.has(key);
  }

  get(key) {
    return this.#entries.get(key) ?? null;
  }

  /** Whether leaving the page now would lose something. */
  get mustWarn() {
    if (!this.waiting) return false;
    const isAway = !["idle", "sending"].includes(this.#state);
    return isAway || !this.#isKept || JSON.stringify(this.entries).length > KEEPALIVE_BYTES;
  }

  /**
   * Queue a request; one that waits under the same key is replaced, in its place.
   * @param entry  { key, series?, label?, request: { method, url, json? } }
   */
  put(entry) {
    this.#recent.delete(entry.key);
    this.#entries.set(entry.key, { ...entry, at: Date.now() });
    this.#keep();
    this.#pump();
    this.#changed();
  }

  drop(key) {
    if (!this.#entries.delete(key)) return;
    this.#keep();
    this.#changed();
  }

  /** Begin, or try again at once: the connection or the account is back. */
  wake() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#attempt = 0;
    this.#pump();
  }

  /** The page goes: hand over what fits through `sendLast`; it stays kept until the next page knows better. */
  leave(sendLast) {
    let room = KEEPALIVE_BYTES;
    if (!["idle", "sending"].includes(this.#state)) return;
    for (const entry of this.#entries.values()) {
      const request = this.#prepare(entry, { isLast: true });
      room -= new TextEncoder().encode(JSON.stringify(request.json ?? "")).length;
      if (room < 0) break;
      sendLast(request);
      entry.handed = true;
    }
    this.#keep();
  }

  #take() {
    try {
      forgetUnsent(this.#storage, this.#name.slice(PREFIX.length));
      const kept = JSON.parse(this.#storage.getItem(this.#name) ?? "[]");
      for (const entry of kept) {
        if (!entry.done) this.#entries.set(entry.key, entry);
        else if (Date.now() - entry.done < REMEMBERED_MS) this.#remember(entry);
      }
    } catch {
      // No storage, or not ours to read: the queue begins empty.
    }
  }

  #keep() {
    try {
      const text = JSON.stringify([...this.recent, ...this.entries]);
      this.#isKept = text.length <= KEPT_CHARACTERS;
      if (text !== "[]" && this.#isKept) this.#storage.setItem(this.#name, text);
      else this.#storage.removeItem(this.#name);
    } catch {
      this.#isKept = false;
    }
  }

  #remember(entry) {
    this.#recent.set(entry.key, entry);
    setTimeout(() => {
      if (this.#recent.get(entry.key) !== entry) return;
      this.#recent.delete(entry.key);
      this.#keep();
    }, REMEMBERED_MS);
  }

  async #pump() {
    if (this.#flying || this.#timer || this.#state === "stranger") return;
    while (this.#entries.size) {
      const [entry] = this.#entries.values();
      this.#flying = entry;
      if (this.#state === "idle") this.#become("sending");
      const pause = await this.#deliver(entry);
      this.#flying = null;
      this.#changed();
      if (this.#state === "stranger") return;
      if (pause !== null) {
        this.#timer = setTimeout(() => {
          this.#timer = 0;
          this.#pump();
        }, pause);
        return;
      }
    }
    this.#become("idle");
  }

  /** Send one; null when the next may follow, else how long to wait (ms). */
  async #deliver(entry) {
    try {
      const answer = await this.#send(this.#prepare(entry));
      if (this.#entries.get(entry.key) === entry) this.#remember({ ...entry, done: Date.now() });
      this.#settle(entry);
      this.#attempt = 0;
      this.#become("sending");
      this.#tell("delivered", { entry, answer });
      return null;
    } catch (error) {
      return this.#failed(entry, error);
    }
  }

  async #failed(entry, error) {
    const { status, code } = error;
    if (status === undefined) throw error; // a mistake of ours, not an answer
    if (status === OFFLINE) return this.#later("offline");
    if (AWAY.has(status)) return this.#later("busy");
    if (status === 401) return this.#later("signedout");
    if (code === "csrf") return this.#renew();
    entry.conflicts = (entry.conflicts ?? 0) + Number(status === 409);
    if (status === 409 && entry.conflicts <= CONFLICTS_BORNE) {
      const again = await this.#onConflict(entry, error).catch(() => null);
      if (again === null) return this.#later("offline");
      if (!again) this.#settle(entry);
      return null;
    }
    if (status >= FAULT) {
      entry.faults = (entry.faults ?? 0) + 1;
      if (entry.faults < SERVER_FAULTS_BORNE) return this.#later("busy");
    }
    this.#settle(entry);
    if (DELETED.has(status) && entry.series) this.#gone(entry, error);
    else this.#tell("refused", { entry, error });
    return null;
  }

  async #renew() {
    const outcome = await this.#onForged().catch(() => "offline");
    if (outcome === "renewed" && this.#attempt < this.#pauses.length) {
      this.#attempt += 1;
      return null;
    }
    if (outcome === "stranger") {
      this.#become("stranger");
      return null;
    }
    return this.#later(outcome === "renewed" ? "busy" : outcome);
  }

  #later(state) {
    const pause = this.#pauses[Math.min(this.#attempt, this.#pauses.length - 1)];
    this.#attempt += 1;
    this.#become(state);
    return pause;
  }

  /** Done with an entry, unless a newer one took its place meanwhile. */
  #settle(entry) {
    if (this.#entries.get(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    this.#keep();
  }

  /** A series that is no more takes all that waits for it along. */
  #gone(entry, error) {
    for (const [key, one] of this.#entries) if (one.series === entry.series) this.#entries.delete(key);
    this.#keep();
    this.#tell("gone", { entry, error });
  }

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
