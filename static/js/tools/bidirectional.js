// Drag the long axis from one end to the other; the short one comes across its middle, and its ends are dragged
// to where they belong.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const bidirectionalTool = drawingTool("bidirectional", {
  hint: () => _("Drag the long axis from one end to the other, then the ends of the short axis."),
});
