// <main class="stage" data-layout="2x2"> with .pane[data-plane]: which panes are seen, which is active, which is
// large; the tabs [role=tab][data-tab] that choose one on phones and in the single layout; [data-layout-choice]
// buttons. data-state is "ready" once every visible plane has its picture.

import { LAYOUTS } from "../lib/layouts.js";

export class Stage {
  #element;
  #state;
  #panes; // name → element, of planes and facts, in reading order
  #tabs;
  #choices;
  #before = "2x2"; // the layout to go back to from a single pane

  constructor(element, state, { tabs, choices }) {
    this.#element = element;
    this.#state = state;
    this.#panes = new Map([...element.querySelectorAll(".pane")].map((pane) => [pane.dataset.plane, pane]));
    this.#tabs = [...tabs.querySelectorAll("[role=tab]")];
    this.#choices = [...choices.querySelectorAll("[data-layout-choice]")];
    tabs.addEventListener("click", ({ target }) => this.#chooseTab(target.closest("[role=tab]")));
    tabs.addEventListener("keydown", (event) => this.#walkTabs(event));
    choices.addEventListener("click", ({ target }) => {
      const choice = target.closest("[data-layout-choice]");
      if (choice) this.choose(choice.dataset.layoutChoice);
    });
    for (const [name, pane] of this.#panes) {
      pane.addEventListener("focusin", () => state.setActive(name));
      pane.querySelector("[data-maximise]")?.addEventListener("click", () => this.toggleSingle(name));
    }
    state.addEventListener("layout", () => this.#draw());
    state.addEventListener("active", () => this.#draw());
    this.#draw();
  }

  /** Take a layout; the active pane becomes the large one. */
  choose(layout) {
    if (layout !== "1") this.#before = layout;
    const { active } = this.#state;
    this.#state.setLayout(layout, layout === "2x2" ? this.#state.main : active);
  }

  /** The next or previous layout. */
  step(by) {
    const layouts = LAYOUTS.filter((layout) => this.#choices.some((one) => one.dataset.layoutChoice === layout));
    const place = layouts.indexOf(this.#state.layout);
    if (layouts.length) this.choose(layouts[(place + by + layouts.length) % layouts.length]);
  }

  /** One pane alone, or back to where it stood. */
  toggleSingle(name) {
    if (this.#state.layout === "1") this.choose(this.#before);
    else this.#state.setLayout("1", name);
    this.focus(name);
  }

  /** The pane after or before the active one; alone, it is shown in its place. */
  walk(by) {
    const names = [...this.#panes.keys()];
    const next = names[(names.indexOf(this.#state.active) + by + names.length) % names.length];
    if (this.#state.layout === "1") this.#state.setLayout("1", next);
    this.focus(next);
  }

  focus(name = this.#state.active) {
    this.#panes.get(name)?.focus({ preventScroll: true });
  }

  #chooseTab(tab) {
    if (!tab) return;
    if (tab.dataset.tab === "2x2") this.choose("2x2");
    else this.#state.setLayout("1", tab.dataset.tab);
  }

  #walkTabs(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const place = this.#tabs.indexOf(event.target.closest("[role=tab]"));
    const next = this.#tabs[(place + by + this.#tabs.length) % this.#tabs.length];
    this.#chooseTab(next);
    next.focus();
  }

  #draw() {
    const { layout, main, active } = this.#state;
    this.#element.dataset.layout = layout;
    this.#element.closest(".viewer").dataset.layout = layout;
    for (const [name, pane] of this.#panes) {
      pane.hidden = layout === "1" && name !== main;
      pane.classList.toggle("is-main", layout !== "2x2" && name === main);
      pane.classList.toggle("is-active", name === active);
      pane.querySelector("[data-maximise]")?.setAttribute("aria-pressed", String(layout === "1"));
    }
    const current = layout === "1" ? main : "2x2";
    for (const tab of this.#tabs) {
      const selected = tab.dataset.tab === current;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
    for (const choice of this.#choices) {
      choice.setAttribute("aria-pressed", String(choice.dataset.layoutChoice === layout));
    }
  }
}
