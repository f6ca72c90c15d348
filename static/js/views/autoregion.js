// The window fitted to a region: to the area mark that is selected, or to a rectangle that is dragged next.

import { RegionStatistics } from "../http/regionstatistics.js";
import { fromRegion } from "../lib/autowindow.js";
import { _ } from "../state/words.js";

const AREAS = new Set(["ellipse", "rectangle", "freehand"]);
const TOOL = "autoregion";

export class AutoRegion {
  #context;
  #statistics;
  #before = null; // the tool that comes back after one rectangle

  /** @param context  { viewer, series, state, say, notice?, marks? } of the page */
  constructor(context) {
    this.#context = context;
    this.#statistics = new RegionStatistics(context.series);
    context.viewer.addEventListener("autoregion", ({ detail }) => {
      if (detail.pane.state !== context.state) return; // of the series beside this one
      this.#giveBack();
      this.#fit(detail.region);
    });
    context.state.addEventListener("tool", () => {
      if (context.state.tool !== TOOL) this.#before = null;
      this.#draw();
    });
    this.#draw();
  }

  /** Fit to the selected area, or take the tool; once more leaves it. */
  start() {
    const { state, marks, say } = this.#context;
    if (state.tool === TOOL) {
      this.#giveBack();
      return;
    }
    const chosen = marks?.selected;
    const mark = typeof chosen === "string" ? marks.get(chosen) : chosen;
    if (mark && AREAS.has(mark.kind)) {
      this.#fit(mark);
      return;
    }
    this.#before = state.tool;
    state.setTool(TOOL);
    say(_("Drag a rectangle: the window is fitted to it."));
  }

  #giveBack() {
    if (this.#before) this.#context.state.setTool(this.#before);
  }

  async #fit(region) {
    const { state, say, notice } = this.#context;
    try {
      const found = region.statistics?.histogram ?? (await this.#statistics.ask({ ...region, phase: state.phase })).histogram;
      if (!found) {
        say(_("There are no values in this region."));
        return;
      }
      state.setWindow(fromRegion(found, state.digits));
      say(_("Window fitted to the region"));
    } catch (error) {
      if (error.status) say(error.message);
      notice?.fault(error);
    }
  }

  #draw() {
    for (const button of this.#context.viewer.querySelectorAll("[data-command=autoRegion]")) {
      button.setAttribute("aria-pressed", String(this.#context.state.tool === TOOL));
    }
  }
}
