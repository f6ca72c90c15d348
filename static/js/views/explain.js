// "Explain this pixel" (templates/viewer/explain.html): from the number in the file to the grey on the screen, for
// the voxel last pointed at, the crosshair's, or one that is held. Asks the server only while it can be seen.

import { calm } from "../lib/calm.js";
import { stepsOf } from "../lib/explain.js";
import { Lru } from "../lib/lru.js";
import { column } from "../lib/matrix.js";
import { plain } from "../lib/numbers.js";
import { isTurned, windowOn } from "../lib/windowing.js";
import { betweenAt, doubtsAt, tissuesAt } from "../lib/tissues.js";
import { _ } from "../state/words.js";
import { colourOf, swatch } from "./swatch.js";
import { doubtWords, reasonWords, stepWords, suvWords, tissueWords } from "./explainwords.js";
import { element } from "./elements.js";

const PAUSE_MS = 120;
const KEPT = 500;
const MOST_TISSUES = 4;

export class Explain {
  #element;
  #context;
  #parts = {};
  #voxel = null;
  #answer = null;
  #isHeld = false;
  #isSeen = false;
  #timer = 0;
  #abort = new AbortController();
  #known = new Lru(KEPT);
  #drawCalmly = calm(() => this.#draw());

  /** @param context  { state, series, client, panes, marks } */
  constructor(root, context) {
    this.#element = root;
    this.#context = context;
    for (const part of ["where", "pin", "chain", "say", "more", "doubts"]) {
      this.#parts[part] = root.querySelector(`[data-explain-${part}]`);
    }
    this.#parts.pin.addEventListener("click", () => this.#hold(!this.#isHeld));
    this.#listen();
    new IntersectionObserver(([entry]) => {
      this.#isSeen = entry.isIntersecting;
      if (this.#isSeen) this.#ask();
    }).observe(root);
    if (context.state.planes.length > 1) this.#take(context.state.point);
  }

  #listen() {
    const { state, panes, marks } = this.#context;
    for (const pane of panes.values()) {
      pane.element.addEventListener("pointermove", (event) => this.#isHeld || this.#take(this.#voxelUnder(pane, event)));
    }
    state.addEventListener("point", () => this.#isHeld || state.planes.length < 2 || this.#take(state.point));
    state.addEventListener("phase", () => this.#ask());
    state.addEventListener("window", this.#drawCalmly);
    // A probe that is set or chosen is what one wants explained.
    marks?.addEventListener("selected", () => this.#takeProbe());
  }

  #takeProbe() {
    const { marks, state } = this.#context;
    const mark = marks.get(marks.selected);
    if (mark?.kind !== "probe") return;
    const [point] = mark.points;
    const voxel = mark.space === "image" ? [...point, mark.image].map(Math.round) : state.voxelAt(point);
    if (!voxel) return;
    this.#take(voxel);
    this.#hold(true);
  }

  #voxelUnder(pane, event) {
    const point = pane.pointAt(pane.at(event));
    return pane.space === "image" ? point.map(Math.round) : this.#context.state.voxelAt(point);
  }

  #take(voxel) {
    const { shape_ijk: shape } = this.#context.series;
    if (!voxel || voxel.some((value, axis) => !(value >= 0 && value < shape[axis]))) return;
    if (voxel.every((value, axis) => value === this.#voxel?.[axis])) return;
    this.#voxel = [...voxel];
    this.#ask();
  }

  #hold(isHeld) {
    this.#isHeld = isHeld;
    this.#parts.pin.setAttribute("aria-pressed", String(isHeld));
    const label = isHeld ? _("Let this voxel go") : _("Hold this voxel");
    this.#parts.pin.title = label;
    this.#parts.pin.setAttribute("aria-label", label);
  }

  #ask() {
    clearTimeout(this.#timer);
    this.#abort.abort();
    if (!this.#voxel || !this.#isSeen) return;
    const { phase } = this.#context.state;
    const voxel = this.#voxel;
    const key = [phase, ...voxel].join();
    const known = this.#known.get(key);
    if (known) {
      this.#receive(known, voxel);
      return;
    }
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#timer = setTimeout(async () => {
      try {
        const answer = await this.#context.client.value(voxel, phase, signal);
        this.#known.set(key, answer);
        if (!signal.aborted) this.#receive(answer, voxel);
      } catch {
        // The status bar and the pictures tell of a lost connection; the last explanation stays.
      }
    }, PAUSE_MS);
  }

  #receive(answer, voxel) {
    this.#answer = answer;
    this.#parts.where.textContent = voxel.join(", ");
    this.#element.dataset.voxel = voxel.join(",");
    this.#drawCalmly();
  }

  #draw() {
    if (!this.#answer || !this.#isSeen) return;
    const { state, series } = this.#context;
    const { colormap } = state;
    const inverted = isTurned(this.#frame, state.inverted);
    const steps = stepsOf(this.#answer, { window: this.#window, inverted, colormap });
    const items = steps.map((step) => this.#step(step, series));
    this.#parts.chain.replaceChildren(...items);
    this.#parts.say.textContent = this.#sentences(steps).join(" ");
    this.#drawDoubts();
  }

  /** The window of the voxel's own image, where each has one; a VOI LUT of its own makes the grey by a table. */
  get #window() {
    return windowOn(this.#frame, this.#context.state.window);
  }

  /** Of a stack that of the voxel's own image. */
  get #frame() {
    const { state } = this.#context;
    return state.frame(state.planes[0].plane, this.#voxel[2]);
  }

  #step(step, series) {
    const { label, value, note, grey } = stepWords(step, series);
    const item = element("li", "", element("span", "label", label), element("b", "", value));
    if (grey !== undefined) {
      const colour = step.kind === "colour" ? colourOf(step.colormap, grey, () => this.#draw()) : [grey, grey, grey];
      if (colour) item.querySelector("b").append(swatch(colour));
    }
    if (note) item.append(element("small", "", note));
    item.dataset.step = step.kind;
    return item;
  }

  get #isHounsfield() {
    const { series } = this.#context;
    return series.modality === "CT" && this.#answer.unit === "HU" && Number.isFinite(this.#answer.value);
  }

  #sentences(steps) {
    const { series, state } = this.#context;
    const words = reasonWords(this.#answer.reason);
    const said = words ? [words] : [];
    if (steps[0].kind === "none") return [_("This voxel has no value.")];
    if (this.#isHounsfield) said.push(this.#tissues(this.#answer.value));
    else if (series.modality === "MR") said.push(_("MR values have no fixed scale: the same tissue differs between scanners and sequences, so none is named here."));
    else if (this.#answer.unit.startsWith("SUV")) said.push(_("SUV 1 is what every place would have if the tracer were spread evenly over the body."));
    const suv = steps.find(({ kind }) => kind === "suv");
    if (suv) said.push(suvWords(suv));
    const frame = state.plane(state.active);
    if (frame?.is_oblique) said.push(_("The plane is oblique: its pixels are mixed from neighbouring voxels; this is the nearest one."));
    if (state.slab?.mm) said.push(_("A slab of %(mm)s mm is shown; this is the voxel in its middle.", { mm: plain(state.slab.mm) }));
    return said;
  }

  #tissues(hu) {
    const unit = this.#context.series.unit_words?.HU ?? "HU";
    const value = `${plain(hu)}\u00a0${unit}`;
    const names = tissuesAt(hu).slice(0, MOST_TISSUES).map(tissueWords);
    if (names.length) return _("%(value)s is usual for: %(tissues)s.", { value, tissues: names.join(", ") });
    const between = betweenAt(hu);
    if (!between) return _("%(value)s is usual for no tissue.", { value });
    const [below, above] = between.map(tissueWords);
    return _("%(value)s lies between %(below)s and %(above)s: most likely the voxel holds some of both.", { value, below, above });
  }

  #drawDoubts() {
    const { affine } = this.#context.series;
    const sides = affine ? [0, 1, 2].map((axis) => Math.hypot(...column(affine, axis))) : null;
    const told = this.#isHounsfield ? doubtsAt(this.#answer.value, { thickness_mm: sides ? Math.max(...sides) : null }) : [];
    this.#parts.more.hidden = !told.length;
    const size = sides?.map((mm) => plain(mm)).join(" × ");
    this.#parts.doubts.replaceChildren(...told.map((name) => element("li", "", doubtWords(name, size))));
  }
}
