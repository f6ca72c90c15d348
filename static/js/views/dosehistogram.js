// Dose–volume histograms: <dialog data-dose-histogram> with a chart (SVG) and a table. Each line has its segment's
// colour and a dash of its own, and stands in the table under its name.

import { CHART, dvhPath, placeOn, shareAt, ticks } from "../lib/dosechart.js";
import { decimal, plain } from "../lib/numbers.js";
import { _ } from "../state/words.js";
import { element } from "./elements.js";
import { segmentSwatch } from "./segmentrow.js";
import { segmentName, segmentationName, volumeText } from "./segmentwords.js";

const SVG = "http://www.w3.org/2000/svg";
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 2"];

export class DoseHistogram {
  #dialog;
  #doses;
  #segmentations;
  #drawn = []; // the segments that have a line
  #abort = null;

  /** @param context  { segmentations, doses } */
  constructor(dialog, { segmentations, doses }) {
    this.#dialog = dialog;
    this.#doses = doses;
    this.#segmentations = segmentations;
    for (const close of dialog.querySelectorAll("[data-close]")) close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#abort?.abort());
    this.#find("[data-dvh-segmentation]").addEventListener("change", () => this.#load());
    this.#find("[data-dvh-dose]").addEventListener("change", () => this.#load());
    const chart = this.#find(".dvh-chart");
    chart.addEventListener("pointermove", (event) => this.#read(event));
    chart.addEventListener("pointerleave", () => this.#read(null));
  }

  /** Why there is none now, or "". */
  get reason() {
    return this.#usable.length ? "" : _("There is no dose on this series.");
  }

  get #usable() {
    return this.#doses.all.filter(({ reason }) => !reason);
  }

  /** Of a segmentation, or of a dose; the other one is chosen in the dialog. */
  open(segmentation = null, dose = null) {
    if (!this.#segmentations.all.length || !this.#usable.length) {
      this.#fill([], []);
      this.#tell(_("A histogram needs a dose and segments on the same series."));
    } else {
      this.#fill(this.#segmentations.all, this.#usable, segmentation?.id, dose?.instance_id);
      this.#load();
    }
    this.#dialog.showModal();
  }

  #find(selector) {
    return this.#dialog.querySelector(selector);
  }

  #fill(segmentations, doses, segmentation, dose) {
    const option = (value, text, isChosen) => Object.assign(element("option", "", text), { value, selected: isChosen });
    this.#find("[data-dvh-segmentation]").replaceChildren(...segmentations.map((one) => option(one.id, segmentationName(one), one.id === segmentation)));
    this.#find("[data-dvh-dose]").replaceChildren(...doses.map((one) => option(one.instance_id, one.name || one.series_description || _("Dose"), one.instance_id === dose)));
    this.#clear();
  }

  #clear() {
    this.#find(".dvh-chart").replaceChildren();
    this.#find("tbody").replaceChildren();
  }

  #tell(words, isFault = false) {
    const note = this.#find("[data-dvh-note]");
    note.textContent = words;
    note.classList.toggle("is-fault", isFault);
  }

  async #load() {
    this.#abort?.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const segmentation = this.#segmentations.get(this.#find("[data-dvh-segmentation]").value);
    const dose = this.#usable.find(({ instance_id: id }) => id === this.#find("[data-dvh-dose]").value);
    if (!segmentation || !dose) return;
    this.#tell(_("Counting the dose of each voxel"));
    try {
      const { segments } = await this.#doses.client.doseVolume(dose, segmentation.id, signal);
      if (signal.aborted) return;
      this.#draw(segmentation, segments, dose);
    } catch (fault) {
      if (signal.aborted) return;
      this.#clear();
      this.#tell(fault.message, true);
    }
  }

  #draw(segmentation, segments, dose) {
    const found = segments.filter(({ dvh }) => dvh);
    this.#drawn = found.map((one, n) => ({ ...one, ...segmentation.segments.find(({ number }) => number === one.number), dvh: one.dvh, dash: DASHES[n % DASHES.length] }));
    const most = Math.max(...found.map(({ dvh }) => dvh.max), dose.max_gy / 100) * 1.02;
    this.#chart(most);
    this.#table();
    const missing = segments.filter(({ dvh }) => !dvh).map(segmentName);
    const partly = this.#drawn.filter(({ dvh }) => dvh.covered_ml < 0.999 * dvh.volume_ml).map(segmentName);
    this.#tell([missing.length && _("The dose does not reach: %(names)s.", { names: missing.join(", ") }), partly.length && _("Only partly within the dose: %(names)s.", { names: partly.join(", ") })].filter(Boolean).join(" "));
  }

  #chart(most) {
    const chart = this.#find(".dvh-chart");
    const place = placeOn(most);
    chart.setAttribute("viewBox", `0 0 ${CHART.width} ${CHART.height}`);
    const parts = [];
    for (const gray of ticks(most)) {
      parts.push(line("grid", place.x(gray), place.y(0), place.x(gray), place.y(1)), text(place.x(gray), place.y(0) + 14, plain(gray), "middle"));
    }
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      parts.push(line("grid", place.x(0), place.y(share), place.x(most), place.y(share)), text(place.x(0) - 6, place.y(share) + 4, `${100 * share}\u00a0%`, "end"));
    }
    parts.push(text(place.x(most / 2), CHART.height - 4, _("Dose (Gy)"), "middle"));
    for (const { dvh, color, dash } of this.#drawn) {
      const path = made("path", { class: "dvh-line", d: dvhPath(dvh, place), stroke: color });
      if (dash) path.setAttribute("stroke-dasharray", dash);
      parts.push(path);
    }
    chart.replaceChildren(...parts, made("line", { class: "dvh-cursor", y1: place.y(0), y2: place.y(1), visibility: "hidden" }));
    chart.dataset.most = most;
  }

  #table() {
    const rows = this.#drawn.map(({ dvh, color, dash, ...segment }) => {
      const sample = made("svg", { class: "dvh-sample", viewBox: "0 0 28 8", "aria-hidden": "true" });
      const stroke = made("path", { d: "M0 4H28", stroke: color, class: "dvh-line" });
      if (dash) stroke.setAttribute("stroke-dasharray", dash);
      sample.append(stroke);
      const number = (value) => element("td", "num", Number.isFinite(value) ? decimal(value, 2) : "\u2014");
      const name = element("td", "main", segmentSwatch(color), ` ${segmentName(segment)} `, sample);
      const at = element("td", "num dvh-at", "");
      return element("tr", "", name, element("td", "num", volumeText(dvh.volume_ml)), ...["min", "mean", "max", "d98", "d95", "d50", "d2"].map((key) => number(dvh[key])), at);
    });
    this.#find("tbody").replaceChildren(...rows);
  }

  /** The share of each segment at the dose under the pointer. */
  #read(event) {
    const chart = this.#find(".dvh-chart");
    const cursor = chart.querySelector(".dvh-cursor");
    if (!cursor) return;
    const head = this.#find("[data-dvh-at]");
    const cells = [...this.#dialog.querySelectorAll(".dvh-at")];
    const matrix = event && chart.getScreenCTM();
    const x = matrix ? (event.clientX - matrix.e) / matrix.a : NaN;
    const most = Number(chart.dataset.most);
    const gray = ((x - CHART.left) / (CHART.width - CHART.left - CHART.right)) * most;
    const isIn = gray >= 0 && gray <= most;
    cursor.setAttribute("visibility", isIn ? "visible" : "hidden");
    head.textContent = isIn ? `V ${decimal(gray, 1)} Gy` : "";
    if (isIn) for (const end of ["x1", "x2"]) cursor.setAttribute(end, x);
    cells.forEach((cell, n) => (cell.textContent = isIn ? `${decimal(100 * shareAt(this.#drawn[n].dvh, gray), 1)}\u00a0%` : ""));
  }
}

function made(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

const line = (name, x1, y1, x2, y2) => made("line", { class: name, x1, y1, x2, y2 });

function text(x, y, words, anchor) {
  const node = made("text", { x, y, "text-anchor": anchor });
  node.textContent = words;
  return node;
}
