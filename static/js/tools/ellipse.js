// Drag from the middle outwards; with Shift a circle. The axes run along the screen's.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const ellipseTool = drawingTool("ellipse", {
  hint: () => _("To draw an ellipse, drag from its middle outwards."),
});
