// The tools by name; one file each. A tool has begin(state, pane, at) → start, and
// move(state, pane, start, [byX, byY]), both in CSS pixels of the pane.

import { crosshairTool } from "./crosshair.js";
import { panTool } from "./pan.js";
import { scrollTool } from "./scroll.js";
import { windowTool } from "./window.js";
import { zoomTool } from "./zoom.js";

export const TOOLS = {
  window: windowTool,
  pan: panTool,
  zoom: zoomTool,
  scroll: scrollTool,
  crosshair: crosshairTool,
};
