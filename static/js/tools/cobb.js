// Drag one line, then the other; the angle is the acute one between them.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const cobbTool = drawingTool("cobb", {
  hint: () => _("To measure a Cobb angle, drag along the first end plate."),
  next: () => _("Now drag along the second end plate."),
});
