// The panel's tab of segments (templates/viewer/segments.html): a group for each segmentation, the files of the server
// that refer to the series, what is being imported. Draws from Segmentations.

import { _ } from "../state/words.js";
import { confirmed } from "./confirming.js";
import { element, icon } from "./elements.js";
import { SegmentGroup } from "./segmentgroup.js";
import { countWords, kindWord, segmentName, segmentationName } from "./segmentwords.js";

export class SegmentPanel {
  #root;
  #context;
  #groups = new Map();
  #badge;
  #sprite;
  #on;

  /**
   * @param context  { series, state, segmentations, toast, say }
   * @param options  importer: SegmentImport · dialogs: { confirm, table, export, code? } · badge: the tab's count
   */
  constructor(root, context, { importer, dialogs, badge }) {
    this.#root = root;
    this.#context = context;
    this.#badge = badge;
    this.#sprite = root.querySelector("use").getAttribute("href").split("#")[0];
    this.#on = this.#actions(dialogs);
    const { segmentations } = context;
    for (const change of ["segmentations", "display", "selected", "status"]) {
      segmentations.addEventListener(change, () => this.#draw());
    }
    for (const button of root.querySelectorAll("[data-segments-import]")) button.addEventListener("click", () => importer.choose());
    root.querySelector("[data-segments-retry]").addEventListener("click", () => segmentations.load());
    root.querySelector("[data-segments-all]").addEventListener("click", () => segmentations.setSolo(null));
    this.#find("found-list").addEventListener("click", ({ target }) => {
      const button = target.closest("[data-instance]");
      if (button) importer.takeFound(segmentations.found.find((one) => one.instance_id === button.dataset.instance));
    });
    this.#draw();
  }

  #find(name) {
    return this.#root.querySelector(`[data-segments-${name}]`);
  }

  get #rowContext() {
    const { series, segmentations } = this.#context;
    return { series, segmentations, sprite: this.#sprite, on: this.#on };
  }

  #actions(dialogs) {
    const { segmentations, state, toast } = this.#context;
    const tried = (promise) => promise.catch((fault) => toast.show(fault.message));
    return {
      jump: ({ id }, { number, centroid_lps: place }) => {
        segmentations.select({ id, number });
        if (place) state.moveToLps(place);
      },
      solo: ({ id }, { number }) => segmentations.setSolo(segmentations.isSolo(id, number) ? null : { id, number }),
      locked: (segment) => toast.show(_("%(name)s is locked.", { name: segmentName(segment) })),
      rename: ({ id }, segment) => {
        if (segmentations.isLocked(id, segment.number)) return this.#on.locked(segment);
        segmentations.select({ id, number: segment.number });
        return this.#groups.get(id)?.rename(segment, (name) => tried(segmentations.changeSegment(id, segment.number, { name })));
      },
      renameAll: ({ id }) => this.#groups.get(id)?.renameAll((name) => tried(segmentations.rename(id, name))),
      colour: ({ id }, { number }, color) => tried(segmentations.changeSegment(id, number, { color })),
      code: dialogs.code && ((segmentation, segment) => dialogs.code.open(segmentation, segment)),
      export: (segmentation, segment) => dialogs.export.open(segmentation, [segment.number]),
      exportAll: (segmentation) => dialogs.export.open(segmentation),
      table: (segmentation) => dialogs.table.open(segmentation),
      dose: dialogs.dose && ((segmentation) => dialogs.dose.open(segmentation)),
      doseReason: () => dialogs.dose?.reason ?? "",
      remove: (segmentation, segment) => this.#removeOne(segmentation, segment, dialogs.confirm),
      removeAll: (segmentation) => this.#remove(segmentation, dialogs.confirm),
    };
  }

  #removeOne(segmentation, segment, dialog) {
    if (segmentation.may_change === false) return this.#context.toast.show(_("Only its owner may change it."));
    if (this.#context.segmentations.isLocked(segmentation.id, segment.number)) return this.#on.locked(segment);
    if (segmentation.segments.length === 1) return this.#remove(segmentation, dialog); // an empty list would stay behind
    const name = segmentName(segment);
    const text = _("Its voxels are deleted for good; the other segments stay. The file it came from stays among your files, if you uploaded it there.");
    return this.#asked(dialog, name, text, () => this.#context.segmentations.removeSegment(segmentation.id, segment.number));
  }

  #remove(segmentation, dialog) {
    const segments = countWords(segmentation);
    const text = _("Its %(segments)s and their voxels are deleted for good. The file it came from stays among your files, if you uploaded it there.", { segments });
    return this.#asked(dialog, segmentationName(segmentation), text, () => this.#context.segmentations.remove(segmentation.id));
  }

  async #asked(dialog, name, text, remove) {
    const { toast } = this.#context;
    const title = _("Delete %(name)s?", { name });
    if (!(await confirmed(dialog, { title, text, yes: _("Delete"), isDanger: true }))) return;
    try {
      await remove();
      toast.show(_("%(name)s deleted", { name }));
    } catch (fault) {
      toast.show(fault.message);
    }
  }

  #draw() {
    const { segmentations } = this.#context;
    const { all, found, status, count, solo } = segmentations;
    this.#drawGroups(all);
    this.#badge.textContent = count ? String(count) : "";
    this.#find("loading").hidden = status !== "loading" || all.length > 0;
    this.#find("fault").hidden = status !== "failed";
    if (status === "failed") this.#find("fault").querySelector("[data-text]").textContent = segmentations.fault.message;
    this.#find("empty").hidden = status !== "ready" || all.length > 0;
    this.#find("tools").hidden = this.#find("heads").hidden = !all.length;
    this.#find("solo").hidden = !solo;
    this.#drawFound(found);
  }

  #drawGroups(all) {
    const ids = new Set(all.map(({ id }) => id));
    for (const [id, group] of this.#groups) {
      if (ids.has(id)) continue;
      group.element.remove();
      this.#groups.delete(id);
    }
    const place = this.#find("groups");
    all.forEach((segmentation, n) => {
      let group = this.#groups.get(segmentation.id);
      if (group) group.draw(segmentation);
      else {
        group = new SegmentGroup(segmentation, this.#rowContext);
        this.#groups.set(segmentation.id, group);
      }
      if (place.children[n] !== group.element) place.insertBefore(group.element, place.children[n] ?? null);
    });
  }

  /** Structures, segmentations and doses among the reader's files that refer to this series. */
  #drawFound(found) {
    this.#find("found").hidden = !found.length;
    const rows = found.map((one) => {
      const button = element("button", "btn btn-sm", icon(this.#sprite, "plus-lg"), _("Show"));
      button.type = "button";
      button.dataset.instance = one.instance_id;
      const name = one.name || one.series_description || kindWord(one.kind);
      button.setAttribute("aria-label", _("Show %(name)s on these images", { name }));
      const words = element("span", "found-words", element("b", "", name), element("small", "", [kindWord(one.kind), one.series_description].filter(Boolean).join(" · ")));
      return element("li", "", icon(this.#sprite, "file-earmark-medical"), words, button);
    });
    this.#find("found-list").replaceChildren(...rows);
  }
}
