// A reader's habits in every series: keys, mouse, layouts. Sends "change" (detail: { key }) and is kept by
// state/autosave.js.

export class Preferences extends EventTarget {
  #values;

  constructor(values = {}) {
    super();
    this.#values = { ...values };
  }

  get all() {
    return { ...this.#values };
  }

  get(key, otherwise = undefined) {
    return this.#values[key] ?? otherwise;
  }

  set(key, value) {
    if (JSON.stringify(this.#values[key]) === JSON.stringify(value)) return;
    this.#values = { ...this.#values, [key]: value };
    this.dispatchEvent(new CustomEvent("change", { detail: { key, value } }));
  }
}
