// Undo and redo of everything, without limit. Watches state and marks; while a stroke lasts what changes is one
// step, and so is what changes without a pause of 400 ms; what is done to marks is a step at once.
// Sends "history" when what can be undone or redone is another.

import { Steps, movedTo, stepBetween, withStep } from "../lib/steps.js";
import { stepWords } from "./stepwords.js";

const QUIET_MS = 400;
const MOVES = new Set(["point", "phase"]);
const WATCHED = ["point", "phase", "window", "view", "layout", "crosshair", "slab", "planes", "segments"];

export class History extends EventTarget {
  #state;
  #marks;
  #steps = new Steps();
  #known;
  #timer = 0;
  #marksWait = false;
  #onlyMoved = true; // since the last step
  #stroke = false;
  #restoring = false;

  /**
   * @param state  ViewerState
   * @param marks  Marks
   */
  constructor(state, marks) {
    super();
    this.#state = state;
    this.#marks = marks;
    this.#known = this.#now();
    for (const change of WATCHED) state.addEventListener(change, () => this.#viewerChanged(change));
    marks.addEventListener("marks", ({ detail }) => this.#marksChanged(detail?.reason));
  }

  /** The words of the step that undo takes back, or "". */
  get undoWords() {
    return this.#steps.done ? stepWords(this.#steps.done) : "";
  }

  get redoWords() {
    return this.#steps.undone ? stepWords(this.#steps.undone) : "";
  }

  get count() {
    return this.#steps.count;
  }

  /** What Hand tells: "begin" and "end" of a stroke, which is one step with all that it changes. */
  stroke(moment) {
    if (moment === "begin") {
      this.commit();
      this.#stroke = true;
      return;
    }
    this.#stroke = false;
    this.commit();
  }

  /** Make a step of what changed so far, if anything did. */
  commit() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#marksWait = false;
    if (this.#stroke) return;
    this.#push(this.#now());
  }

  /** A step of something else, which takes itself back: { kind, …, turn(side) }, side 0 to undo and 1 to do again. */
  did(step) {
    this.commit();
    this.#steps.push({ viewer: {}, marks: {}, ...step });
    this.#tell();
  }

  /** Take everything as it is now for the beginning, as after restoring what was saved. */
  begin() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#marksWait = false;
    this.#steps = new Steps();
    this.#known = this.#now();
    this.#tell();
  }

  /** Take back the last step; its words, or "" where there is none. */
  undo() {
    return this.#walk(() => this.#steps.undo(), 0);
  }

  redo() {
    return this.#walk(() => this.#steps.redo(), 1);
  }

  #walk(next, side) {
    if (this.#stroke) return "";
    this.commit();
    const step = next();
    if (!step) return "";
    this.#restoring = true;
    try {
      const { viewer, marks } = withStep(this.#now(), step, side);
      // Marks first: a plane that is drawn at the place it goes to shows them as they are then.
      if (marks) this.#marks.restore(marks);
      this.#state.restore(viewer);
      step.turn?.(side);
    } finally {
      this.#restoring = false;
    }
    this.#known = this.#now();
    this.#tell();
    return stepWords(step);
  }

  #now() {
    return { viewer: this.#state.snapshot(), marks: this.#marks.snapshot() };
  }

  #viewerChanged(change) {
    if (this.#restoring || this.#stroke) return;
    // Scrolled, and then at once turned: two steps, though there was no pause.
    if (this.#timer && this.#onlyMoved && !MOVES.has(change)) {
      this.#push({ viewer: movedTo(this.#known.viewer, this.#state.snapshot()), marks: this.#known.marks });
    }
    this.#onlyMoved = (!this.#timer || this.#onlyMoved) && MOVES.has(change);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.commit(), QUIET_MS);
  }

  #marksChanged(reason) {
    if (this.#restoring) return;
    if (reason === "load") {
      // From the server or another tab: not this reader's step here.
      this.#known = { ...this.#known, marks: this.#marks.snapshot() };
      return;
    }
    if (this.#stroke || this.#marksWait) return;
    // What was changed in the view before the mark was is a step before it; it has not waited for its pause.
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.#push({ viewer: this.#now().viewer, marks: this.#known.marks });
    }
    // Several marks in one go, as from an import, are one step.
    this.#marksWait = true;
    queueMicrotask(() => this.#marksWait && this.commit());
  }

  #push(now) {
    const step = stepBetween(this.#known, now);
    this.#known = now;
    if (!step) return;
    this.#steps.push(step);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("history"));
  }
}
