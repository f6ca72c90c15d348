// The statistics of all segments of a segmentation: <dialog data-segment-table>. Columns are sorted by their heads; the
// CSV is the server's, with all digits.

import { _ } from "../state/words.js";
import { element, icon } from "./elements.js";
import { segmentSwatch } from "./segmentrow.js";
import { segmentationName, statisticsColumns, statisticsText } from "./segmentwords.js";

export class SegmentTable {
  #dialog;
  #context;
  #segmentation = null;
  #sort = { key: "number", sense: 1 };
  #columns;
  #sprite;

  /** @param context  { series, segmentations } */
  constructor(dialog, context) {
    this.#dialog = dialog;
    this.#context = context;
    this.#columns = statisticsColumns(context.series);
    this.#sprite = dialog.querySelector("use").getAttribute("href").split("#")[0];
    for (const close of dialog.querySelectorAll("[data-close]")) close.addEventListener("click", () => dialog.close());
    context.segmentations.addEventListener("segmentations", () => dialog.open && this.#draw());
  }

  open(segmentation) {
    this.#segmentation = segmentation.id;
    this.#draw();
    this.#dialog.showModal();
  }

  #draw() {
    const segmentation = this.#context.segmentations.get(this.#segmentation);
    if (!segmentation) return this.#dialog.close();
    this.#dialog.querySelector("[data-table-title]").textContent = segmentationName(segmentation);
    this.#dialog.querySelector("[data-table-csv]").href = this.#context.segmentations.client.statisticsUrl(segmentation.id);
    const head = element("tr", "", ...this.#columns.map((column) => this.#head(column)));
    const rows = this.#sorted(segmentation.segments).map((segment) => this.#row(segment));
    const table = this.#dialog.querySelector("table");
    const focused = document.activeElement?.dataset?.sort;
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(...rows);
    if (focused) table.querySelector(`[data-sort="${focused}"]`)?.focus();
    return undefined;
  }

  #head(column) {
    const isSorted = this.#sort.key === column.key;
    const button = element("button", "", column.label);
    button.type = "button";
    button.dataset.sort = column.key;
    if (isSorted) button.append(icon(this.#sprite, "chevron-down", this.#sort.sense > 0 ? "is-rising" : ""));
    button.addEventListener("click", () => {
      this.#sort = { key: column.key, sense: isSorted ? -this.#sort.sense : column.isText || column.key === "number" ? 1 : -1 };
      this.#draw();
    });
    const cell = element("th", column.isText ? "" : "num", button);
    cell.scope = "col";
    if (isSorted) cell.setAttribute("aria-sort", this.#sort.sense > 0 ? "ascending" : "descending");
    return cell;
  }

  #sorted(segments) {
    const { key, sense } = this.#sort;
    const value = (segment) => (key === "centroid_lps" ? segment.centroid_lps?.[2] : segment[key]);
    return [...segments].sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === b) return one.number - other.number;
      if (a === null || a === undefined) return 1; // what is not known is last, whichever way
      if (b === null || b === undefined) return -1;
      return sense * (typeof a === "string" ? a.localeCompare(b, document.documentElement.lang) : a - b);
    });
  }

  #row(segment) {
    const cells = this.#columns.map((column) => {
      const text = statisticsText(segment, column);
      if (!column.isText) return element("td", "num", text);
      return element("td", "main", segmentSwatch(segment.color), ` ${text}`);
    });
    return element("tr", "", ...cells);
  }
}
