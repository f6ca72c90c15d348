// A bounded store: what was not used for longest goes first. Each entry has a weight (bytes, or 1).

export class Lru {
  #entries = new Map();
  #capacity;
  #weight = 0;
  #onDrop;

  constructor(capacity, onDrop = () => {}) {
    this.#capacity = capacity;
    this.#onDrop = onDrop;
  }

  get size() {
    return this.#entries.size;
  }

  has(key) {
    return this.#entries.has(key);
  }

  /** The value, which is now the youngest; undefined when it is not here. */
  get(key) {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key, value, weight = 1) {
    this.#remove(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    // The youngest stays even when it alone is too heavy: it is about to be drawn.
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity || this.#entries.size === 1) break;
      this.#remove(oldest);
    }
  }

  clear() {
    for (const key of [...this.#entries.keys()]) this.#remove(key);
  }

  #remove(key) {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
    this.#onDrop(entry.value);
  }
}
