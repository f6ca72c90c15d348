// Drag from what is meant to where the words are to stand, then type them.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const arrowTool = drawingTool("arrow", {
  hint: () => _("To place an arrow, drag from its tip to where the words are to stand."),
});
