// One message above the status bar, beside the panel: what happened, what to do. Blocks nothing.
//   <div class="viewer-notice" role="status" hidden> <span data-notice-text> <a data-notice-link> <button>

import { _ } from "../state/words.js";

const LASTING = [401, 404, 410];

export class Notice {
  #element;
  #text;
  #link;
  #retry;
  #onRetry;

  constructor(element, { onRetry }) {
    this.#element = element;
    this.#text = element.querySelector("[data-notice-text]");
    this.#link = element.querySelector("[data-notice-link]");
    this.#retry = element.querySelector("[data-notice-retry]");
    this.#onRetry = onRetry;
    this.#retry.addEventListener("click", () => this.#onRetry());
    element.querySelector("[data-notice-close]").addEventListener("click", () => this.clear());
  }

  /** Say what an answer of the server means for the reader. */
  fault(error) {
    const here = encodeURIComponent(location.pathname);
    const cases = {
      0: [_("The connection was lost. The pictures already here stay; the rest comes when it is back.")],
      401: [_("Your session has ended."), _("Sign in again"), `/login?next=${here}`],
      404: [_("This series is no longer here: it was deleted."), _("Go to the worklist"), "/"],
      410: [_("This series is no longer here: it was deleted."), _("Go to the worklist"), "/"],
      503: [_("The server is busy. It is asked again by itself.")],
    };
    const [text, label, address] = cases[error.status] ?? [error.message];
    this.#text.textContent = text;
    this.#link.hidden = !label;
    this.#retry.hidden = Boolean(label);
    if (label) {
      this.#link.textContent = label;
      this.#link.href = address;
    }
    this.#element.dataset.status = error.status;
    this.#element.hidden = false;
  }

  clear() {
    this.#element.hidden = true;
  }

  /** A picture was drawn: that ends what was said, unless it was made here and the server's last word still holds. */
  drawn(isLocal) {
    if (!isLocal || !LASTING.includes(Number(this.#element.dataset.status))) this.clear();
  }
}
