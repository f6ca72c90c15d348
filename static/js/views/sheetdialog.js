// A page of paper with key images and measurements: <dialog data-sheet-dialog>. Up to nine are chosen.

import { keyImagesOf, measurementsOf } from "../lib/marklist.js";
import { fileName } from "../lib/snapshot.js";
import { savedFirst } from "../state/savedfirst.js";
import { _ } from "../state/words.js";
import { element } from "./elements.js";
import { nameOf, placeWords } from "./markwords.js";
import { save } from "./snapshot.js";

const MOST = 9;

export class SheetDialog {
  #dialog;
  #context;
  #abort = new AbortController();

  constructor(dialog, context) {
    this.#dialog = dialog;
    this.#context = context;
    this.#find("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#abort.abort());
    this.#find("[data-sheet-items]").addEventListener("change", () => this.#count());
    this.#find("[data-sheet-save]").addEventListener("click", () => this.#save());
  }

  open() {
    const { marks } = this.#context;
    // Key images first: they were kept to be shown.
    const items = [...keyImagesOf(marks.all), ...measurementsOf(marks.all)];
    const chosen = this.#find("[data-sheet-items]").childElementCount ? new Set(this.#chosen) : null;
    this.#find("[data-sheet-items]").replaceChildren(
      ...items.map((mark, n) => {
        const box = Object.assign(document.createElement("input"), { type: "checkbox", value: mark.id });
        box.checked = chosen ? chosen.has(mark.id) : n < MOST;
        const words = element("span", "", nameOf(mark, marks.all), " ", element("span", "muted", placeWords(mark, this.#context)));
        return element("label", "check", box, words);
      }),
    );
    this.#fault("");
    this.#count();
    this.#dialog.showModal();
  }

  get #chosen() {
    return [...this.#dialog.querySelectorAll("[data-sheet-items] input:checked")].map(({ value }) => value);
  }

  #find(selector) {
    return this.#dialog.querySelector(selector);
  }

  /** Nine fit on the page: then no more can be chosen. */
  #count() {
    const count = this.#chosen.length;
    for (const box of this.#dialog.querySelectorAll("[data-sheet-items] input")) box.disabled = !box.checked && count >= MOST;
    this.#find("[data-sheet-note]").textContent = _("%(count)s of %(most)s chosen", { count, most: MOST });
    this.#find("[data-sheet-save]").disabled = count === 0;
  }

  #fault(text) {
    const box = this.#find("[data-sheet-fault]");
    box.hidden = !text;
    box.querySelector("span").textContent = text;
  }

  async #save() {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const button = this.#find("[data-sheet-save]");
    button.disabled = true;
    this.#fault("");
    this.#find("[data-sheet-note]").textContent = _("Making the page");
    try {
      await savedFirst(this.#context.autosave);
      const pdf = await this.#context.reports.sheet(this.#chosen, this.#find("[data-sheet-name]").checked, signal);
      save(pdf, fileName([this.#context.series.modality, "sheet"], "pdf"));
      this.#dialog.close();
      this.#context.toast.show(_("Sheet saved"));
    } catch (fault) {
      if (!signal.aborted) this.#fault(fault.message);
    } finally {
      this.#count();
    }
  }
}
