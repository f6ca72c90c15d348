// Drag the first leg to the vertex, then point at the end of the second.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const angleTool = drawingTool("angle", {
  hint: () => _("To measure an angle, drag the first leg to the vertex."),
  next: () => _("Now the end of the second leg."),
});
