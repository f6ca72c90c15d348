// Bringing in masks: from the button, dropped onto the viewer, or found among the reader's files. Each file shows how
// far it is; one that is refused says why and stays until it is closed. A file of another frame of reference is placed
// only after asking.
//   <ul data-segments-import-list> in the panel · <input type="file" data-segments-file> · <div data-drop-veil>

import { _, ngettext } from "../state/words.js";
import { confirmed } from "./confirming.js";
import { watchDrops } from "./dropping.js";
import { element, icon } from "./elements.js";
import { iconButton } from "./segmentrow.js";
import { segmentationName } from "./segmentwords.js";

const ASK = ["other_frame", "unknown_place"]; // may be placed all the same

export class SegmentImport {
  #context;
  #list;
  #file;
  #sprite;
  #dialog;
  #last = Promise.resolve();

  /**
   * @param root     the panel's tab
   * @param context  { segmentations, toast, say, commands, panel? }
   * @param dialog   the question's
   */
  constructor(root, context, dialog) {
    this.#context = context;
    this.#dialog = dialog;
    this.#sprite = root.querySelector("use").getAttribute("href").split("#")[0];
    this.#list = root.querySelector("[data-segments-import-list]");
    this.#file = root.querySelector("[data-segments-file]");
    this.#file.addEventListener("change", () => {
      this.take([...this.#file.files]);
      this.#file.value = "";
    });
  }

  /** Take what is dropped anywhere on the page, while *isActive* says so. */
  watch(isActive = () => true) {
    watchDrops((items) => isActive() && this.take(items.map(({ file }) => file)));
  }

  choose() {
    this.#file.click();
  }

  /** One file after the other: the server has other readers too. */
  take(files) {
    if (!files.length) return;
    this.#context.showTab?.();
    for (const file of files) {
      const row = this.#row(file.name);
      const send = (options) => this.#context.segmentations.client.importFile(file, options);
      this.#last = this.#last.then(() => this.#run(row, send));
    }
  }

  /** A file that the server has already. */
  takeFound(one) {
    if (!one) return;
    const row = this.#row(one.name || one.series_description || one.kind);
    const { client } = this.#context.segmentations;
    const send = (options) => client.importFound(one.instance_id, options);
    this.#last = this.#last.then(() => this.#run(row, send));
  }

  #row(name) {
    const bar = element("progress", "bar");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", _("How far %(name)s is", { name }));
    const told = element("span", "small muted", _("Waiting"));
    const stop = iconButton(this.#sprite, "x-lg", _("Cancel %(name)s", { name }));
    const abort = new AbortController();
    const line = element("li", "import-row", element("span", "import-name", name), stop, bar, told);
    stop.addEventListener("click", () => {
      abort.abort();
      line.remove();
    });
    this.#list.append(line);
    return { name, line, bar, told, stop, signal: abort.signal };
  }

  async #run(row, send) {
    if (row.signal.aborted) return;
    const onProgress = (fraction) => {
      if (fraction === null) row.bar.removeAttribute("value");
      else row.bar.value = fraction;
      row.told.textContent = fraction === null ? _("Placing on these images") : _("Uploading: %(percent)s", { percent: `${Math.round(fraction * 100)}\u00a0%` });
    };
    onProgress(0);
    try {
      const made = await this.#asking(row, (options) => send({ ...options, onProgress, signal: row.signal }));
      row.line.remove();
      if (made) this.#show(made);
    } catch (fault) {
      if (!row.signal.aborted) this.#refuse(row, fault);
    }
  }

  /** Send, and once more where the reader says that it is the same place all the same. */
  async #asking(row, send) {
    try {
      return await send({});
    } catch (fault) {
      if (fault.status !== 409 || !ASK.includes(fault.code)) throw fault;
      const isSame = await confirmed(this.#dialog, {
        title: _("Another frame of reference"),
        text: fault.message,
        note: _("Only place it if you know that both were made in the same position, for example in one session on one machine."),
        yes: _("Place it all the same"),
      });
      return isSame ? send({ isSamePlace: true }) : null;
    }
  }

  #show(made) {
    const { segmentations, toast } = this.#context;
    segmentations.put(made);
    const count = made.segments?.length ?? 0;
    const told = ngettext("%(name)s: %(count)s segment", "%(name)s: %(count)s segments", count, { name: segmentationName(made) });
    const warned = made.warnings?.length ? ` · ${ngettext("%(count)s warning", "%(count)s warnings", made.warnings.length)}` : "";
    toast.show(told + warned);
  }

  #refuse(row, { message }) {
    row.line.classList.add("is-refused");
    row.bar.remove();
    const words = message.charAt(0).toUpperCase() + message.slice(1);
    row.told.replaceWith(element("p", "invalid-feedback", icon(this.#sprite, "exclamation-circle"), element("span", "", words)));
    row.stop.title = _("Close");
    row.stop.setAttribute("aria-label", _("Close %(name)s", { name: row.name }));
    this.#context.say(`${row.name}: ${message}`);
  }
}
