// One study. Expects .page-head[data-study data-name data-images data-series-count data-size], cards
// <article data-series data-name data-images data-size> with [data-delete-one], #study-series
// [data-preparing] and the delete dialog.

import { formatBytes, formatCount } from "../lib/amounts.js";
import { _ } from "../state/words.js";
import { DeleteDialog } from "../views/deletedialog.js";
import { LiveStates, refreshPage } from "../views/live.js";
import { watchMenus } from "../views/menus.js";

const head = document.querySelector(".page-head[data-study]");
const dialog = new DeleteDialog();
const announce = document.querySelector("[data-announce]");

new LiveStates({
  studies: () => (document.querySelector("#study-series[data-preparing]") ? [head.dataset.study] : []),
  show: (study) => {
    for (const { id, progress } of study.series) {
      const card = document.getElementById(`series-${id}`);
      const percent = card?.querySelector("[data-percent]");
      if (!percent) continue;
      percent.textContent = String(Math.floor(progress * 100));
      card.querySelector("progress").value = progress;
    }
  },
});

function whatGoes({ images, size }) {
  return _("%(images)s images (%(size)s) are deleted with everything made from them. This cannot be undone.", {
    images: formatCount(Number(images)),
    size: formatBytes(Number(size)),
  });
}

function leave() {
  location.assign(head.dataset.worklistUrl);
}

function askForStudy() {
  const { study, name } = head.dataset;
  const things = [{ url: `/api/v1/studies/${study}`, name }];
  dialog.ask({ title: _("Delete this study?"), what: whatGoes(head.dataset), things }, leave);
}

function askForSeries(card) {
  const things = [{ url: `/api/v1/series/${card.dataset.series}`, name: card.dataset.name }];
  const isLast = document.querySelectorAll("[data-series]").length === 1;
  const note = isLast ? _("It is the study's only series: the study goes with it.") : "";
  dialog.ask({ title: _("Delete this series?"), what: whatGoes(card.dataset), note, things }, async () => {
    if (isLast) return leave();
    await refreshPage();
    announce.textContent = _("Series deleted");
  });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-delete-study]")) askForStudy();
  const one = event.target.closest("[data-delete-one]");
  if (one) {
    one.closest("[popover]").hidePopover();
    askForSeries(one.closest("[data-series]"));
  }
});

watchMenus();
