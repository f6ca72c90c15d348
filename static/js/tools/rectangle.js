// Drag from one corner to the opposite one; with Shift a square. The sides run along the screen's.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const rectangleTool = drawingTool("rectangle", {
  hint: () => _("To draw a rectangle, drag from one corner to the opposite one."),
});
