// The menu of what two series share: [data-link-menu] with input[data-link=position|view|window|lines], [data-link-note],
// [data-link-here], [data-link-undo]; its button [data-link-button]. In the panes: whether a place is missing in a series.

import { _ } from "../state/words.js";

const WAYS = {
  patient: () => _("Both are in the same frame of reference: linked by the patient’s position."),
  hand: () => _("Linked by hand: the way between the two positions is kept."),
  images: () => _("Linked by hand: the images are counted on together."),
  none: () => _("These series state no common frame of reference. Show the same place in both, then choose “Link here”."),
};

export class LinkMenu {
  #menu;
  #button;
  #linking;
  #readings;
  #notes = new Map(); // pane → its note

  /**
   * @param onChange  (switches) → void, to be remembered
   * @param activeSide  () → 0 or 1: the other one follows it
   */
  constructor(menu, button, linking, { readings, say, onChange, activeSide }) {
    this.#menu = menu;
    this.#button = button;
    this.#linking = linking;
    this.#readings = readings;
    menu.addEventListener("change", ({ target }) => {
      if (!target.dataset.link) return;
      linking.set(target.dataset.link, target.checked, activeSide());
      onChange(linking.switches);
    });
    menu.querySelector("[data-link-here]").addEventListener("click", () => {
      linking.linkHere();
      say(WAYS[linking.way]());
    });
    menu.querySelector("[data-link-undo]").addEventListener("click", () => {
      linking.unlink();
      menu.querySelector("[data-link-here]").focus();
      say(_("The link by hand is undone."));
    });
    linking.addEventListener("link", () => this.#draw());
    linking.addEventListener("beside", ({ detail }) => {
      this.#drawBeside(detail);
      if (detail.isBeside) say(_("This place lies outside the other series."));
    });
    this.#draw();
  }

  #draw() {
    const { switches, way } = this.#linking;
    for (const input of this.#menu.querySelectorAll("[data-link]")) input.checked = switches[input.dataset.link];
    this.#menu.querySelector("[data-link-note]").textContent = WAYS[way]();
    this.#menu.querySelector("[data-link-undo]").hidden = way !== "hand" && way !== "images";
    const isLinked = (switches.position && way !== "none") || switches.view || switches.window;
    this.#button.dataset.linked = String(Boolean(isLinked));
  }

  #drawBeside({ side, isBeside }) {
    for (const pane of this.#readings[side].panes.values()) {
      let note = this.#notes.get(pane);
      if (!note && !isBeside) continue;
      if (!note) {
        note = document.createElement("div");
        note.className = "pane-beside";
        note.textContent = _("This place lies outside this series");
        pane.element.append(note);
        this.#notes.set(pane, note);
      }
      note.hidden = !isBeside;
    }
  }
}
