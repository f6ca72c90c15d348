// /anonymise without a selection. Expects form[data-choose] with input[data-search], li per study with a checkbox
// [name=study], button[data-go] holding a <span>, and p[data-nothing].

import { _, ngettext } from "../state/words.js";

const form = document.querySelector("[data-choose]");

function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function count() {
  const chosen = form.querySelectorAll("input[name=study]:checked").length;
  const button = form.querySelector("[data-go]");
  button.disabled = chosen === 0;
  button.querySelector("span").textContent = chosen
    ? ngettext("Anonymise 1 study", "Anonymise %(count)s studies", chosen)
    : _("Anonymise the chosen ones");
}

function search(event) {
  const words = folded(event.target.value).split(/\s+/).filter(Boolean);
  const items = [...form.querySelectorAll("li")];
  for (const item of items) item.hidden = !words.every((word) => folded(item.textContent).includes(word));
  form.querySelector("[data-nothing]").hidden = items.some((item) => !item.hidden);
}

if (form) {
  form.querySelector("[data-search]").addEventListener("input", search);
  form.addEventListener("change", count);
  form.addEventListener("submit", () => (form.querySelector("[data-search]").value = ""));
  count();
}
