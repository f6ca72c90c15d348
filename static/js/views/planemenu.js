// Which plane a pane shows: a press on its head ([data-plane-menu]) opens the one menu (#menu-plane, [data-put-plane]).

import { placeBeside } from "../lib/menuplace.js";

export class PlaneMenu {
  #menu;
  #stage;
  #items;
  #pane = null; // the element whose menu is open
  #button = null;

  /** @param menu  null where there is but one plane */
  constructor(menu, stageElement, stage) {
    this.#menu = menu;
    this.#stage = stage;
    if (!menu) return;
    this.#items = [...menu.querySelectorAll("[data-put-plane]")];
    stageElement.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-plane-menu]");
      if (button) this.#open(button);
    });
    menu.addEventListener("click", ({ target }) => this.#choose(target.closest("[data-put-plane]")));
    menu.addEventListener("keydown", (event) => this.#walk(event));
    menu.addEventListener("toggle", ({ newState }) => {
      this.#button?.setAttribute("aria-expanded", String(newState === "open"));
    });
  }

  #open(button) {
    const isOpen = this.#menu.matches(":popover-open");
    if (isOpen && this.#button === button) {
      this.#menu.hidePopover();
      return;
    }
    this.#button?.setAttribute("aria-expanded", "false");
    this.#button = button;
    this.#pane = button.closest(".pane");
    for (const item of this.#items) {
      item.setAttribute("aria-checked", String(item.dataset.putPlane === this.#pane.dataset.plane));
    }
    this.#menu.showPopover();
    const { offsetWidth: width, offsetHeight: height } = this.#menu;
    const [left, top] = placeBeside(button.getBoundingClientRect(), { width, height }, { width: innerWidth, height: innerHeight });
    this.#menu.style.left = `${left}px`;
    this.#menu.style.top = `${top}px`;
    const checked = this.#items.find((item) => item.getAttribute("aria-checked") === "true");
    (checked ?? this.#items[0]).focus({ preventScroll: true });
  }

  #choose(item) {
    if (!item) return;
    const { pane = this.#pane.dataset.plane } = this.#pane.dataset;
    this.#menu.hidePopover();
    this.#stage.putPlane(pane, item.dataset.putPlane);
  }

  #walk(event) {
    const at = this.#items.indexOf(document.activeElement);
    const last = this.#items.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (event.key === "Tab") this.#menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#items[(to + last + 1) % (last + 1)].focus();
  }
}
