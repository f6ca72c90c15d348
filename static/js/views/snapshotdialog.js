// What a picture is to show: <dialog data-snapshot-dialog>.

import { canCopyPictures } from "./snapshot.js";
import { _ } from "../state/words.js";

export class SnapshotDialog {
  #dialog;
  #take;

  /** @param take  ({ to: "file" | "clipboard", scope, annotations, crosshair, names }) → void */
  constructor(dialog, take) {
    this.#dialog = dialog;
    this.#take = take;
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.querySelector("[data-snapshot-save]").addEventListener("click", () => this.#finish("file"));
    const copy = dialog.querySelector("[data-snapshot-copy]");
    copy.addEventListener("click", () => this.#finish("clipboard"));
    copy.disabled = !canCopyPictures();
    if (copy.disabled) copy.title = _("Pictures can be copied only over HTTPS or on this computer.");
  }

  open() {
    this.#dialog.showModal();
  }

  #finish(to) {
    const { scope, annotations, crosshair, names } = this.#dialog.querySelector("form").elements;
    const how = { to, scope: scope.value, annotations: annotations.checked, crosshair: crosshair.checked, names: names.checked };
    this.#dialog.close();
    this.#take(how);
  }
}
