// Drag a rectangle: the window is fitted to the values in it. What is drawn is told by an "autoregion" event of the
// pane's element (detail: { pane, region }), region being { kind, space, points, plane | image } as a mark has it.

import { planeAt } from "../lib/markplane.js";

const SVG = "http://www.w3.org/2000/svg";
const LEAST_PX = 4;

export const autoregionTool = {
  begin(_state, pane, at) {
    const box = document.createElementNS(SVG, "rect");
    box.setAttribute("class", "autoregion-box");
    pane.svg("autoregion").replaceChildren(box);
    return { from: at, box };
  },

  move(_state, _pane, { from, box }, _by, at) {
    const [left, top] = [0, 1].map((axis) => Math.min(from[axis], at[axis]));
    for (const [name, value] of Object.entries({
      x: left,
      y: top,
      width: Math.abs(at[0] - from[0]),
      height: Math.abs(at[1] - from[1]),
    })) {
      box.setAttribute(name, value);
    }
  },

  end(_state, pane, start, at) {
    this.cancel(null, pane);
    const { from } = start;
    if (Math.min(Math.abs(at[0] - from[0]), Math.abs(at[1] - from[1])) < LEAST_PX) return;
    const region = regionBetween(pane, from, at);
    pane.element.dispatchEvent(new CustomEvent("autoregion", { bubbles: true, detail: { pane, region } }));
  },

  cancel(_state, pane) {
    pane.svg("autoregion").replaceChildren();
  },
};

function regionBetween(pane, [left, top], [right, bottom]) {
  const corners = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ].map((corner) => pane.pointAt(corner));
  if (pane.space === "image") {
    const points = corners.map(([x, y]) => [x, y]);
    return { kind: "rectangle", space: "image", points, image: pane.index };
  }
  return { kind: "rectangle", space: "patient", points: corners, plane: planeAt(pane.frame, pane.index) };
}
