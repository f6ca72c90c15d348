// Puts together keys, mouse, the panes' menu and the tour. Adds to the page's context: keys (KeysDialog),
// bindings, openMenu(pane, at) and watchMenu(pane, hand), and the commands keys and menu.

import { Keyboard } from "../tools/keyboard.js";
import { MenuPress } from "../tools/menupress.js";
import { labelTools } from "../views/keylabels.js";
import { KeysDialog } from "../views/keysdialog.js";
import { PaneMenu } from "../views/panemenu.js";
import { Tour } from "../views/tour.js";

/** "16 HU, L 82.5 A 204.7 F 456.5 mm": what the status bar tells of the place under the pointer, or "". */
function valueText(viewer) {
  const read = (name) => viewer.querySelector(`.viewer-status [data-read=${name}]`)?.textContent.trim() ?? "";
  const [value, unit, position] = [read("value"), read("unit"), read("position")];
  if (!/\d/.test(value)) return "";
  return [[value, unit].filter(Boolean).join("\u00a0"), /\d/.test(position) && `${position} mm`].filter(Boolean).join(", ");
}

/**
 * @param context  { viewer, preferences, commands, say, marks, panes, hands, activePane() }
 * @param actions  what keys do, by the actions of lib/keymap.js
 */
export function mountKeys(context, actions) {
  const { viewer, preferences, commands, say } = context;
  const tour = new Tour(viewer.querySelector("[data-tour]"), viewer, say);
  const keys = new KeysDialog(viewer.querySelector("dialog[data-keys]"), preferences, { onTour: () => tour.start() });
  context.keys = keys;
  const changed = () => {
    context.bindings = keys.bindings;
    labelTools(viewer, keys.keymap);
  };
  keys.addEventListener("change", changed);
  changed();
  if (!context.isPhone && keys.bindings.first !== "window") context.chooseTool(keys.bindings.first);

  const sprite = viewer.querySelector("[data-undo] use").getAttribute("href").replace(/#.*/, "");
  context.choosePreset = (place) => actions.preset(place);
  context.valueText = () => valueText(viewer);
  const menu = new PaneMenu(context, () => keys.keymap, sprite);
  context.openMenu = (pane, at) => menu.open(pane, at);
  context.watchMenu = (pane, hand) => new MenuPress(pane, hand, context.openMenu);
  commands.keys = () => keys.open();
  commands.menu = () => context.activePane() && menu.open(context.activePane());
  [...context.panes.values()].forEach((pane, at) => context.watchMenu(pane, context.hands[at]));
  new Keyboard(actions, keys);

  // An automated browser reads no tour, and what it is told to press must not be under a card.
  if (preferences.get("tour_done") || navigator.webdriver) return;
  preferences.set("tour_done", true);
  tour.offer();
}
