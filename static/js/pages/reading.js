// One series on the page: its state, its pictures, its panes with the hands on them. A comparison has two.

import { SeriesClient } from "../http/series.js";
import { wholeImages } from "../lib/planes.js";
import { Marks } from "../state/marks.js";
import { ViewerState } from "../state/viewer.js";
import { VoxelSource } from "../state/voxelsource.js";
import { Pane } from "../views/pane.js";

export class Reading {
  /**
   * @param series    the page's data of the series
   * @param elements  its .pane elements
   * @param device    { isPhone, savesData, memoryGiB }
   * @param onDrawn   (pane) → void, each time a pane has a new picture
   * @param onFail    (error) → void
   */
  constructor(series, elements, { device, tool, layout, onDrawn, onFail }) {
    series.images = wholeImages(series.images);
    this.series = series;
    this.state = new ViewerState(series, { tool, layout });
    this.client = new SeriesClient(series);
    this.source = new VoxelSource(this.state, device);
    this.marks = new Marks();
    this.panes = new Map();
    const local = () => this.source.pictures;
    for (const element of elements) {
      if (!this.state.plane(element.dataset.plane)) continue;
      const pane = new Pane(element, this.state, this.client, { local, onDrawn, onFail });
      this.panes.set(pane.name, pane);
    }
    this.source.addEventListener("progress", () => {
      for (const pane of this.panes.values()) pane.volumeCame();
    });
    this.source.addEventListener("failed", ({ detail }) => onFail(detail.error));
  }

  get isDrawn() {
    return [...this.panes.values()].every((pane) => !pane.isShown || pane.isDrawn);
  }

  get isCurrent() {
    return [...this.panes.values()].every((pane) => !pane.isShown || pane.isCurrent);
  }

  retry() {
    this.source.retry();
    for (const pane of this.panes.values()) pane.retry();
  }
}
