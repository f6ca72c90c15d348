// The phone's bar: the tools of its menu "More", and its fourth place (data-last-tool), which takes over the one that
// was chosen last. That is remembered in the preferences: phone_tool.

const KEY = "phone_tool";

export class PhoneTools {
  #more;
  #last;
  #preferences;

  /**
   * @param bar          .phone-bar
   * @param state        ViewerState
   * @param preferences  Preferences
   */
  constructor(bar, state, preferences) {
    this.#more = bar.querySelector(".phone-more");
    this.#last = bar.querySelector("[data-last-tool]");
    this.#preferences = preferences;
    this.#show(preferences.get(KEY));
    state.addEventListener("tool", () => this.#chosen(state.tool));
    this.#more.addEventListener("click", ({ target }) => target.closest("button") && this.#close());
    this.#more.addEventListener("keydown", (event) => this.#keyed(event));
    document.addEventListener("pointerdown", ({ target }) => !this.#more.contains(target) && this.#close());
  }

  /** A tool of the menu takes the last place; the others have places of their own. */
  #chosen(name) {
    if (this.#show(name) && this.#last.checkVisibility()) this.#preferences.set(KEY, name);
  }

  #show(name) {
    const item = name && this.#more.querySelector(`[data-tool="${CSS.escape(name)}"]`);
    if (!item) return false;
    this.#last.dataset.tool = name;
    this.#last.querySelector("use").setAttribute("href", item.querySelector("use").getAttribute("href"));
    this.#last.querySelector("span").textContent = item.dataset.short;
    return true;
  }

  #keyed(event) {
    if (event.key !== "Escape" || !this.#more.open) return;
    event.stopPropagation();
    this.#close();
    this.#more.querySelector("summary").focus();
  }

  #close() {
    this.#more.open = false;
  }
}
