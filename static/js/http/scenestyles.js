/**
 * Bokeh writes its style sheets into <style> elements, which the page's policy forbids ('unsafe-inline' would
 * allow them, and anything that somebody manages to inject). Sheets that a script constructs are allowed: so
 * document.createElement("style") gives an element that adopts its text where it is put. No page of ours makes
 * <style> elements; call this once, before bokeh.min.js is loaded.
 */

const NAME = "adopted-style";

export function adoptStyles() {
  if (customElements.get(NAME)) return;
  customElements.define(NAME, AdoptedStyle);
  const create = document.createElement.bind(document);
  document.createElement = (name, options) =>
    String(name).toLowerCase() === "style" ? create(NAME) : create(name, options);
}

class AdoptedStyle extends HTMLElement {
  #sheet = new CSSStyleSheet();
  #text = "";
  #root = null;

  connectedCallback() {
    this.hidden = true;
    this.#root = this.getRootNode();
    // A root's list has the sheets in the order in which they came, as elements would stand.
    this.#root.adoptedStyleSheets = [...this.#root.adoptedStyleSheets, this.#sheet];
  }

  disconnectedCallback() {
    const root = this.#root;
    this.#root = null;
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
  }

  get sheet() {
    return this.#sheet;
  }

  get textContent() {
    return this.#text;
  }

  set textContent(text) {
    this.#text = text ?? "";
    this.#sheet.replaceSync(this.#text);
  }

  append(...pieces) {
    this.textContent = this.#text + pieces.map((piece) => piece.data ?? piece).join("");
  }

  appendChild(node) {
    this.append(node);
    return node;
  }
}
