// Drag from one end to the other.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const lengthTool = drawingTool("length", {
  hint: () => _("To measure a length, drag from one end to the other."),
});
