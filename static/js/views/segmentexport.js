// What leaves as files: <dialog data-segment-export> with formats and segments to choose. One format is its file, all
// else a ZIP, as the server answers it.

import { _, ngettext } from "../state/words.js";
import { element } from "./elements.js";
import { segmentSwatch } from "./segmentrow.js";
import { segmentName, segmentationName } from "./segmentwords.js";
import { save } from "./snapshot.js";

export class SegmentExport {
  #dialog;
  #segmentations;
  #segmentation = null;
  #abort = null;

  constructor(dialog, { segmentations }) {
    this.#dialog = dialog;
    this.#segmentations = segmentations;
    for (const close of dialog.querySelectorAll("[data-close]")) close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#abort?.abort());
    dialog.addEventListener("change", () => this.#tell());
    this.#find("[data-export-all]").addEventListener("click", () => this.#chooseAll());
    this.#find("[data-export-save]").addEventListener("click", () => this.#save());
  }

  #find(selector) {
    return this.#dialog.querySelector(selector);
  }

  /** @param numbers  of the segments that are chosen at first; all where none are named */
  open(segmentation, numbers = null) {
    this.#segmentation = segmentation;
    this.#find("[data-export-title]").textContent = _("Export %(name)s", { name: segmentationName(segmentation) });
    const choices = segmentation.segments.map((segment) => {
      const box = element("input");
      Object.assign(box, { type: "checkbox", name: "segment", value: segment.number });
      box.checked = segment.voxels !== 0 && (!numbers || numbers.includes(segment.number));
      return element("label", "check", box, segmentSwatch(segment.color, String(segment.number)), segmentName(segment));
    });
    this.#find("[data-export-segments]").replaceChildren(...choices);
    this.#fault("");
    this.#tell();
    this.#dialog.showModal();
  }

  #chosen(name) {
    return [...this.#dialog.querySelectorAll(`input[name=${name}]:checked`)].map(({ value }) => value);
  }

  #chooseAll() {
    const boxes = [...this.#dialog.querySelectorAll("input[name=segment]")];
    const isAll = boxes.every(({ checked }) => checked);
    for (const box of boxes) box.checked = !isAll;
    this.#tell();
  }

  #tell() {
    const [formats, segments] = [this.#chosen("format"), this.#chosen("segment")];
    const isWhole = formats.length > 0 && segments.length > 0;
    this.#find("[data-export-save]").disabled = !isWhole || Boolean(this.#abort);
    const many = ngettext("%(count)s segment", "%(count)s segments", segments.length);
    this.#find("[data-export-note]").textContent = isWhole ? `${many} · ${formats.map((name) => name.toUpperCase()).join(", ")}` : _("Choose at least one format and one segment.");
    const isEvery = segments.length === this.#segmentation.segments.length;
    this.#find("[data-export-all]").textContent = isEvery ? _("None") : _("All");
  }

  async #save() {
    const [formats, numbers] = [this.#chosen("format"), this.#chosen("segment")];
    const { client } = this.#segmentations;
    const isEvery = numbers.length === this.#segmentation.segments.length;
    this.#abort = new AbortController();
    this.#busy(true);
    this.#fault("");
    try {
      const { blob, name } = await client.exported(this.#segmentation.id, formats, isEvery ? null : numbers, this.#abort.signal);
      save(blob, name);
      this.#dialog.close();
    } catch (fault) {
      if (!this.#abort.signal.aborted) this.#fault(fault.message);
    } finally {
      this.#abort = null;
      this.#busy(false);
    }
  }

  #busy(isBusy) {
    this.#find("[data-export-save]").disabled = isBusy;
    this.#find("[data-export-progress]").hidden = !isBusy;
  }

  #fault(message) {
    const place = this.#find("[data-export-fault]");
    place.hidden = !message;
    place.querySelector("span").textContent = message;
  }
}
