// The menu "Export" (templates/viewer/export.html): pictures, films, sheets and measurements, and reading
// measurements back. Its entries are commands of the page; what cannot be done now says why in its place.

import { fileName } from "../lib/snapshot.js";
import { measurementsOf } from "../lib/marklist.js";
import { savedFirst } from "../state/savedfirst.js";
import { _, ngettext } from "../state/words.js";
import { FilmDialog } from "./filmdialog.js";
import { SheetDialog } from "./sheetdialog.js";
import { canCopyPictures, composeSnapshot, copyPicture, pngOf, save } from "./snapshot.js";
import { SnapshotDialog } from "./snapshotdialog.js";

export class ExportMenu {
  #root;
  #context;
  #file;

  /**
   * @param root     the viewer
   * @param context  { series, state, marks, reports, history, readings, activePane(), toast } of what is being read
   */
  constructor(root, context) {
    this.#root = root;
    this.#context = context;
    this.#file = root.querySelector("[data-import-file]");
    this.#file.addEventListener("change", () => this.#import());
    const snapshots = new SnapshotDialog(root.querySelector("[data-snapshot-dialog]"), (how) => this.#picture(how));
    const films = new FilmDialog(root.querySelector("[data-film-dialog]"), context);
    const sheets = new SheetDialog(root.querySelector("[data-sheet-dialog]"), context);
    this.commands = {
      snapshot: () => this.#picture({ to: "file" }),
      snapshotoptions: () => this.#after(() => snapshots.open()),
      copypicture: () => this.#picture({ to: "clipboard" }),
      film: () => this.#after(() => films.open()),
      sheet: () => this.#after(() => sheets.open()),
      importmarks: () => this.#after(() => this.#file.click()),
    };
    root.querySelector("#menu-export").addEventListener("click", ({ target }) => {
      if (target.closest("a, button")) root.querySelector("#menu-export").hidePopover();
    });
    root.querySelector("#menu-export").addEventListener("beforetoggle", () => this.#draw());
    context.state.addEventListener("active", () => this.#draw());
    this.#draw();
  }

  /** What the page calls these actions by. */
  commands;

  #after(act) {
    this.#root.querySelector("#menu-export").hidePopover();
    act();
  }

  /** For the series that is being read, and as it is when the menu opens. */
  #draw() {
    const { marks, state, reports } = this.#context;
    for (const link of this.#root.querySelectorAll("[data-marks-link]")) link.href = reports.marksUrl(link.dataset.marksLink);
    const hasSlices = state.planes.some(({ count }) => count > 1) || Boolean(this.#context.series.phases);
    const reasons = {
      clipboard: canCopyPictures() ? "" : _("Pictures can be copied only over HTTPS or on this computer."),
      slices: hasSlices ? "" : _("A film needs more than one image."),
      items: marks.all.length ? "" : _("Measure something or keep a key image first."),
    };
    for (const entry of this.#root.querySelectorAll("#menu-export [data-needs]")) disable(entry, reasons[entry.dataset.needs]);
    const nothing = measurementsOf(marks.all).length ? "" : _("Nothing measured yet.");
    for (const link of this.#root.querySelectorAll("#menu-export [data-marks-link]")) disable(link, nothing);
  }

  // --- pictures
  async #picture({ to, scope = "active", ...options }) {
    const { readings, toast } = this.#context;
    const panes = readings.flatMap((reading) => [...reading.panes.values()]);
    const shown = panes.filter((pane) => pane.isShown && pane.isDrawn);
    const chosen = scope === "all" ? shown : [this.#context.activePane()].filter((pane) => shown.includes(pane));
    const taken = chosen.length ? chosen : shown.slice(0, 1);
    if (!taken.length) return;
    const canvas = composeSnapshot(taken, options);
    try {
      if (to === "clipboard") {
        await copyPicture(canvas);
        toast.show(_("Picture copied"));
      } else {
        const [pane] = taken;
        const place = taken.length > 1 ? [] : [pane.plane, pane.index + 1];
        save(await pngOf(canvas), fileName([pane.state.series.modality, ...place], "png"));
        toast.show(_("Picture saved"));
      }
    } catch {
      toast.show(to === "clipboard" ? _("This browser did not let the picture be copied.") : _("The picture could not be made."));
    }
  }

  // --- measurements of a DICOM SR
  async #import() {
    const [file] = this.#file.files;
    this.#file.value = "";
    if (!file) return;
    const { toast, marks, history, reports } = this.#context; // of now, should another pane become active
    toast.show(_("Reading %(name)s", { name: file.name }));
    try {
      await savedFirst(this.#context.autosave); // a deletion that is under way must not come after
      const { marks: read, skipped } = await reports.importMarks(file);
      marks.addAll(read); // one that is there already is replaced by what the report says of it
      toast.show(importWords(read.length, skipped), { undo: read.length && history ? () => history.undo() : null });
    } catch (fault) {
      toast.show(fault.message);
    }
  }
}

function importWords(read, skipped) {
  const told = ngettext("%(count)s measurement read", "%(count)s measurements read", read);
  if (!skipped.length) return `${told}.`;
  const reasons = [...new Set(skipped.map(({ reason }) => reason))].slice(0, 3).join(" ");
  return `${told}; ${_("%(count)s passed over", { count: skipped.length })}: ${reasons}`;
}

/** An entry that does nothing now keeps its place and says why. */
function disable(entry, reason) {
  entry.title = reason;
  if (entry.localName === "button") entry.disabled = Boolean(reason);
  else if (reason) entry.setAttribute("aria-disabled", "true");
  else entry.removeAttribute("aria-disabled");
}
