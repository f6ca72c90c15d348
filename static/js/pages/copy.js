// Copies what is shown once. Expects
//   <input id="secret" readonly> <button type="button" data-copies="secret"><svg><use></use></svg><span>Copy</span></button>
// Where the clipboard is closed to the page (plain http beyond localhost), the text is selected instead.

import { _ } from "../state/words.js";

async function copy(event) {
  const button = event.currentTarget;
  const source = document.getElementById(button.dataset.copies);
  const label = button.querySelector("span");
  source.select();
  let copied = false;
  try {
    await navigator.clipboard.writeText(source.value);
    copied = true;
  } catch {
    copied = document.execCommand("copy");
  }
  label.textContent = copied ? _("Copied") : _("Selected: press Ctrl+C");
  const use = button.querySelector("use");
  if (copied) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#check2"));
}

for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", copy);
