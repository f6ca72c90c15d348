// <main class="stage" data-layout="2x2"> with .pane[data-plane]: which panes are seen and where, which is active, which
// is large; the tabs [role=tab][data-tab] that choose one on phones and in the single layout; [data-layout-choice]
// buttons. data-state is "ready" once every visible plane has its picture. Panes that are not seen are hidden, and cost
// nothing. Of a comparison the panes of the second series have data-series="1".

import { TILES, knownOrder, layoutsFor, panesOf, planeOfPane, withPlane } from "../lib/layouts.js";
import { _ } from "../state/words.js";

const SINGLE = "1";
const nameOf = (element) => element.dataset.pane ?? element.dataset.plane;

export class Stage {
  #element;
  #state;
  #panes; // name → element, of planes, tiles, facts and the scene
  #tabs;
  #choices;
  #sides; // of a comparison: the planes of both
  #order; // of a stack that is compared with a volume: the volume's planes, which the state does not know
  #layouts;
  #before; // the layout to go back to from a single pane
  #kept = null; // what was large, and the order, before one pane was alone
  #labels = new Map(); // plane → its word
  #onChoose;

  /**
   * @param tabs     the element with the tabs
   * @param choices  the element with the [data-layout-choice] buttons
   * @param second   ViewerState of the series to compare with, or null
   * @param onChoose ({ layout, main, order }) → void: what the reader chose, to be remembered
   */
  constructor(element, state, { tabs, choices, second = null, onChoose = () => {} }) {
    this.#element = element;
    this.#onChoose = onChoose;
    this.#state = state;
    this.#panes = new Map([...element.querySelectorAll(".pane")].map((pane) => [nameOf(pane), pane]));
    this.#tabs = [...tabs.querySelectorAll("[role=tab]")];
    this.#choices = [...choices.querySelectorAll("[data-layout-choice]")];
    const planes = (one) => one.planes.map(({ plane }) => plane);
    const isStack = (one) => one.planes.length === 1;
    this.#sides = second && { first: planes(state), second: planes(second) };
    this.#order = second && isStack(state) && !isStack(second) ? planes(second) : null;
    this.#layouts = layoutsFor({
      isStack: isStack(state),
      count: state.planes[0].count,
      second: second && { isStack: isStack(second) },
    });
    this.#before = this.#layouts[0];
    for (const [name, pane] of this.#panes) this.#labels.set(name, pane.getAttribute("aria-label"));
    tabs.addEventListener("click", ({ target }) => this.#chooseTab(target.closest("[role=tab]")));
    tabs.addEventListener("keydown", (event) => this.#walkTabs(event));
    choices.addEventListener("click", ({ target }) => {
      const choice = target.closest("[data-layout-choice]");
      if (!choice) return;
      this.choose(choice.dataset.layoutChoice);
      choice.closest("[popover]")?.hidePopover();
    });
    for (const [name, pane] of this.#panes) {
      pane.addEventListener("focusin", () => state.setActive(name));
      pane.querySelector("[data-maximise]")?.addEventListener("click", () => this.toggleSingle(name));
    }
    state.addEventListener("layout", () => this.#draw());
    state.addEventListener("active", () => this.#drawActive());
    this.#draw();
  }

  /** The layouts that there are here, the usual one first. */
  get layouts() {
    return this.#layouts;
  }

  /** The layout that is seen: what was kept may be one of another kind of series. */
  get layout() {
    const { layout } = this.#state;
    return this.#layouts.includes(layout) ? layout : this.#layouts[0];
  }

  /** The planes of the panes, of a comparison those of both series. */
  get order() {
    return this.#order ?? this.#state.order;
  }

  /** The names of the panes that are seen, in reading order. */
  get shown() {
    const { main } = this.#state;
    const fourth = this.#panes.has("scene") ? this.#state.scene.face : "facts";
    return panesOf(this.layout, { order: this.order, main: this.#panes.has(main) ? main : this.order[0], fourth }, this.#sides);
  }

  /** Take a layout; the active pane becomes the large one. */
  choose(layout) {
    if (!this.#layouts.includes(layout)) return;
    if (layout !== SINGLE) this.#before = layout;
    const { active, main } = this.#state;
    const keeps = layout === "2x2" || layout === "1x3" || layout === "stack";
    this.#kept = null;
    this.#setLayout(layout, keeps ? main : this.#planeFor(layout, active));
    this.#chosen();
  }

  #chosen() {
    this.#onChoose({ layout: this.layout, main: this.#state.main, order: this.order });
  }

  /** What becomes large: facts, scene and tiles are no planes. */
  #planeFor(layout, name) {
    if (layout === SINGLE || layout === "1+3") return TILES.includes(name) ? this.#state.main : name;
    return planeOfPane(name, { order: this.order }) ?? planeOfPane(this.#state.main, { order: this.order }) ?? this.order[0];
  }

  #setLayout(layout, main, order = this.order) {
    if (this.#order) this.#order = knownOrder(order, this.#order);
    this.#state.setLayout(layout, main, order);
    if (!this.shown.includes(this.#state.active)) this.#state.setActive(this.shown[0]);
  }

  /** The next or previous layout. */
  step(by) {
    const place = this.#layouts.indexOf(this.layout);
    this.choose(this.#layouts[(place + by + this.#layouts.length) % this.#layouts.length]);
  }

  /** One pane alone, or back to where it stood. */
  toggleSingle(name) {
    if (this.layout !== SINGLE) {
      this.#before = this.layout;
      this.#kept = { main: this.#state.main, order: this.order };
      this.#setLayout(SINGLE, TILES.includes(name) ? this.#state.main : name);
    } else if (this.#kept) {
      this.#setLayout(this.#before, this.#kept.main, this.#kept.order);
      this.#kept = null;
    } else this.choose(this.#before);
    this.focus(this.shown.includes(name) ? name : this.shown[0]);
  }

  /** Show a plane in the place of this pane. */
  putPlane(name, plane) {
    const { main } = this.#state;
    const next = withPlane(this.layout, { order: this.order, main }, name, plane);
    const place = this.shown.indexOf(name);
    this.#setLayout(this.layout, next.main, next.order);
    this.#chosen();
    this.focus(this.shown[place]);
  }

  /** The pane after or before the active one; alone, it is shown in its place. */
  walk(by) {
    const isSingle = this.layout === SINGLE;
    const names = isSingle ? [...this.#panes.keys()].filter((name) => !TILES.includes(name)) : this.shown;
    const next = names[(names.indexOf(this.#state.active) + by + names.length) % names.length];
    if (isSingle) this.#setLayout(SINGLE, next);
    this.focus(next);
  }

  focus(name = this.#state.active) {
    this.#panes.get(name)?.focus({ preventScroll: true });
  }

  #chooseTab(tab) {
    if (!tab) return;
    const { tab: name } = tab.dataset;
    if (this.#layouts.includes(name)) this.choose(name);
    else if (this.#sides && this.layout !== SINGLE) this.#setLayout(this.layout, name);
    else this.#setLayout(SINGLE, name);
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
    const { layout, shown } = this;
    const { main } = this.#state;
    this.#element.dataset.layout = layout;
    this.#element.closest(".viewer").dataset.layout = layout;
    this.#drawTiles(planeOfPane(main, { order: this.order }) ?? this.order[0]);
    this.#arrange(shown);
    for (const [name, pane] of this.#panes) {
      pane.hidden = !shown.includes(name);
      pane.classList.toggle("is-main", [SINGLE, "1+3"].includes(layout) && name === main);
      pane.querySelector("[data-maximise]")?.setAttribute("aria-pressed", String(layout === SINGLE));
    }
    const current = layout === SINGLE || this.#sides ? main : layout;
    for (const tab of this.#tabs) {
      const selected = tab.dataset.tab === current;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
    if (this.#tabs.every((tab) => tab.tabIndex < 0)) this.#tabs[0].tabIndex = 0;
    for (const choice of this.#choices) {
      const isNow = choice.dataset.layoutChoice === layout;
      choice.setAttribute("aria-pressed", String(isNow));
      if (isNow) this.#drawButton(choice);
    }
    this.#drawActive();
  }

  /** The menu's button has the icon of the layout that is seen. */
  #drawButton(choice) {
    const menu = choice.closest("[popover]");
    const icon = menu && this.#element.ownerDocument.querySelector(`[popovertarget="${menu.id}"] use`);
    icon?.setAttribute("href", choice.querySelector("use").getAttribute("href"));
  }

  #drawActive() {
    const { active } = this.#state;
    for (const [name, pane] of this.#panes) pane.classList.toggle("is-active", name === active);
  }

  /** Tiles show the main plane, so many slices on. */
  #drawTiles(plane) {
    for (const name of TILES) {
      const pane = this.#panes.get(name);
      if (!pane) continue;
      pane.dataset.plane = plane;
      const words = { plane: this.#labels.get(plane), count: pane.dataset.offset };
      const label = _("%(plane)s, %(count)s further on", words);
      if (pane.getAttribute("aria-label") === label) continue;
      pane.setAttribute("aria-label", label);
      pane.querySelector("[data-plane-name]").textContent = `${words.plane} +${words.count}`;
    }
  }

  /** In the document they stand as they are seen: so do the eye, the Tab key and a screen reader. */
  #arrange(shown) {
    const standing = [...this.#panes.values()].filter((pane) => shown.includes(nameOf(pane)));
    const wanted = shown.map((name) => this.#panes.get(name));
    const inPlace = standing.sort((one, other) => (one.compareDocumentPosition(other) & 4 ? -1 : 1));
    if (inPlace.every((pane, at) => pane === wanted[at])) return;
    const focused = this.#element.contains(document.activeElement) ? document.activeElement : null;
    this.#element.prepend(...wanted);
    focused?.focus({ preventScroll: true });
  }
}
