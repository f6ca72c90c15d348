// The code of a segment, from the list of common structures: <dialog data-segment-code> with a search field. The list
// comes from the server, in the reader's language, when it is first asked for.

import { requestJson } from "../http/request.js";
import { _, ngettext } from "../state/words.js";
import { element } from "./elements.js";
import { segmentName } from "./segmentwords.js";

const plainLetters = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class SegmentCode {
  #dialog;
  #context;
  #concepts = null;
  #target = null; // { segmentation, segment }

  /** @param context  { segmentations, toast } */
  constructor(dialog, context) {
    this.#dialog = dialog;
    this.#context = context;
    for (const close of dialog.querySelectorAll("[data-close]")) close.addEventListener("click", () => dialog.close());
    this.#find("search").addEventListener("input", () => this.#draw());
    this.#find("none").addEventListener("click", () => this.#choose(null));
    this.#find("list").addEventListener("click", ({ target }) => {
      const button = target.closest("[data-code]");
      if (button) this.#choose(this.#concepts.find(({ value }) => value === button.dataset.code));
    });
    dialog.addEventListener("keydown", (event) => this.#keyed(event));
  }

  #find(name) {
    return this.#dialog.querySelector(`[data-code-${name}]`);
  }

  async open(segmentation, segment) {
    this.#target = { segmentation, segment };
    const { code } = segment;
    const name = segmentName(segment);
    this.#find("now").textContent = code ? `${name}: ${code.meaning} (${code.scheme} ${code.value})` : _("%(name)s has no code yet.", { name });
    this.#find("none").disabled = !code;
    this.#find("search").value = "";
    this.#draw();
    this.#dialog.showModal();
    this.#find("search").focus();
    if (this.#concepts) return;
    try {
      this.#concepts = (await requestJson("/viewer/anatomy.json")).concepts;
      this.#draw();
    } catch (fault) {
      this.#find("note").textContent = fault.message;
    }
  }

  #draw() {
    if (!this.#concepts) return;
    const words = plainLetters(this.#find("search").value).split(/\s+/).filter(Boolean);
    const found = this.#concepts.filter(({ name, meaning, value }) => {
      const text = plainLetters(`${name} ${meaning} ${value}`);
      return words.every((word) => text.includes(word));
    });
    const now = this.#target?.segment.code?.value;
    const buttons = found.map(({ name, meaning, value }) => {
      const sub = [meaning !== name && meaning, `SCT ${value}`].filter(Boolean).join(" · ");
      const button = element("button", "code-choice", element("span", "", name), element("small", "muted", sub));
      button.type = "button";
      button.dataset.code = value;
      if (value === now) button.setAttribute("aria-current", "true");
      return button;
    });
    this.#find("list").replaceChildren(...buttons);
    this.#find("note").textContent = ngettext("%(count)s code", "%(count)s codes", found.length);
  }

  async #choose(concept) {
    const { segmentation, segment } = this.#target;
    this.#dialog.close();
    const code = concept && { value: concept.value, scheme: concept.scheme, meaning: concept.meaning };
    try {
      await this.#context.segmentations.changeSegment(segmentation.id, segment.number, { code });
    } catch (fault) {
      this.#context.toast.show(fault.message);
    }
  }

  /** From the field into the list and through it. */
  #keyed(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const choices = [...this.#find("list").children];
    if (event.key === "Enter" && event.target === this.#find("search") && choices.length) {
      event.preventDefault();
      choices[0].click();
    }
    if (!by) return;
    event.preventDefault();
    const next = choices.indexOf(document.activeElement) + by;
    (next < 0 ? this.#find("search") : choices[Math.min(next, choices.length - 1)])?.focus();
  }
}
