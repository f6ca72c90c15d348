// One segmentation in the panel: its name with what concerns all of it, its segments, how they are shown.
//   <section class="segment-group"> header · .segment-notes · <ul class="segment-list"> · .segment-look

import { MODES } from "../lib/segmentdisplay.js";
import { _, ngettext } from "../state/words.js";
import { element, icon } from "./elements.js";
import { openMenu } from "./popmenu.js";
import { iconButton, segmentRow } from "./segmentrow.js";
import { countWords, kindWord, segmentationName } from "./segmentwords.js";

const MODE_WORDS = { both: () => _("Both"), fill: () => _("Fill"), outline: () => _("Outline") };

export class SegmentGroup {
  #context;
  #segmentation = null;
  #drawn = { segmentation: null, rows: "" };
  #parts = {};

  /** @param context  { series, segmentations, sprite, on } as rows take it; *on* also has exportAll, table, dose, removeAll, renameAll */
  constructor(segmentation, context) {
    this.#context = context;
    this.#segmentation = segmentation;
    this.element = element("section", "segment-group");
    this.element.dataset.segmentation = segmentation.id;
    this.#build(segmentation.id);
    this.draw(segmentation);
  }

  #build(id) {
    const { sprite, segmentations } = this.#context;
    const parts = this.#parts;
    parts.eye = iconButton(sprite, "eye", "", "segment-eye");
    parts.eye.addEventListener("click", () => segmentations.toggleAll(id));
    parts.name = element("h3", "segment-group-name");
    parts.kind = element("span", "small muted");
    parts.more = iconButton(sprite, "three-dots-vertical", _("More for this segmentation"), "segment-more");
    parts.more.setAttribute("aria-haspopup", "menu");
    parts.more.addEventListener("click", () => this.#menu());
    parts.table = iconButton(sprite, "grid", _("Table of statistics"));
    parts.table.addEventListener("click", () => this.#context.on.table(this.#segmentation));
    parts.export = iconButton(sprite, "download", _("Export…"));
    parts.export.addEventListener("click", () => this.#context.on.exportAll(this.#segmentation));
    const header = element("header", "segment-group-head", parts.eye, element("div", "segment-group-words", parts.name, parts.kind), parts.table, parts.export, parts.more);
    parts.notes = element("div", "segment-notes");
    parts.list = element("ul", "segment-list");
    parts.list.addEventListener("keydown", (event) => this.#keyed(event));
    this.element.append(header, parts.notes, parts.list, this.#look(id));
  }

  /** How it is shown: fill and outline, opacity of the fill. */
  #look(id) {
    const { segmentations } = this.#context;
    const parts = this.#parts;
    parts.modes = MODES.map((mode) => {
      const button = element("button", "", MODE_WORDS[mode]());
      button.type = "button";
      button.dataset.mode = mode;
      button.addEventListener("click", () => segmentations.setDisplay(id, { mode }));
      return button;
    });
    const choice = element("div", "segmented", ...parts.modes);
    choice.setAttribute("role", "group");
    choice.setAttribute("aria-label", _("Fill and outline"));
    parts.opacity = element("input");
    Object.assign(parts.opacity, { type: "range", min: 0, max: 100, step: 1 });
    parts.percent = element("output", "tab-num");
    parts.opacity.addEventListener("input", () => segmentations.setDisplay(id, { opacity: Number(parts.opacity.value) / 100 }));
    const label = element("label", "segment-opacity", element("span", "", _("Opacity")), parts.opacity, parts.percent);
    return element("div", "segment-look", choice, label);
  }

  draw(segmentation) {
    this.#segmentation = segmentation;
    const { segmentations } = this.#context;
    const display = segmentations.display(segmentation.id);
    this.#drawLook(display);
    // Rows are not made anew while the opacity is drawn: there may be hundreds.
    const { isHidden, hidden, locked } = display;
    const told = JSON.stringify([isHidden, hidden, locked, segmentations.solo, segmentations.selected]);
    if (this.#drawn.segmentation === segmentation && this.#drawn.rows === told) return;
    this.#drawHead(segmentation, display);
    if (this.#drawn.segmentation !== segmentation) this.#drawNotes(segmentation);
    this.#drawRows(segmentation);
    this.#drawn = { segmentation, rows: told };
  }

  #drawLook(display) {
    for (const button of this.#parts.modes) button.setAttribute("aria-pressed", String(button.dataset.mode === display.mode));
    const percent = Math.round(display.opacity * 100);
    if (Number(this.#parts.opacity.value) !== percent) this.#parts.opacity.value = percent;
    this.#parts.percent.textContent = `${percent}\u00a0%`;
    this.#parts.opacity.disabled = display.mode === "outline";
  }

  #drawHead(segmentation, { isHidden }) {
    const { sprite } = this.#context;
    const { eye, name, kind } = this.#parts;
    name.textContent = name.title = segmentationName(segmentation);
    kind.textContent = [kindWord(segmentation.kind), countWords(segmentation)].join(" · ");
    eye.replaceChildren(icon(sprite, isHidden ? "eye-slash" : "eye"));
    eye.title = isHidden ? _("Show all of %(name)s", { name: name.textContent }) : _("Hide all of %(name)s", { name: name.textContent });
    eye.setAttribute("aria-label", eye.title);
    eye.setAttribute("aria-pressed", String(!isHidden));
    this.element.setAttribute("aria-label", name.textContent);
    this.element.classList.toggle("is-hidden", isHidden);
  }

  /** What the reader must know of how it came: placed by resampling, and what the import said. */
  #drawNotes({ placement, stale, warnings = [] }) {
    const { sprite } = this.#context;
    const notes = [];
    if (placement === "resampled") {
      const words = _("Resampled to the grid of this series (nearest voxel): its edges may be off by half a voxel.");
      notes.push(element("p", "segment-note", icon(sprite, "info-circle"), element("span", "", words)));
    }
    if (stale) notes.push(this.#warning(_("The images were prepared anew with another grid since: it cannot be drawn on them.")));
    if (warnings.length === 1) notes.push(this.#warning(warnings[0]));
    if (warnings.length > 1) {
      const told = ngettext("%(count)s warning", "%(count)s warnings", warnings.length);
      const summary = element("summary", "", icon(sprite, "exclamation-triangle"), element("span", "", told), icon(sprite, "chevron-down"));
      const list = element("ul", "", ...warnings.map((text) => element("li", "", text)));
      notes.push(element("details", "segment-note is-warning", summary, list));
    }
    this.#parts.notes.replaceChildren(...notes);
    this.#parts.notes.hidden = !notes.length;
  }

  #warning(text) {
    return element("p", "segment-note is-warning", icon(this.#context.sprite, "exclamation-triangle"), element("span", "", text));
  }

  #drawRows(segmentation) {
    const { list } = this.#parts;
    const now = document.activeElement;
    const row = list.contains(now) ? now.closest("[data-segment]") : null;
    const part = row && [...row.children].findIndex((child) => child.contains(now));
    if (row?.querySelector("input:not([type=color])")) return; // a name is being written
    list.replaceChildren(...segmentation.segments.map((segment) => segmentRow(segmentation, segment, this.#context)));
    // The focus stays where it was, though the row is made anew.
    if (row) list.querySelector(`[data-segment="${row.dataset.segment}"]`)?.children[part]?.focus({ preventScroll: true });
  }

  /** Write a new name in place of the old one. */
  rename(segment, keep) {
    const row = this.#parts.list.querySelector(`[data-segment="${segment.number}"]`);
    const open = row?.querySelector(".segment-open");
    if (open) this.#write(open, segment.name, _("Name of the segment"), keep);
  }

  renameAll(keep) {
    this.#write(this.#parts.name, this.#segmentation.name, _("Name of the segmentation"), keep);
  }

  #write(place, text, label, keep) {
    const field = element("input", "form-control segment-field");
    Object.assign(field, { value: text, maxLength: 200, autocomplete: "off" });
    field.setAttribute("aria-label", label);
    let isDone = false;
    const done = (isKept) => {
      if (isDone) return;
      isDone = true;
      const written = field.value.trim();
      field.replaceWith(place);
      this.#drawn.rows = "";
      this.draw(this.#segmentation);
      this.element.querySelector("[aria-current] .segment-open")?.focus({ preventScroll: true });
      if (isKept && written && written !== text) keep(written);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") done(true);
      if (event.key === "Escape") {
        event.preventDefault();
        done(false);
      }
    });
    field.addEventListener("blur", () => done(true));
    place.replaceWith(field);
    field.focus();
    field.select();
  }

  /** Arrows go from row to row, F2 renames, H hides, Delete deletes. */
  #keyed(event) {
    const row = event.target.closest("[data-segment]");
    if (!row || event.target.matches("input")) return;
    const segment = this.#segmentation.segments.find(({ number }) => number === Number(row.dataset.segment));
    const { on, segmentations } = this.#context;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      const rows = [...this.element.closest(".panel-body").querySelectorAll("[data-segment]")];
      const part = [...row.children].indexOf(event.target);
      rows[rows.indexOf(row) + by]?.children[Math.max(0, part)].focus();
    } else if (event.key === "F2") {
      on.rename(this.#segmentation, segment);
    } else if (event.key === " " && event.target.matches(".segment-open")) {
      segmentations.toggle(this.#segmentation.id, segment.number);
    } else if (event.key === "Delete" && on.remove) {
      on.remove(this.#segmentation, segment);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #menu() {
    const { on, sprite } = this.#context;
    const segmentation = this.#segmentation;
    const reason = segmentation.may_change === false ? _("Only its owner may change it.") : "";
    const items = [
      { label: _("Rename…"), icon: "cursor-text", act: () => on.renameAll(segmentation), reason },
      { label: _("Table of statistics"), icon: "grid", act: () => on.table(segmentation) },
      on.dose && { label: _("Dose–volume histogram"), icon: "bezier2", act: () => on.dose(segmentation), reason: on.doseReason?.() },
      { label: _("Export…"), icon: "download", act: () => on.exportAll(segmentation) },
      null,
      { label: _("Delete…"), icon: "trash3", act: () => on.removeAll(segmentation), isDanger: true, reason },
    ];
    openMenu(this.#parts.more, items.filter((item) => item !== undefined), { label: segmentationName(segmentation), sprite });
  }
}
