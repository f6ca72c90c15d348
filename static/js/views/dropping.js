// Files dropped anywhere on the page. Expects <div data-drop-veil hidden>, shown while files hover;
// an element with data-drop-zone, where there is one, is marked as well.

import { itemsOfInput, walkEntries } from "../lib/dropped.js";

const hasFiles = (event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");

/** Call `onItems(items, unreadable)` for each drop of files. */
export function watchDrops(onItems) {
  const veil = document.querySelector("[data-drop-veil]");
  const zone = document.querySelector("[data-drop-zone]");
  let depth = 0;
  const show = (over) => {
    if (!over) depth = 0;
    veil.hidden = !over;
    zone?.classList.toggle("is-over", over);
  };
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    show(true);
  });
  addEventListener("dragleave", (event) => {
    if (hasFiles(event) && (depth -= 1) <= 0) show(false);
  });
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(false);
    // The list of a drop empties itself once this handler returns: entries and files are taken now.
    const entries = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = entries.length ? [] : [...event.dataTransfer.files];
    const { items, unreadable } = await walkEntries(entries);
    items.push(...itemsOfInput(files));
    if (items.length || unreadable.length) onItems(items, unreadable);
  });
}
