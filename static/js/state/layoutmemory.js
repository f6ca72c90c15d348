// The layout that a reader chose for a modality, kept with the preferences: preferences.layouts = { CT: { layout, main,
// order }, … }; of comparisons under "compare". What was kept with the series itself counts more.

const KEY = "layouts";

export class LayoutMemory {
  #state;
  #preferences;
  #name;

  /** @param name  what the layout is kept under */
  constructor(state, preferences, name) {
    this.#state = state;
    this.#preferences = preferences;
    this.#name = name;
  }

  /** Lay out as the reader did last, unless the series has a layout of its own. */
  recall(layouts, own) {
    if (layouts.includes(own)) return;
    const kept = this.#preferences.get(KEY, {})[this.#name];
    if (!layouts.includes(kept?.layout)) return;
    const knows = this.#state.plane(kept.main) !== null;
    this.#state.setLayout(kept.layout, knows ? kept.main : this.#state.main, kept.order);
  }

  keep({ layout, main, order }) {
    this.#preferences.set(KEY, { ...this.#preferences.get(KEY, {}), [this.#name]: { layout, main, order } });
  }
}
