// Which segments lie under the pointer, else at the crosshair: in the status bar, beside the value. What is drawn in
// the pane is what is told, the topmost first.
//   <span class="segment-reading"> made here, after [data-read=unit]'s place

import { segmentSwatch } from "./segmentrow.js";
import { segmentName } from "./segmentwords.js";
import { _ } from "../state/words.js";
import { element } from "./elements.js";

const MOST = 3;

export class SegmentReadout {
  #element;
  #list;
  #state;
  #segmentations;
  #source;
  #hovered = null; // { layer, pane, at }
  #isActive;
  #isWanted = false;
  #told = "";

  /**
   * @param bar     the status bar
   * @param layers  Map of Pane → LabelLayer
   * @param isActive  () → whether the crosshair told of is that of *state*
   */
  constructor(bar, { state, segmentations, source, layers, isActive = () => true }) {
    this.#isActive = isActive;
    this.#state = state;
    this.#segmentations = segmentations;
    this.#source = source;
    this.#list = element("span");
    this.#element = element("span", "segment-reading", element("span", "k", _("segment")), this.#list);
    this.#element.hidden = true;
    const values = [...bar.querySelectorAll("[data-read=unit]")]; // two where two series are compared
    values.at(-1).closest(".viewer-status > *").after(this.#element);
    for (const [pane, layer] of layers) {
      pane.element.addEventListener("pointermove", (event) => this.#hover({ pane, layer, at: pane.at(event) }));
      pane.element.addEventListener("pointerleave", () => this.#hover(null));
      pane.addEventListener("painted", () => this.refresh());
    }
    for (const change of ["point", "active"]) state.addEventListener(change, () => this.refresh());
    for (const change of ["segmentations", "display"]) segmentations.addEventListener(change, () => this.refresh());
    source.addEventListener("planes", () => this.refresh());
  }

  #hover(hovered) {
    if (!hovered && !this.#hovered) return;
    this.#hovered = hovered;
    this.refresh();
  }

  refresh() {
    if (this.#isWanted) return;
    this.#isWanted = true;
    queueMicrotask(() => {
      this.#isWanted = false;
      this.#draw();
    });
  }

  #draw() {
    if (!this.#segmentations.all.length && this.#element.hidden) return;
    const found = (this.#hovered ? this.#underPointer() : this.#atCrosshair()).reverse();
    const told = found.map(({ segmentation, segment }) => `${segmentation.id} ${segment.number} ${segment.color} ${segment.name}`).join();
    if (told === this.#told) return;
    this.#told = told;
    const shown = found.slice(0, MOST).map(({ segment }) => element("b", "", segmentSwatch(segment.color, String(segment.number)), segmentName(segment)));
    if (found.length > MOST) shown.push(element("span", "", `+${found.length - MOST}`));
    this.#list.replaceChildren(...shown);
    this.#element.hidden = !found.length;
    this.#element.dataset.segments = found.map(({ segment }) => segment.number).join();
  }

  #underPointer() {
    const { pane, layer, at } = this.#hovered;
    const pixel = pane.pixelAt(at);
    return pixel ? layer.under(pixel) : [];
  }

  #atCrosshair() {
    if (!this.#isActive()) return [];
    const voxel = this.#state.point;
    const found = [];
    for (const segmentation of this.#segmentations.all) {
      for (const layer of segmentation.layers) {
        const label = this.#source.labelAt(segmentation, layer, voxel);
        const segment = label && this.#segmentations.segment(segmentation.id, layer.segments[label - 1]);
        if (segment && this.#segmentations.isShown(segmentation.id, segment.number)) found.push({ segmentation, segment });
      }
    }
    return found;
  }
}
