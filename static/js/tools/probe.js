// Press: a marker that tells the value under it; it follows until the button is let go.

import { _ } from "../state/words.js";
import { drawingTool } from "./drawing.js";

export const probeTool = drawingTool("probe", { hint: () => _("Press where a value is to be read.") });
