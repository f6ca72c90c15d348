// Drawing without a pointer: with a drawing tool and the focus on a pane, Alt+arrows move a cursor by one CSS pixel
// (with Shift ten), Enter sets a point there, Escape gives up. A freehand outline ends with Enter at its last point.
// Sends "cursor" when it moved.

import { build, clicksOf } from "../lib/markbuild.js";
import { _ } from "../state/words.js";
import { basisOn, draft, isWhole, keep, markOn, placeAt, refusal } from "./drafting.js";
import { TOOLS } from "./tools.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAST = 10;
const SAME = 1; // CSS pixels

export class KeyPlacing extends EventTarget {
  #pane;
  #bench;
  #point = null; // where the cursor is, in the space of the pane
  #open = null; // { mark, basis, clicks, index }

  /** @param bench  { marks, say } */
  constructor(pane, bench) {
    super();
    this.#pane = pane;
    this.#bench = bench;
    pane.element.addEventListener("keydown", (event) => this.#pressed(event));
    pane.element.addEventListener("pointerdown", () => this.cancel());
    pane.element.addEventListener("blur", () => !pane.element.contains(document.activeElement) && this.#hide());
    pane.state.addEventListener("tool", () => this.cancel());
    for (const change of ["point", "planes"]) pane.state.addEventListener(change, () => this.#checkSlice());
  }

  /** Where the cursor is on the pane, or null. */
  get at() {
    return this.#point && this.#pane.screenOf(this.#point);
  }

  get isOpen() {
    return this.#open !== null;
  }

  cancel() {
    if (this.#open) this.#bench.marks.setDraft(null);
    this.#open = null;
    this.#hide();
  }

  #pressed(event) {
    const kind = TOOLS[this.#pane.state.tool]?.kind;
    if (!kind || event.target !== this.#pane.element || event.ctrlKey || event.metaKey) return;
    if (event.altKey && MOVES[event.key]) this.#move(MOVES[event.key], event.shiftKey ? FAST : 1);
    else if (event.key === "Enter" && !event.altKey) this.#set(kind);
    else if (event.key === "Escape" && (this.#open || this.#point)) this.cancel();
    else return;
    event.preventDefault(); // Alt+← would leave the page
  }

  #move([x, y], far) {
    const { width, height } = this.#pane.size;
    const at = this.at ?? this.#beginning();
    const next = [at[0] + x * far, at[1] + y * far];
    this.#goTo([Math.max(0, Math.min(width, next[0])), Math.max(0, Math.min(height, next[1]))]);
  }

  /** At the crosshair, or in the middle. */
  #beginning() {
    const { state, size, space } = this.#pane;
    const seen = space === "patient" && state.pointLps ? this.#pane.screenOf(state.pointLps) : null;
    const isInside = seen && seen[0] >= 0 && seen[1] >= 0 && seen[0] <= size.width && seen[1] <= size.height;
    return isInside ? seen : [size.width / 2, size.height / 2];
  }

  #goTo(at) {
    this.#point = this.#pane.pointAt(at);
    if (this.#open) this.#show();
    this.dispatchEvent(new Event("cursor"));
  }

  #set(kind) {
    const reason = refusal(this.#pane, kind);
    if (reason) {
      this.#bench.say(reason);
      return;
    }
    if (!this.#point) this.#goTo(this.#beginning());
    this.#open ??= {
      mark: markOn(this.#pane, kind, this.#bench.marks),
      basis: basisOn(this.#pane),
      clicks: [],
      index: this.#pane.index,
    };
    const { clicks, basis } = this.#open;
    const place = placeAt(basis, this.#pane, this.at);
    if (this.#isRepeated(place)) {
      if (kind === "freehand" && clicks.length >= 3) this.#finish();
      return;
    }
    clicks.push(place);
    this.#show();
    if (isWhole(kind, clicks)) this.#finish();
    else this.#bench.say(this.#progress(kind, clicks.length));
  }

  #isRepeated(place) {
    const last = this.#open.clicks.at(-1);
    const { scale } = this.#pane.placed;
    return Boolean(last) && Math.hypot(place[0] - last[0], place[1] - last[1]) * scale < SAME;
  }

  #progress(kind, number) {
    const total = clicksOf(kind);
    if (total === Infinity) return _("Point %(number)s. Enter twice at the last point closes the outline.", { number });
    return _("Point %(number)s of %(total)s", { number, total });
  }

  #show() {
    const { mark, basis, clicks } = this.#open;
    const place = placeAt(basis, this.#pane, this.at);
    const places = isWhole(mark.kind, clicks) ? clicks : [...clicks, place];
    draft(this.#bench, mark, basis, build(mark.kind, places), this.#pane);
  }

  #finish() {
    const { mark, basis, clicks } = this.#open;
    this.#open = null;
    draft(this.#bench, mark, basis, build(mark.kind, clicks), this.#pane);
    keep(this.#bench, this.#pane, this.#bench.marks.draft);
  }

  /** A half-drawn mark does not go along to another slice. */
  #checkSlice() {
    if (this.#open && this.#pane.wanted !== this.#open.index) this.cancel();
  }

  #hide() {
    if (!this.#point) return;
    this.#point = null;
    this.dispatchEvent(new Event("cursor"));
  }
}
