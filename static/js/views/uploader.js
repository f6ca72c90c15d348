// An upload from the first file to its report. Expects the markup of templates/studies/uploader.html:
// <div data-uploader data-url data-study-url data-icons data-max-file data-max-request> with its parts.
// `onFinished(report)` is called when all is sent, failed or cancelled.

import { sendFiles } from "../http/upload.js";
import { formatBytes, formatCount, formatPart } from "../lib/amounts.js";
import { groupItems, sift } from "../lib/dropped.js";
import { Meter } from "../lib/meter.js";
import { UploadQueue } from "../lib/queue.js";
import { Report } from "../lib/report.js";
import { _ } from "../state/words.js";
import { loadSprite } from "./elements.js";
import { GroupList } from "./grouplist.js";
import { UploadReport } from "./uploadreport.js";

export class Uploader {
  #root;
  #queue;
  #groups;
  #reportView;
  #report = new Report();
  #meter = new Meter();
  #clutter = 0;
  #frame = 0;
  #onFinished;

  constructor(root, { onFinished = () => {} } = {}) {
    const { url, studyUrl, icons } = root.dataset;
    this.#root = root;
    this.#onFinished = onFinished;
    loadSprite(icons);
    this.#queue = new UploadQueue((batch, options) => sendFiles(url, batch, options));
    this.#groups = new GroupList(this.#part("groups"), icons, {
      onCancel: (group) => this.#queue.cancel(group),
      onRetry: (group) => this.#queue.retry(group),
    });
    this.#reportView = new UploadReport(this.#part("report"), { sprite: icons, studyUrl });
    this.#queue.addEventListener("change", () => this.#drawSoon());
    this.#queue.addEventListener("answer", (event) => this.#report.add(event.answer));
    this.#queue.addEventListener("settled", () => this.#settle());
    this.#part("cancel-all").addEventListener("click", () => this.#queue.cancelAll());
    this.#part("retry-all").addEventListener("click", () => this.#queue.retryAll());
    addEventListener("beforeunload", (event) => this.#queue.isActive && event.preventDefault());
  }

  /** Begin with `items` ({ path, file }); `unreadable` are paths the browser could not open. */
  take(items, unreadable = []) {
    const limits = { maxFile: Number(this.#root.dataset.maxFile), maxRequest: Number(this.#root.dataset.maxRequest) };
    const { kept, tooLarge, clutter } = sift(items, limits);
    for (const { path, file } of tooLarge) this.#report.refuse(path, tooLargeWords(file.size, limits.maxFile));
    for (const path of unreadable) this.#report.refuse(path, _("The browser could not read it. Check that it still exists."));
    this.#clutter += clutter;
    this.#root.hidden = false;
    this.#meter.reset();
    this.#queue.add(groupItems(kept));
    this.#draw();
    if (!this.#queue.isActive) this.#settle();
  }

  #settle() {
    this.#draw();
    this.#part("live").textContent = _("%(accepted)s accepted, %(duplicates)s duplicates, %(refused)s refused", {
      accepted: this.#report.accepted,
      duplicates: this.#report.duplicates,
      refused: this.#report.refused.length,
    });
    this.#onFinished(this.#report);
  }

  #drawSoon() {
    if (!this.#frame) this.#frame = setTimeout(() => this.#draw(), 100);
  }

  #draw() {
    clearTimeout(this.#frame);
    this.#frame = 0;
    const { groups, totals, isActive } = this.#queue;
    this.#meter.add(totals.sentBytes, performance.now());
    this.#part("queue").hidden = !groups.length;
    this.#groups.draw(groups);
    this.#part("queue-title").textContent = isActive ? _("In progress") : _("Sent");
    this.#part("totals").textContent = this.#totalWords(totals, isActive);
    this.#part("all").value = totals.bytes ? totals.sentBytes / totals.bytes : 0;
    this.#part("all").hidden = !isActive;
    this.#part("cancel-all").hidden = !isActive;
    this.#part("retry-all").hidden = !groups.some((group) => group.state === "failed");
    this.#reportView.draw(this.#report, { clutter: this.#clutter, finished: !isActive });
  }

  #totalWords(totals, isActive) {
    const words = [
      _("%(done)s of %(all)s files", { done: formatCount(totals.doneFiles), all: formatCount(totals.files) }),
      formatPart(totals.sentBytes, totals.bytes),
    ];
    const seconds = isActive ? this.#meter.secondsFor(totals.bytes - totals.sentBytes) : null;
    if (seconds) words.push(remainingWords(seconds));
    return words.join(" · ");
  }

  #part(name) {
    return this.#root.querySelector(name === "queue-title" ? "#queue-title" : `[data-${name}]`);
  }
}

function tooLargeWords(size, most) {
  return _("It has %(size)s; one file may have %(most)s.", { size: formatBytes(size), most: formatBytes(most) });
}

function remainingWords(seconds) {
  if (seconds < 60) return _("%(n)s s left", { n: seconds });
  if (seconds < 3600) return _("%(n)s min left", { n: Math.round(seconds / 60) });
  return _("%(h)s h %(min)s min left", { h: Math.floor(seconds / 3600), min: Math.round((seconds % 3600) / 60) });
}
