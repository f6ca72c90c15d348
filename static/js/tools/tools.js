// The tools by name; one file each. A tool has
//   begin(state, pane, at, event, bench) → start, bench being { marks, say }
//   move(state, pane, start, [byX, byY], at, event)
// and, where letting go is not the end of it all,
//   end(state, pane, start, at, event) → false to stay open: then hover and press come until it is not
//   hover(state, pane, start, at, event) · press(state, pane, start, at, event)
//   cancel(state, pane, start): take back what is half done; without it the state goes back to where it was
// Positions are CSS pixels of the pane.

import { angleTool } from "./angle.js";
import { arrowTool } from "./arrow.js";
import { autoregionTool } from "./autoregion.js";
import { bidirectionalTool } from "./bidirectional.js";
import { cobbTool } from "./cobb.js";
import { crosshairTool } from "./crosshair.js";
import { ellipseTool } from "./ellipse.js";
import { freehandTool } from "./freehand.js";
import { lengthTool } from "./length.js";
import { panTool } from "./pan.js";
import { probeTool } from "./probe.js";
import { rectangleTool } from "./rectangle.js";
import { scrollTool } from "./scroll.js";
import { windowTool } from "./window.js";
import { zoomTool } from "./zoom.js";

export const TOOLS = {
  window: windowTool,
  pan: panTool,
  zoom: zoomTool,
  scroll: scrollTool,
  crosshair: crosshairTool,
  probe: probeTool,
  length: lengthTool,
  bidirectional: bidirectionalTool,
  angle: angleTool,
  cobb: cobbTool,
  ellipse: ellipseTool,
  rectangle: rectangleTool,
  freehand: freehandTool,
  arrow: arrowTool,
  autoregion: autoregionTool,
};
