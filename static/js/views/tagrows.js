// The rows of the list of tags: drawn some hundred at a time as they come into reach, walked through with the arrow
// keys, opened for what an element means and for copying. Expects in the panel
//   ol[data-tags] · [data-tag-more] after it · template[data-tag-row] · template[data-tag-details]

import { isItem } from "../lib/tagtree.js";
import { _ } from "../state/words.js";

const AT_ONCE = 150;

export class TagRows {
  #list;
  #more;
  #row;
  #details;
  #actions;
  #shown = [];
  #drawn = 0;
  #style = {};
  #open = null;
  #current = null;
  /** Keyword → explanation. */
  help = {};

  /** @param actions  { toggle(row), copy(row, "value" | "row") } */
  constructor(panel, actions) {
    this.#list = panel.querySelector("[data-tags]");
    this.#more = panel.querySelector("[data-tag-more]");
    this.#row = panel.querySelector("[data-tag-row]").content.firstElementChild;
    this.#details = panel.querySelector("[data-tag-details]").content.firstElementChild;
    this.#actions = actions;
    new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && this.#draw(), {
      rootMargin: "600px",
    }).observe(this.#more);
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    this.#list.addEventListener("keydown", (event) => this.#keyed(event));
    this.#list.addEventListener("focusin", ({ target }) => this.#makeCurrent(target.closest("li")));
  }

  /** Show *rows* (lib/tagtree.js) from the first one on; what was focused and open stays so. */
  show(rows, style) {
    const focused = this.#list.contains(document.activeElement) ? this.#current : null;
    this.#shown = rows;
    this.#style = style;
    this.#drawn = 0;
    this.#list.replaceChildren();
    this.#draw(Math.max(AT_ONCE, this.#place(this.#current) + 1, this.#place(this.#open) + 1));
    const current = this.#item(this.#current) ?? this.#list.firstElementChild;
    this.#makeCurrent(current);
    if (focused) current?.querySelector(".tag-main").focus({ preventScroll: true });
  }

  #draw(count = AT_ONCE) {
    const next = this.#shown.slice(this.#drawn, this.#drawn + count);
    this.#list.append(...next.map((row) => this.#element(row)));
    this.#drawn += next.length;
    this.#more.hidden = this.#drawn >= this.#shown.length;
  }

  #element(row) {
    const { element, other, depth, key, children, isSame } = row;
    const { tag, keyword, name, vr, value } = element ?? other;
    const item = this.#row.cloneNode(true);
    item.dataset.key = key;
    item.dataset.depth = Math.min(depth, 8);
    item.classList.toggle("is-different", this.#style.compares && !isSame);
    const label = isItem(row) ? _("Item %(number)s", { number: value }) : name || keyword || _("Private element");
    item.querySelector(".tag-name").textContent = label;
    item.querySelector("code").textContent = `${tag} ${vr}`.trim();
    const [first, second] = item.querySelectorAll(".tag-value");
    first.hidden = isItem(row);
    first.textContent = shownValue(element, this.#style.compares);
    second.hidden = isItem(row) || !this.#style.compares || isSame;
    second.textContent = shownValue(other, true);
    if (children) this.#addTwist(item, key, label);
    if (key === this.#open) this.#addDetails(item, row);
    return item;
  }

  #addTwist(item, key, label) {
    const twist = item.querySelector(".tag-twist");
    const isOpen = this.#style.isFiltered || this.#style.opened.has(key);
    twist.hidden = false;
    twist.disabled = this.#style.isFiltered;
    twist.setAttribute("aria-expanded", String(isOpen));
    twist.setAttribute("aria-label", label);
  }

  #addDetails(item, row) {
    const { keyword, tag } = row.element ?? row.other;
    const details = this.#details.cloneNode(true);
    const help = details.querySelector("[data-help]");
    help.textContent = this.help[keyword] ?? _("There is no explanation for this element.");
    help.classList.toggle("muted", !this.help[keyword]);
    details.querySelector("[data-keyword]").textContent = [keyword, tag].filter(Boolean).join(" · ");
    item.querySelector(".tag-main").setAttribute("aria-expanded", "true");
    item.append(details);
  }

  #clicked({ target }) {
    const item = target.closest("li");
    const row = item && this.#rowOf(item);
    if (!row) return;
    const copies = target.closest("[data-copy]");
    if (copies) this.#actions.copy(row, copies.dataset.copy);
    else if (target.closest(".tag-twist")) this.#actions.toggle(row);
    else if (target.closest(".tag-main")) this.#explain(item, row);
  }

  #explain(item, row) {
    const before = this.#open;
    const old = this.#item(before);
    old?.querySelector(".tag-details")?.remove();
    old?.querySelector(".tag-main").setAttribute("aria-expanded", "false");
    this.#open = before === row.key ? null : row.key;
    if (this.#open) this.#addDetails(item, row);
  }

  #keyed(event) {
    const item = event.target.closest("li");
    const row = item && this.#rowOf(item);
    if (!row || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "c" && !String(getSelection())) {
      this.#actions.copy(row, "value");
    } else if (event.ctrlKey || event.metaKey || !this.#walk(event.key, item, row)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** What an arrow key does; false where it does nothing here. */
  #walk(key, item, row) {
    const isOpen = this.#style.opened?.has(row.key);
    const next = {
      ArrowDown: () => item.nextElementSibling,
      ArrowUp: () => item.previousElementSibling,
      Home: () => this.#list.firstElementChild,
      End: () => this.#list.lastElementChild,
    }[key];
    if (next) {
      next()?.querySelector(".tag-main").focus();
      return true;
    }
    if (!["ArrowRight", "ArrowLeft"].includes(key)) return false;
    if (row.children && !this.#style.isFiltered && isOpen !== (key === "ArrowRight")) this.#actions.toggle(row);
    return true;
  }

  #makeCurrent(item) {
    if (!item) return;
    for (const other of this.#list.querySelectorAll(".tag-main[tabindex='0']")) other.tabIndex = -1;
    item.querySelector(".tag-main").tabIndex = 0;
    this.#current = item.dataset.key;
  }

  #item(key) {
    return key === null ? null : this.#list.querySelector(`:scope > [data-key="${CSS.escape(key)}"]`);
  }

  #rowOf(item) {
    return this.#shown.find(({ key }) => key === item.dataset.key);
  }

  #place(key) {
    return key === null ? -1 : this.#shown.findIndex((row) => row.key === key);
  }
}

/** The text of a value; a dash stands for an empty one, words for one that an image lacks. */
function shownValue(element, compares) {
  if (!element) return compares ? _("not there") : "";
  return element.value || "\u2014";
}
