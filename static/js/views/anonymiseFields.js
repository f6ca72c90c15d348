// The seventeen fields: what the preset fills in, what the user writes over it, what becomes of each.
// Expects in the form: input[name=KEYWORD], [data-fate-of=KEYWORD] and p[data-note-of=KEYWORD];
// in the page: <template data-will="removed|replaced|kept"> with the word and icon of each fate.

import { fateOf, isOverride, normalise, overridesOf, problemOf } from "../lib/anonymise.js";
import { _ } from "../state/words.js";

const WORDS = {
  date: () => _("Write a date of the calendar as YYYYMMDD, like 19700131."),
  age: () => _("Write three digits and D, W, M or Y, like 045Y."),
  number: () => _("Write kilograms between 0 and 1000 with a point, like 71.5."),
  sex: () => _("Write F, M or O, or nothing."),
  sign: () => _("Leave out backslashes and control characters."),
  parts: () => _("A name has up to five parts, divided by ^."),
  long: ({ limit }) => _("At most %(limit)s characters fit.", { limit }),
};

export class AnonymiseFields extends EventTarget {
  #form;
  #fields;
  #prefills;
  #templates = {};

  constructor(form, fields, prefills) {
    super();
    this.#form = form;
    this.#fields = fields;
    this.#prefills = prefills;
    for (const template of document.querySelectorAll("template[data-will]")) {
      this.#templates[template.dataset.will] = template;
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => this.#typed(event.target.name));
    form.addEventListener("change", (event) => this.#left(event.target.name));
    for (const field of fields) this.#draw(field);
  }

  /** Refill from another preset; what the user wrote himself stays. */
  refill(prefills, { all = false } = {}) {
    const before = this.#prefills;
    this.#prefills = prefills;
    for (const field of this.#fields) {
      const input = this.#input(field.keyword);
      if (all || !isOverride(field, before[field.keyword], input.value)) input.value = prefills[field.keyword].value;
      input.placeholder = prefills[field.keyword].hint;
      this.#draw(field);
    }
    this.#tell();
  }

  /** { keyword: value } of what the user wrote over the preset. */
  get overrides() {
    return overridesOf(this.#fields, this.#prefills, this.#texts());
  }

  /** Whether every field holds what may stand in it. */
  get isValid() {
    const texts = this.#texts();
    return this.#fields.every((field) => !problemOf(field, texts[field.keyword]));
  }

  /** The first field with a fault gets the focus. */
  focusProblem() {
    this.#form.querySelector(".is-invalid")?.focus();
  }

  /** Show what the server found wrong with one field; false when it is none of them. */
  showFault(keyword, message) {
    const field = this.#fields.find((one) => one.keyword === keyword);
    if (field) this.#note(field, message);
    return Boolean(field);
  }

  #input(keyword) {
    return this.#form.elements.namedItem(keyword);
  }

  #texts() {
    return Object.fromEntries(this.#fields.map(({ keyword }) => [keyword, this.#input(keyword).value]));
  }

  #typed(keyword) {
    this.#draw(this.#fields.find((field) => field.keyword === keyword));
    this.#tell();
  }

  #left(keyword) {
    const field = this.#fields.find((one) => one.keyword === keyword);
    const input = this.#input(keyword);
    if (!problemOf(field, input.value)) input.value = normalise(field, input.value);
    this.#draw(field);
  }

  #draw(field) {
    const { value } = this.#input(field.keyword);
    const prefill = this.#prefills[field.keyword];
    const cell = this.#form.querySelector(`[data-fate-of="${field.keyword}"]`);
    cell.replaceChildren(this.#templates[fateOf(field, prefill, value)].content.cloneNode(true));
    this.#input(field.keyword).classList.toggle("is-own", isOverride(field, prefill, value));
    const problem = problemOf(field, value);
    this.#note(field, problem ? WORDS[problem.code](problem) : "");
  }

  #note(field, text) {
    const note = this.#form.querySelector(`[data-note-of="${field.keyword}"]`);
    const input = this.#input(field.keyword);
    note.textContent = text;
    note.hidden = !text;
    input.classList.toggle("is-invalid", Boolean(text));
    input.setAttribute("aria-invalid", text ? "true" : "false");
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
