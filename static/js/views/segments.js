// Puts the overlays of a series into the page: what lies on it, the panel's tab, the layers of the panes, the readout,
// and the dialogs. Adds `segmentations`, `labels` and `doses` to the context, and the commands segments,
// toggleSegments and exportsegments.

import { SegmentationClient } from "../http/segmentations.js";
import { Doses } from "../state/doses.js";
import { LabelSource } from "../state/labelsource.js";
import { Segmentations } from "../state/segmentations.js";
import { _ } from "../state/words.js";
import { DoseHistogram } from "./dosehistogram.js";
import { DoseLayer } from "./doselayer.js";
import { DosePanel } from "./dosepanel.js";
import { LabelLayer } from "./labellayer.js";
import { labelsOf } from "./labelpicture.js";
import { SegmentCode } from "./segmentcode.js";
import { SegmentExport } from "./segmentexport.js";
import { SegmentImport } from "./segmentimport.js";
import { SegmentPanel } from "./segmentpanel.js";
import { SegmentReadout } from "./segmentreadout.js";
import { SegmentTable } from "./segmenttable.js";

/**
 * @param context  { viewer, series, state, panes, source, history, toast, say, panel, commands, notice }
 * @param root     the panel's tab, when it is not the page's own
 * @param badge    the count beside the tab's name, as well
 * @param isSecond  of the series that is compared: it has dialogs of its own, and files are dropped on it while it is
 *                  the active one
 * @returns {Segmentations|null}  null where a part is no volume: then nothing can lie on it
 */
export function mountSegments(context, { root = context.viewer.querySelector("#panel-segments"), badge, isSecond = false } = {}) {
  const { viewer, series, state, panes, source, commands } = context;
  commands.segments ??= (button) => context.panel.open("panel-segments", button);
  if (series.kind !== "volume" || !root) return null;
  const client = new SegmentationClient(series);
  const segmentations = new Segmentations(state, client, () => context.history);
  const labels = new LabelSource(series, client, { isLocal: () => source.pictures !== null, decode: labelsOf });
  const doses = new Doses(state, client);
  Object.assign(context, { segmentations, labels, doses });
  const layers = new Map([...panes.values()].map((pane) => [pane, new LabelLayer(pane, segmentations, labels)]));
  for (const pane of panes.values()) new DoseLayer(pane, doses); // under the segments
  const isActive = () => (context.activePane()?.state ?? state) === state;
  new SegmentReadout(viewer.querySelector(".viewer-status"), { state, segmentations, source: labels, layers, isActive });

  const own = (dialog) => (isSecond ? another(dialog) : dialog);
  const find = (name) => viewer.querySelector(`[data-${name}]`);
  context.showTab ??= () => context.panel.show("panel-segments");
  const importer = new SegmentImport(root, context, find("confirm-dialog"));
  const dialogs = {
    confirm: find("confirm-dialog"),
    table: new SegmentTable(own(find("segment-table")), context),
    export: new SegmentExport(own(find("segment-export")), context),
    code: new SegmentCode(own(find("segment-code")), context),
    dose: new DoseHistogram(own(find("dose-histogram")), context),
  };
  new SegmentPanel(root, context, { importer, dialogs, badge: badge ?? find("segments-badge") });
  new DosePanel(root.querySelector("[data-doses]"), doses, { onHistogram: (dose) => dialogs.dose.open(null, dose) });
  Object.assign(commands, {
    exportsegments: () => segmentations.all.length && dialogs.export.open(segmentations.get(segmentations.selected?.id) ?? segmentations.all[0]),
    toggleSegments() {
      if (segmentations.all.length) context.say(segmentations.toggleEverything() ? _("Segments shown") : _("Segments hidden"));
    },
  });
  if (!isSecond) disableWhile(viewer.querySelector("[data-command=exportsegments]"), segmentations);
  importer.watch(isActive);
  labels.addEventListener("failed", ({ detail }) => context.toast.show(detail.error.message));
  addEventListener("online", () => labels.retry());
  segmentations.load();
  doses.load();
  return segmentations;
}

/** A dialog like this one, in the page. */
function another(dialog) {
  const copy = dialog.cloneNode(true);
  for (const named of copy.querySelectorAll("[id]")) named.id += "-second";
  for (const naming of [copy, ...copy.querySelectorAll("[aria-labelledby]")]) {
    naming.setAttribute("aria-labelledby", `${naming.getAttribute("aria-labelledby")}-second`);
  }
  dialog.after(copy);
  return copy;
}

/** The entry of the menu "Export" keeps its place and says why it does nothing. */
function disableWhile(entry, segmentations) {
  const draw = () => {
    entry.disabled = !segmentations.all.length;
    entry.title = entry.disabled ? _("No segments on this series yet.") : "";
  };
  segmentations.addEventListener("segmentations", draw);
  draw();
}
