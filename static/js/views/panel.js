// <aside class="viewer-panel"> with a tablist [role=tab][aria-controls] and its tab panels. A column on wide
// screens, a drawer on tablets, a sheet on phones: there it opens and closes, holds the focus and gives it back.

const NARROW = matchMedia("(max-width: 900px)");

export class Panel {
  #element;
  #tabs;
  #opener = null;
  #onShow;

  /**
   * @param buttons  what opens and closes the panel, where it is not always there
   * @param onShow   (id of the tab panel) → void
   */
  constructor(element, { buttons, onShow }) {
    this.#element = element;
    this.#tabs = [...element.querySelectorAll("[role=tab]")];
    this.#onShow = onShow;
    element.addEventListener("click", ({ target }) => {
      const tab = target.closest("[role=tab]");
      if (tab) this.show(tab.getAttribute("aria-controls"));
      if (target.closest("[data-panel-close]")) this.close();
    });
    element.addEventListener("keydown", (event) => this.#keyed(event));
    for (const button of buttons) button.addEventListener("click", () => this.toggle(button));
    NARROW.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  get isOpen() {
    return this.#element.classList.contains("is-open");
  }

  /** Whether it lies over the images, as a drawer or a sheet. */
  get isOver() {
    return NARROW.matches && this.isOpen;
  }

  /** Bring a tab to the front. */
  show(id) {
    for (const tab of this.#tabs) {
      const selected = tab.getAttribute("aria-controls") === id;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
    }
    this.#onShow(id);
  }

  /** Open with a tab; on wide screens it is open anyway. */
  open(id, opener = document.activeElement) {
    this.show(id);
    // A menu that closes takes its buttons with it: the focus goes back to what opened the menu.
    this.#opener = opener?.closest("details")?.querySelector("summary") ?? opener;
    this.#element.classList.add("is-open");
    this.#draw();
    this.#tabs.find((tab) => tab.tabIndex === 0).focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.#element.classList.remove("is-open");
    this.#draw();
    this.#opener?.focus({ preventScroll: true });
  }

  toggle(button) {
    if (this.isOpen) this.close();
    else this.open(this.#tabs.find((tab) => tab.tabIndex === 0).getAttribute("aria-controls"), button);
  }

  #draw() {
    // What is out of sight must be out of reach as well.
    this.#element.inert = NARROW.matches && !this.isOpen;
  }

  #keyed(event) {
    const tab = event.target.closest("[role=tab]");
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (tab && by) {
      event.preventDefault();
      event.stopPropagation();
      const next = this.#tabs[(this.#tabs.indexOf(tab) + by + this.#tabs.length) % this.#tabs.length];
      this.show(next.getAttribute("aria-controls"));
      next.focus();
    }
    if (event.key === "Tab" && NARROW.matches && this.isOpen) this.#holdFocus(event);
  }

  #holdFocus(event) {
    const stops = [...this.#element.querySelectorAll("button, input, select, [tabindex='0']")].filter(
      (stop) => stop.tabIndex >= 0 && stop.offsetParent !== null,
    );
    const [edge, other] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    other.focus();
  }
}
