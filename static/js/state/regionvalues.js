// Keeps the values of areas and probes with their marks. A draft is asked about while it is drawn, one question at a
// time and always the latest; then each mark that has no values, one after the other. What arrives is no step of the
// reader's. What got no answer waits for retry(), when the connection is back.

import { Latest } from "../lib/latest.js";
import { POINTS, WITH_VALUES } from "../lib/measure.js";

export class RegionValues {
  #marks;
  #ask;
  #has;
  #drafts;
  #isAsking = false;
  #refused = new WeakSet(); // marks that the server has no values for

  /**
   * @param ask  async (mark, signal) → statistics; see http/regionstatistics.js
   * @param has  (mark) → whether there are values under it: not in images in colour
   */
  constructor(marks, ask, has = () => true) {
    this.#marks = marks;
    this.#has = has;
    this.#ask = ask;
    this.#drafts = new Latest(
      (mark, signal) => ask(mark, signal),
      (statistics, mark) => this.#receiveDraft(statistics, mark),
      () => {}, // what is kept is asked about again
    );
    marks.addEventListener("draft", ({ detail }) => this.#draft(detail.mark));
    marks.addEventListener("marks", () => this.#next());
    this.#next();
  }

  /** Ask again for what had no answer. */
  retry() {
    this.#refused = new WeakSet();
    this.#next();
  }

  #draft(mark) {
    if (!mark) {
      this.#drafts.cancel();
      return;
    }
    const isNew = mark.statistics === null || mark.statistics.stale;
    if (isNew && this.#needs(mark)) this.#drafts.ask(mark);
  }

  #receiveDraft(statistics, asked) {
    const { draft } = this.#marks;
    if (draft?.id !== asked.id) return;
    const isStill = draft.points === asked.points;
    if (isStill) this.#marks.setDraft({ ...draft, statistics });
    // The hand went on: the numbers are a moment old, and marked as such; the question after this one is asked already.
    else if (draft.statistics?.stale !== false) this.#marks.setDraft({ ...draft, statistics: { ...statistics, stale: true } });
  }

  async #next() {
    if (this.#isAsking) return;
    const mark = this.#marks.all.find((one) => !one.statistics && this.#needs(one) && !this.#refused.has(one));
    if (!mark) return;
    this.#isAsking = true;
    try {
      const statistics = await this.#ask(mark);
      this.#receive(statistics, mark);
    } catch {
      this.#refused.add(mark);
    } finally {
      this.#isAsking = false;
    }
    this.#next();
  }

  #needs(mark) {
    return WITH_VALUES.has(mark.kind) && mark.points.length >= POINTS[mark.kind] && this.#has(mark);
  }

  #receive(statistics, asked) {
    const now = this.#marks.get(asked.id);
    if (now?.points === asked.points) this.#marks.change(asked.id, { statistics }, { silent: true });
  }
}
