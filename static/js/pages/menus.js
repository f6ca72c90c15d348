// Row menus and filters of tables. Expects
//   <button popovertarget="menu-1"></button> <ul class="menu" id="menu-1" popover>…</ul>
//   <form><select data-submits></select></form>
// The browser opens and closes the popover; here it is put under its button, or above where the page ends.

const GAP = 4;

function place(menu) {
  const button = document.querySelector(`[popovertarget="${menu.id}"]`);
  const anchor = button.getBoundingClientRect();
  const below = anchor.bottom + GAP;
  const fits = below + menu.offsetHeight <= window.innerHeight;
  menu.style.top = `${fits ? below : Math.max(GAP, anchor.top - GAP - menu.offsetHeight)}px`;
  menu.style.left = `${Math.max(GAP, anchor.right - menu.offsetWidth)}px`;
}

function moveWithArrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll("a, button:not([disabled])")];
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length].focus();
}

for (const menu of document.querySelectorAll(".menu[popover]")) {
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    place(menu);
    menu.querySelector("a, button:not([disabled])")?.focus();
  });
  menu.addEventListener("keydown", moveWithArrows);
}
// A fixed menu would stay behind when the page moves under it.
window.addEventListener("scroll", () => document.querySelector(".menu:popover-open")?.hidePopover(), { passive: true });

for (const select of document.querySelectorAll("select[data-submits]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
