// [data-tool] buttons, in the bar at the left and in the phone's bar: which one is on. The bar is one stop for
// the Tab key, arrows walk inside.

export class Toolbar {
  #state;
  #buttons;

  /** @param element  a role="toolbar" */
  constructor(element, state) {
    this.#state = state;
    this.#buttons = [...element.querySelectorAll("button")];
    element.addEventListener("click", (event) => this.#clicked(event));
    element.addEventListener("keydown", (event) => this.#walk(event));
    state.addEventListener("tool", () => this.#draw());
    this.#draw();
    this.#makeStop(this.#buttons.find((button) => button.getAttribute("aria-pressed") === "true"));
  }

  #clicked({ target }) {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.tool && button.getAttribute("aria-disabled") !== "true") this.#state.setTool(button.dataset.tool);
    this.#makeStop(button);
  }

  #walk(event) {
    const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const seen = this.#buttons.filter((button) => button.checkVisibility());
    const next = seen[(seen.indexOf(event.target) + by + seen.length) % seen.length];
    this.#makeStop(next);
    next.focus();
  }

  #makeStop(button = this.#buttons[0]) {
    for (const one of this.#buttons) one.tabIndex = one === button ? 0 : -1;
  }

  #draw() {
    for (const button of this.#buttons) {
      if (button.dataset.tool) {
        button.setAttribute("aria-pressed", String(button.dataset.tool === this.#state.tool));
      }
    }
  }
}
