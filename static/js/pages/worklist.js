// The worklist. Expects <table data-worklist> with rows <tr data-study data-name data-images data-size
// [data-own] [data-preparing]>, each with a tick, a menu and [data-delete-one]; <div data-selection>;
// the delete dialog; templates/studies/uploader.html for files dropped on the page.

import { formatBytes, formatCount } from "../lib/amounts.js";
import { _, ngettext } from "../state/words.js";
import { DeleteDialog } from "../views/deletedialog.js";
import { watchDrops } from "../views/dropping.js";
import { LiveStates, refreshPage } from "../views/live.js";
import { watchMenus } from "../views/menus.js";
import { Selection } from "../views/selection.js";
import { Uploader } from "../views/uploader.js";

const selection = new Selection(document.querySelector("[data-selection]"));
const dialog = new DeleteDialog();
const announce = document.querySelector("[data-announce]");

function refresh() {
  return refreshPage(() => {
    selection.redraw();
    live.wake();
  });
}

const live = new LiveStates({
  studies: () => Array.from(document.querySelectorAll("tr[data-preparing]"), (row) => row.dataset.study),
  show: (study) => {
    const shown = document.querySelector(`#study-${CSS.escape(study.id)} [data-percent]`);
    if (shown) shown.textContent = String(Math.floor(study.progress * 100));
  },
  onSwap: () => selection.redraw(),
});

function askToDelete(rows) {
  const own = rows.filter((row) => "own" in row.dataset);
  const images = own.reduce((sum, row) => sum + Number(row.dataset.images), 0);
  const bytes = own.reduce((sum, row) => sum + Number(row.dataset.size), 0);
  const question = {
    title: ngettext("Delete %(count)s study?", "Delete %(count)s studies?", own.length),
    what: _("%(images)s images (%(size)s) are deleted with everything made from them. This cannot be undone.", {
      images: formatCount(images),
      size: formatBytes(bytes),
    }),
    note: own.length < rows.length ? _("The demonstration study stays.") : "",
    things: own.map((row) => ({ url: `/api/v1/studies/${row.dataset.study}`, name: row.dataset.name })),
  };
  dialog.ask(question, async (deleted) => {
    selection.clear();
    await refresh();
    announce.textContent = ngettext("%(count)s study deleted", "%(count)s studies deleted", deleted.length);
  });
}

document.addEventListener("click", (event) => {
  const one = event.target.closest("[data-delete-one]");
  if (one) {
    one.closest("[popover]").hidePopover();
    askToDelete([one.closest("tr")]);
  }
  if (event.target.closest("[data-delete]")) askToDelete(selection.rows);
});

watchMenus();
const uploader = new Uploader(document.querySelector("[data-uploader]"), { onFinished: refresh });
watchDrops((items, unreadable) => uploader.take(items, unreadable));
