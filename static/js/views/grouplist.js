// The list of folders, ZIPs and files on their way: one <li> for each group, kept and updated.
// Expects <ul class="file-list">; emits nothing, calls `onCancel(group)` and `onRetry(group)`.

import { formatBytes, formatCount, formatPart } from "../lib/amounts.js";
import { _, ngettext } from "../state/words.js";
import { element, icon } from "./elements.js";

const ICONS = { folder: "folder", zip: "file-earmark-zip", file: "file-earmark", files: "file-earmark" };

export class GroupList {
  #list;
  #sprite;
  #rows = new Map();
  #onCancel;
  #onRetry;

  constructor(list, sprite, { onCancel, onRetry }) {
    this.#list = list;
    this.#sprite = sprite;
    this.#onCancel = onCancel;
    this.#onRetry = onRetry;
  }

  draw(groups) {
    for (const group of groups) {
      if (!this.#rows.has(group)) this.#rows.set(group, this.#makeRow(group));
      this.#update(group, this.#rows.get(group));
    }
  }

  #makeRow(group) {
    const name = group.kind === "files" ? _("Single files") : group.name + (group.kind === "folder" ? "/" : "");
    const row = {
      item: element("li"),
      sub: element("span", "small muted"),
      bar: element("progress", "bar"),
      amount: element("span", "num soft"),
      button: element("button", "btn btn-icon btn-quiet btn-sm"),
      end: element("span", "group-end"),
      shown: "",
    };
    row.bar.max = 1;
    row.bar.setAttribute("aria-label", name);
    row.button.type = "button";
    row.button.addEventListener("click", () => (group.state === "failed" ? this.#onRetry(group) : this.#onCancel(group)));
    const title = element("span", "name", name);
    title.title = name;
    row.item.append(icon(this.#sprite, ICONS[group.kind]), element("span", "", title, row.sub), row.bar, row.amount, row.end);
    this.#list.append(row.item);
    return row;
  }

  #update(group, row) {
    row.bar.value = group.bytes ? group.sentBytes / group.bytes : Number(group.state === "done");
    row.bar.classList.toggle("is-ok", group.state === "done" && !isFruitless(group));
    row.bar.classList.toggle("is-warn", isFruitless(group));
    row.bar.classList.toggle("is-error", group.state === "failed");
    const { bytes, sentBytes } = group;
    row.amount.textContent = group.state === "done" ? formatBytes(bytes) : formatPart(sentBytes, bytes);
    row.sub.textContent = subline(group);
    row.sub.className = group.problem ? "small ic-error" : "small muted";
    if (row.shown === group.state) return;
    row.shown = group.state;
    row.item.classList.toggle("is-cancelled", group.state === "cancelled");
    row.end.replaceChildren(...this.#ending(group, row.button));
  }

  #ending(group, button) {
    if (isFruitless(group)) return [icon(this.#sprite, "exclamation-triangle", "ic-warn")];
    if (group.state === "done") return [icon(this.#sprite, "check-circle", "ic-ok")];
    if (group.state === "cancelled") return [];
    const label = group.state === "failed" ? _("Try again") : _("Cancel");
    button.title = label;
    button.setAttribute("aria-label", label);
    button.replaceChildren(icon(this.#sprite, group.state === "failed" ? "arrow-clockwise" : "x-lg"));
    return [button];
  }
}

/** Sent, and nothing of it was taken. */
function isFruitless({ state, outcome }) {
  return state === "done" && !outcome.accepted && !outcome.duplicates && outcome.refused > 0;
}

function subline(group) {
  if (group.problem) return group.problem;
  if (group.state === "cancelled") return _("Cancelled");
  if (group.state === "done") return outcomeWords(group.outcome);
  if (group.isChecking) return _("All sent. The server is checking the files.");
  const all = formatCount(group.files);
  if (group.state === "waiting") return ngettext("%(n)s file, waiting", "%(n)s files, waiting", group.files, { n: all });
  if (group.files === 1) return "";
  return _("%(done)s of %(all)s files", { done: formatCount(group.doneFiles), all });
}

function outcomeWords({ accepted, duplicates, refused }) {
  const words = [];
  if (accepted || (!duplicates && !refused)) words.push(_("%(n)s accepted", { n: formatCount(accepted) }));
  if (duplicates) words.push(ngettext("%(n)s duplicate", "%(n)s duplicates", duplicates, { n: formatCount(duplicates) }));
  if (refused) words.push(_("%(n)s refused", { n: formatCount(refused) }));
  return words.join(" · ");
}
