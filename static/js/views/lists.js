// Puts the lists around marks into the page: the panel's tab, key images, "explain this pixel", the export menu,
// the toast. Gives the page the commands that they answer.

import { Explain } from "./explain.js";
import { ExportMenu } from "./exportmenu.js";
import { KeyImages } from "./keyimages.js";
import { MarkPanel } from "./markpanel.js";
import { mountTicks } from "./sliceticks.js";
import { Toast } from "./toast.js";

/**
 * @param context  { viewer, series, state, marks, client, panes, active, say, history?, commands }; gets `toast`, and
 *                 `commands` the commands keyimage, snapshot, copypicture, film, sheet, importmarks …
 */
export function mountLists(context) {
  const { viewer } = context;
  const find = (selector) => viewer.querySelector(selector);
  context.toast = new Toast(find("[data-toast]"), context.say);
  new MarkPanel(find("#panel-marks"), context, find("[data-marks-badge]"));
  const keys = new KeyImages(find(".key-images"), context);
  mountTicks(context);
  const explain = find("[data-explain]");
  if (explain) new Explain(explain, context);
  const menu = new ExportMenu(viewer, context.active);
  Object.assign(context.commands, menu.commands, {
    keyimage: () => keys.keep(),
    marks: (button) => context.panel.open("panel-marks", button),
  });
}
