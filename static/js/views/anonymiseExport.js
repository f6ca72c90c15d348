// The export: starts the job, shows how far it is, cancels it, offers the ZIP. The job's id stands in the
// URL's fragment, so that a reload finds it again.
// Expects a section with [data-start], [data-cancel], a[data-download], [data-export-note],
// [data-export-body] holding progress[data-progress], [data-export-fault] and [data-checks].

import { requestBlob, requestJson } from "../http/request.js";
import { jobInFragment, secondsLeft } from "../lib/anonymise.js";
import { _, ngettext } from "../state/words.js";

const POLL_MS = 700;
const JOBS = "/api/v1/jobs/";

export class AnonymiseExport extends EventTarget {
  #root;
  #url;
  #job = null;
  #timer = 0;
  #isRunning = false;
  #began = null;

  constructor(root, url) {
    super();
    this.#root = root;
    this.#url = url;
    this.#part("[data-cancel]").addEventListener("click", () => this.#cancel());
    this.#part("[data-start]").addEventListener("click", () => this.dispatchEvent(new Event("start")));
  }

  /** Take up the job that the URL names, if any. */
  resume() {
    const job = jobInFragment(location.hash);
    if (job) this.#watch(job);
  }

  /** Ask for an export with these settings. */
  async start(order) {
    this.#offer({ start: false });
    this.#fault("");
    try {
      const { job } = await requestJson(this.#url, { method: "POST", json: order });
      history.replaceState(null, "", `#job=${job}`);
      this.#watch(job);
    } catch (fault) {
      this.#offer({ start: true });
      const event = new CustomEvent("fault", { detail: fault, cancelable: true });
      if (this.dispatchEvent(event)) this.#fault(fault.message);
    }
  }

  /** Settings changed: what was exported with the old ones is no longer what the page shows. */
  outdate(note) {
    if (!this.#isRunning) this.#ended(note);
  }

  say(text) {
    this.#part("[data-export-note]").textContent = text;
  }

  allow(isAllowed) {
    this.#part("[data-start]").disabled = !isAllowed;
  }

  #part(selector) {
    return this.#root.querySelector(selector);
  }

  #offer({ start = false, cancel = false, download = false }) {
    this.#part("[data-start]").hidden = !start;
    this.#part("[data-cancel]").hidden = !cancel;
    this.#part("[data-download]").hidden = !download;
  }

  #body(isShown, { done = false } = {}) {
    this.#part("[data-export-body]").hidden = !isShown;
    this.#part("[data-checks]").hidden = !done;
    this.#part("[data-progress]").classList.remove("is-error");
    this.#part("[data-progress]").classList.toggle("is-ok", done);
  }

  #fault(text) {
    const place = this.#part("[data-export-fault]");
    place.textContent = text;
    place.hidden = !text;
    if (!text) return;
    this.#body(true);
    this.#part("[data-progress]").classList.add("is-error");
  }

  #ended(note) {
    this.#forget();
    this.#body(false);
    this.#offer({ start: true });
    this.#fault("");
    this.say(note);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#isRunning = false;
    this.#job = null;
    history.replaceState(null, "", location.pathname + location.search);
  }

  #watch(job) {
    this.#job = job;
    this.#isRunning = true;
    this.#began = null;
    this.#part("[data-progress]").value = 0;
    this.#body(true);
    this.#offer({ cancel: true });
    this.say(_("Waiting for its turn"));
    this.#root.scrollIntoView({ block: "nearest" });
    this.#poll();
  }

  async #poll() {
    const job = this.#job;
    try {
      const state = await requestJson(JOBS + job);
      if (job === this.#job) this.#take(state);
    } catch (fault) {
      if (job === this.#job) this.#lost(fault);
    }
  }

  #again() {
    this.#timer = setTimeout(() => this.#poll(), document.hidden ? 4 * POLL_MS : POLL_MS);
  }

  #lost(fault) {
    if (fault.status === 404) {
      this.#ended(_("That export is no longer kept. Make the ZIP again."));
    } else {
      this.say(fault.message);
      this.#again();
    }
  }

  #take({ state, progress, message, error }) {
    this.#part("[data-progress]").value = progress;
    if (state === "queued" || state === "running") {
      this.say([message, this.#pace(state, progress)].filter(Boolean).join(" · ") || _("Waiting for its turn"));
      this.#again();
      return;
    }
    this.#isRunning = false;
    if (state === "done") this.#done(message);
    else if (state === "cancelled") this.#ended(_("Cancelled. Nothing was kept."));
    else this.#failed(error);
  }

  #pace(state, progress) {
    if (state !== "running") return "";
    this.#began ??= { at: performance.now(), progress };
    const elapsed = (performance.now() - this.#began.at) / 1000;
    const seconds = secondsLeft(progress, elapsed, this.#began.progress);
    return seconds === null ? "" : ngettext("1 second left", "%(count)s seconds left", seconds);
  }

  async #done(message) {
    const url = `${JOBS}${this.#job}/result`;
    try {
      await requestBlob(url, { method: "HEAD" }); // a ZIP of yesterday is gone
    } catch (fault) {
      this.#lost(fault);
      return;
    }
    this.#part("[data-progress]").value = 1;
    this.#body(true, { done: true });
    const link = this.#part("[data-download]");
    link.href = url;
    this.#offer({ download: true });
    this.say(message);
    this.#root.scrollIntoView({ block: "nearest" });
    link.focus({ preventScroll: true });
  }

  #failed(error) {
    this.#forget();
    this.#offer({ start: true });
    this.say("");
    this.#fault(error || _("The export failed. Try again."));
  }

  async #cancel() {
    const job = this.#job;
    clearTimeout(this.#timer);
    try {
      await requestJson(JOBS + job, { method: "DELETE" });
      this.#ended(_("Cancelled. Nothing was kept."));
    } catch (fault) {
      this.#lost(fault);
    }
  }
}
