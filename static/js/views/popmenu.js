// A menu that is made when it is opened, beside the button that opens it: <ul class="menu" popover role="menu">. Arrow
// keys walk through it, Escape and a press elsewhere close it, and the focus goes back to the button.

import { element, icon } from "./elements.js";

const GAP = 4;
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * @param button  what opens it
 * @param items   { label, icon?, node?, act, isOn?, isDanger?, reason?, group? } in order; null draws a line; *node*
 *                stands for the icon, *reason* says why an item does nothing now, items of one *group* stand in a row
 * @param label   what the menu is called
 */
export function openMenu(button, items, { label, sprite }) {
  const menu = element("ul", "menu pop-menu");
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", label);
  menu.append(...linesOf(items, menu, sprite));
  (button.closest("dialog") ?? button.closest(".viewer") ?? document.body).append(menu);
  menu.addEventListener("toggle", ({ newState }) => newState === "closed" && menu.remove());
  menu.addEventListener("keydown", (event) => walk(menu, event));
  button.setAttribute("aria-expanded", "true");
  menu.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement)) button.focus({ preventScroll: true });
  });
  menu.showPopover();
  place(menu, button);
  itemsOf(menu)[0]?.focus({ preventScroll: true });
  return menu;
}

function linesOf(items, menu, sprite) {
  const lines = [];
  let row = null;
  for (const item of items) {
    if (item?.group) {
      if (row?.dataset.group !== item.group) {
        row = element("li", "pop-row");
        row.dataset.group = item.group;
        row.setAttribute("role", "none");
        lines.push(row);
      }
      row.append(itemOf(item, menu, sprite));
      continue;
    }
    row = null;
    const line = element("li", "", item ? itemOf(item, menu, sprite) : element("hr"));
    line.setAttribute("role", item ? "none" : "separator");
    lines.push(line);
  }
  return lines;
}

function itemOf({ label, icon: name, node, act, isOn, isDanger, reason = "", group }, menu, sprite) {
  const item = element("button", isDanger ? "danger" : "");
  item.type = "button";
  item.tabIndex = -1;
  item.setAttribute("role", isOn === undefined ? "menuitem" : "menuitemradio");
  if (isOn !== undefined) item.setAttribute("aria-checked", String(isOn));
  if (node || name) item.append(node ?? icon(sprite, name));
  if (group) {
    item.title = label;
    item.setAttribute("aria-label", label);
  } else {
    item.append(element("span", "", label));
  }
  if (reason) {
    item.setAttribute("aria-disabled", "true");
    item.title = reason;
  }
  item.addEventListener("click", () => {
    if (reason) return;
    menu.hidePopover();
    act();
  });
  return item;
}

const itemsOf = (menu) => [...menu.querySelectorAll("button")];

function walk(menu, event) {
  event.stopPropagation(); // the keys are the menu's while it is open
  const items = itemsOf(menu);
  const now = items.indexOf(document.activeElement);
  if (event.key in STEPS) {
    event.preventDefault();
    items[(now + STEPS[event.key] + items.length) % items.length].focus();
  } else if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    items.at(event.key === "Home" ? 0 : -1).focus();
  } else if (event.key === "Tab") {
    event.preventDefault();
    menu.hidePopover();
  } else if (event.key === "Escape") {
    event.preventDefault();
    menu.hidePopover();
  }
}

function place(menu, button) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isBelow = bottom + GAP + height <= innerHeight;
  const across = left + width <= innerWidth - GAP ? left : Math.max(GAP, right - width);
  menu.style.left = `${Math.min(across, Math.max(GAP, innerWidth - width - GAP))}px`;
  menu.style.top = `${isBelow ? bottom + GAP : Math.max(GAP, top - GAP - height)}px`;
}
