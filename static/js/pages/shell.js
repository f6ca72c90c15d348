// On every page. Expects <form data-theme-switch> with one <button name="theme" value="light|dark">:
// the theme changes at once and the form is sent behind it. "/" focuses the page's search field.

import { forgetUnsent } from "../http/outbox.js";
import { csrfToken } from "../http/request.js";
import { _ } from "../state/words.js";

function switchTheme(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  const theme = button.value;
  document.documentElement.dataset.bsTheme = theme;
  const dark = theme === "dark";
  const label = dark ? _("Switch to the light theme") : _("Switch to the dark theme");
  button.value = dark ? "light" : "dark";
  button.title = label;
  button.setAttribute("aria-label", label);
  const use = button.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, dark ? "#moon" : "#sun"));
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() }, redirect: "manual" });
}

for (const form of document.querySelectorAll("[data-theme-switch]")) form.addEventListener("submit", switchTheme);

// What a viewer left unsent in this tab is nobody's any more once its reader signs out.
for (const form of document.querySelectorAll("form[action$='/logout']")) {
  form.addEventListener("submit", () => forgetUnsent(sessionStorage));
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("input[type=search]");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  }
});
