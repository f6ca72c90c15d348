// Puts a row's menu beside its button. Expects <button popovertarget="ID"> and <ul id="ID" class="row-menu" popover>.

const GAP = 4;
const BAR = 60; // the phone's

function place(menu) {
  const buttons = [...document.querySelectorAll(`[popovertarget="${menu.id}"]`)];
  const button = buttons.find((one) => one.checkVisibility());
  // Opened from a menu that closed: above the bar which that belongs to.
  const above = { right: innerWidth - GAP, top: innerHeight - BAR, bottom: innerHeight };
  const { right, top, bottom } = button?.getBoundingClientRect() ?? above;
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = bottom + GAP + height <= innerHeight;
  menu.style.left = `${Math.max(GAP, right - width)}px`;
  menu.style.top = `${below ? bottom + GAP : Math.max(GAP, top - GAP - height)}px`;
}

/** Place menus as they open, also those that are swapped in later; arrow keys walk through them. */
export function watchMenus() {
  document.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches?.(".row-menu") || event.newState !== "open") return;
      place(event.target);
      event.target.querySelector("a, button")?.focus({ preventScroll: true });
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(".row-menu");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!menu || !step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("a, button")];
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });
  addEventListener("scroll", () => document.querySelector(".row-menu:popover-open")?.hidePopover(), { passive: true });
}
