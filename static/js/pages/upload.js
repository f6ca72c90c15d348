// The upload page. Expects [data-drop-zone] with <button data-choose="files|folder"> and
// <input type="file" data-input="files|folder">, and templates/studies/uploader.html.

import { itemsOfInput } from "../lib/dropped.js";
import { watchDrops } from "../views/dropping.js";
import { Uploader } from "../views/uploader.js";

const uploader = new Uploader(document.querySelector("[data-uploader]"));
watchDrops((items, unreadable) => uploader.take(items, unreadable));

for (const kind of ["files", "folder"]) {
  const input = document.querySelector(`[data-input="${kind}"]`);
  const button = document.querySelector(`[data-choose="${kind}"]`);
  // Phones have no folders to choose.
  if (kind === "folder" && !("webkitdirectory" in input)) button.hidden = true;
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    uploader.take(itemsOfInput(input.files));
    input.value = "";
  });
}
