// The viewer's page while the volume is prepared. Expects <div class="viewer" data-progress-url="…"> with
// <progress data-progress>, [data-progress-text] and [data-progress-note]: asks how far it is, and becomes the
// viewer when it is there.

import { requestJson } from "../http/request.js";
import { _ } from "../state/words.js";

const EVERY_MS = 700;
const viewer = document.querySelector(".viewer");
const bar = viewer.querySelector("[data-progress]");
const text = viewer.querySelector("[data-progress-text]");
const note = viewer.querySelector("[data-progress-note]");

function show({ state, progress }) {
  if (progress > 0) bar.value = progress;
  else bar.removeAttribute("value");
  const percent = Math.round(progress * 100);
  text.textContent = state === "queued" ? _("Waiting for its turn") : _("%(percent)s %", { percent });
}

async function ask() {
  try {
    const answer = await requestJson(viewer.dataset.progressUrl);
    note.hidden = true;
    if (!["queued", "running"].includes(answer.state)) {
      location.reload();
      return;
    }
    show(answer);
  } catch (error) {
    note.textContent = error.message;
    note.hidden = false;
    if (error.status === 401 || error.status === 404) return;
  }
  setTimeout(ask, EVERY_MS);
}

ask();
