// Keeps a page's states true while volumes are prepared. Asks GET /api/v1/progress for the studies
// that [data-preparing] marks; numbers change in place, and when a series changes its state the
// page's [data-live-region id] parts are fetched anew from the server, in its words.

import { requestJson } from "../http/request.js";

const QUICK_MS = 1500;
const SLOW_MS = 6000;

/** Fetch this page again and put its live regions in place of those shown; `onSwap` follows. */
export async function refreshPage(onSwap = () => {}) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const region of document.querySelectorAll("[data-live-region]")) {
    const next = fresh.getElementById(region.id);
    if (next) region.replaceWith(document.adoptNode(next));
  }
  onSwap();
}

export class LiveStates {
  #studies;
  #show;
  #onSwap;
  #states = new Map();
  #timer = 0;
  #pause = QUICK_MS;

  /**
   * @param {() => string[]} studies the ids to ask for, none when all is done
   * @param {(study: object) => void} show puts one study's progress on the page
   */
  constructor({ studies, show, onSwap = () => {} }) {
    this.#studies = studies;
    this.#show = show;
    this.#onSwap = onSwap;
    document.addEventListener("visibilitychange", () => this.wake());
    this.wake();
  }

  /** Ask soon: something new may be prepared. */
  wake() {
    clearTimeout(this.#timer);
    this.#pause = QUICK_MS;
    if (!document.hidden) this.#timer = setTimeout(() => this.#ask(), this.#pause);
  }

  async #ask() {
    const ids = this.#studies();
    if (!ids.length || document.hidden) return;
    let changed = false;
    try {
      const query = new URLSearchParams(ids.map((id) => ["study", id]));
      const { studies } = await requestJson(`/api/v1/progress?${query}`);
      for (const study of studies) {
        this.#show(study);
        changed = this.#remember(study) || changed;
      }
      if (changed) await refreshPage(this.#onSwap);
      this.#pause = changed ? QUICK_MS : Math.min(this.#pause * 1.25, SLOW_MS);
    } catch {
      this.#pause = SLOW_MS; // the connection may come back
    }
    this.#timer = setTimeout(() => this.#ask(), this.#pause);
  }

  /** Whether a series is in another state than before. */
  #remember(study) {
    const states = study.series.map(({ id, state }) => `${id}:${state === "running" ? "queued" : state}`).join();
    const before = this.#states.get(study.id);
    this.#states.set(study.id, states);
    return before === undefined ? !study.preparing : before !== states;
  }
}
