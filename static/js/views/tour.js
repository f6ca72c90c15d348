// The tour: a card in the corner (templates/viewer/tour.html) that points out one thing after another. It is not
// modal, covers no image, and takes the focus only when the reader asked for it. Offered once to an account.

import { _ } from "../state/words.js";

const RING = "tour-target";

function steps() {
  return [
    {
      at: "[role=toolbar]",
      title: _("Tools"),
      text: _("The chosen tool is on the left mouse button, or under one finger. Each has a letter. The middle button pans, the right one zooms."),
    },
    {
      at: ".pane .slice-slider:not([hidden]), .phone-slider",
      title: _("Slices"),
      text: _("Turn the wheel, press the arrow keys or drag the slider. Home and End go to the first and last."),
    },
    {
      at: "#panel-window .presets, [data-command=window]",
      title: _("Window and level"),
      text: _("Drag on the image with the window tool, or press 1 to 9 for a window from the panel. The numbers can be typed too."),
    },
    {
      at: "[data-tool=crosshair]",
      title: _("Crosshair"),
      text: _("Press on a point, and the other planes go there. Its lines can be dragged and turned for oblique planes."),
    },
    {
      at: "[data-tool=length]",
      title: _("Measuring"),
      text: _("Lengths, angles and areas are true to scale on every plane, and are listed in the panel."),
    },
    {
      at: ".saving",
      title: _("Nothing is lost"),
      text: _("What you do is saved as it happens, for you alone. Ctrl+Z takes back any step, and its name says which."),
    },
    {
      at: ".viewer-top [data-command=keys]",
      title: _("Keys and help"),
      text: _("Press ? for all keys; you can change them there, and take this tour again."),
    },
  ];
}

export class Tour {
  #card;
  #viewer;
  #say;
  #steps = [];
  #now = 0;
  #opener = null;

  /**
   * @param card    <section data-tour>
   * @param viewer  the page's .viewer
   * @param say     (text) → void
   */
  constructor(card, viewer, say) {
    this.#card = card;
    this.#viewer = viewer;
    this.#say = say;
    card.querySelector("[data-tour-next]").addEventListener("click", () => this.#walk(1));
    card.querySelector("[data-tour-back]").addEventListener("click", () => this.#walk(-1));
    card.querySelector("[data-tour-close]").addEventListener("click", () => this.end());
    card.addEventListener("keydown", (event) => this.#pressed(event));
  }

  get isOpen() {
    return !this.#card.hidden;
  }

  /** Show it without taking the focus: the reader may well have other plans. */
  offer() {
    this.#open();
    this.#say(_("A tour of the viewer is open in the corner."));
  }

  /** Begin because the reader asked for it. */
  start() {
    this.#opener = document.activeElement === document.body ? this.#viewer.querySelector(".pane.is-active") : document.activeElement;
    this.#open();
    this.#card.querySelector("[data-tour-next]").focus();
  }

  end() {
    if (!this.isOpen) return;
    const hadFocus = this.#card.contains(document.activeElement);
    this.#mark(null);
    this.#card.hidden = true;
    if (!hadFocus) return;
    const back = this.#opener?.isConnected ? this.#opener : this.#viewer.querySelector(".pane.is-active");
    back?.focus({ preventScroll: true });
  }

  #open() {
    // What this series or screen does not have is not pointed at.
    this.#steps = steps().filter(({ at }) => this.#target(at));
    this.#now = 0;
    this.#card.hidden = false;
    this.#draw();
  }

  #target(selector) {
    return [...this.#viewer.querySelectorAll(selector)].find((one) => one.getClientRects().length > 0) ?? null;
  }

  #walk(by) {
    this.#now += by;
    if (this.#now >= this.#steps.length) this.end();
    else this.#draw(true);
  }

  #draw(isSaid = false) {
    const { at, title, text } = this.#steps[this.#now];
    const find = (name) => this.#card.querySelector(`[data-tour-${name}]`);
    find("title").textContent = title;
    find("text").textContent = text;
    find("count").textContent = `${this.#now + 1} / ${this.#steps.length}`;
    const back = find("back");
    if (this.#now === 0 && document.activeElement === back) find("next").focus();
    back.hidden = this.#now === 0;
    find("next").textContent = this.#now === this.#steps.length - 1 ? _("Done") : _("Next");
    this.#mark(this.#target(at));
    if (isSaid) this.#say(`${title}. ${text}`);
  }

  #mark(target) {
    for (const one of this.#viewer.querySelectorAll(`.${RING}`)) one.classList.remove(RING);
    target?.classList.add(RING);
  }

  #pressed(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") this.end();
    else if (by && this.#now + by >= 0 && this.#now + by < this.#steps.length) this.#walk(by);
    else if (!by) return;
    event.preventDefault();
    event.stopPropagation();
  }
}
