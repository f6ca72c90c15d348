// What became of an upload: tallies, the refused files with their reasons, the indexes of discs, a CSV, ways to
// the studies.
// Expects <section data-report> of templates/studies/uploader.html.

import { requestJson } from "../http/request.js";
import { formatCount } from "../lib/amounts.js";
import { toCsv } from "../lib/csv.js";
import { _, ngettext } from "../state/words.js";
import { element, icon } from "./elements.js";

const MOST_ROWS = 200;
const MOST_BUTTONS = 3;

export class UploadReport {
  #root;
  #sprite;
  #studyUrl;
  #report = null;
  #opened = new Map(); // study id → its link

  constructor(root, { sprite, studyUrl }) {
    this.#root = root;
    this.#sprite = sprite;
    this.#studyUrl = studyUrl;
    this.#part("csv").addEventListener("click", () => this.#download());
  }

  draw(report, { clutter = 0, finished = false } = {}) {
    this.#report = report;
    this.#root.hidden = report.isEmpty;
    const title = finished ? _("Report of the upload at %(time)s", { time: clock() }) : _("Report so far");
    this.#part("report-title").textContent = title;
    for (const name of ["accepted", "duplicates"]) this.#part(name).textContent = formatCount(report[name]);
    this.#part("refused").textContent = formatCount(report.refused.length);
    this.#part("csv").hidden = report.isEmpty;
    const leftOut = this.#part("left-out");
    leftOut.hidden = !clutter;
    leftOut.textContent = ngettext(
      "%(n)s file of the operating system was left out.",
      "%(n)s files of the operating system were left out.",
      clutter,
      { n: formatCount(clutter) },
    );
    this.#part("refusals").hidden = !report.refused.length && !report.directories.length;
    this.#drawRefusals(report.refused);
    this.#drawDirectories(report.directories);
    this.#drawLinks(report.studies);
  }

  #drawRefusals(refused) {
    const body = this.#part("files");
    for (let n = body.rows.length; n < Math.min(refused.length, MOST_ROWS); n += 1) {
      const badge = element("span", "badge badge-error", icon(this.#sprite, "x-octagon"), _("Refused"));
      body.append(
        element(
          "tr",
          "",
          element("td", "mono small file-name", refused[n].name),
          element("td", "", badge),
          element("td", "", refused[n].reason),
        ),
      );
    }
    const hidden = refused.length - MOST_ROWS;
    const more = this.#part("more");
    more.hidden = hidden <= 0;
    more.textContent = _("%(n)s more are in the CSV report.", { n: formatCount(hidden) });
  }

  /** The indexes of discs, with what of their files is missing. */
  #drawDirectories(directories) {
    const body = this.#part("directories");
    for (let n = body.rows.length; n < Math.min(directories.length, MOST_ROWS); n += 1) {
      const { name, text, missing_count: missing } = directories[n];
      const [kind, sign] = missing ? ["badge badge-warn", "exclamation-triangle"] : ["badge", "card-list"];
      const badge = element("span", kind, icon(this.#sprite, sign), _("Disc index"));
      const cells = [element("td", "mono small file-name", name), element("td", "", badge), element("td", "", text)];
      body.append(element("tr", "", ...cells));
    }
  }

  #drawLinks(studies) {
    for (const id of studies.slice(0, MOST_BUTTONS)) {
      if (this.#opened.has(id)) continue;
      const words = element("span", "", _("Open the study"));
      const link = element("a", "btn btn-sm", icon(this.#sprite, "box-arrow-up-right"), words);
      link.href = this.#studyUrl.replace(/[0-]{36}/, id);
      this.#opened.set(id, link);
      this.#part("open").append(link);
      this.#nameLink(id, words);
    }
    const hidden = studies.length - MOST_BUTTONS;
    if (hidden > 0 && !this.#opened.has("all")) {
      const link = element("a", "btn btn-sm", icon(this.#sprite, "list-ul"), _("All in the worklist"));
      link.href = "/?sort=-added";
      this.#opened.set("all", link);
      this.#part("open").append(link);
    }
  }

  /** The study's description, or its patient's ID, makes two buttons different; without it the button works as well. */
  async #nameLink(id, words) {
    try {
      const study = await requestJson(`/api/v1/studies/${id}`);
      const name = study.description || study.patient_id;
      if (name) words.textContent = _("Open %(study)s", { study: name });
    } catch {
      // The button keeps its general words.
    }
  }

  #download() {
    const { accepted, duplicates, refused, directories } = this.#report;
    const rows = [
      [_("Result"), _("File"), _("Reason")],
      [_("Accepted"), accepted, ""],
      [_("Duplicates"), duplicates, ""],
      ...directories.map(({ name, text }) => [_("Disc index"), name, text]),
      ...directories.flatMap(({ name, missing }) => missing.map((path) => [_("Not in the upload"), path, name])),
      ...refused.map(({ name, reason }) => [_("Refused"), name, reason]),
    ];
    const url = URL.createObjectURL(new Blob([toCsv(rows)], { type: "text/csv;charset=utf-8" }));
    const link = element("a");
    link.href = url;
    const name = _("upload-report");
    link.download = `${name}-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, "-")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  #part(name) {
    return this.#root.querySelector(`[data-${name}]`);
  }
}

function clock() {
  const { lang } = document.documentElement;
  return new Date().toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
