// "Saved 12:03" in the top bar, and what to do when saving fails: <span data-saved> with [data-saved-text] and
// <div data-save-note hidden> with its text, link and [data-save-note-close].

import { _, ngettext } from "../state/words.js";

const PATIENCE_MS = 400; // what is quicker is not worth a word
const ICONS = { saved: "check2", saving: "arrow-repeat", none: "check2" };
const TROUBLED = "wifi-off";
const BAD = "exclamation-triangle";

export class Saved {
  #element;
  #text;
  #note;
  #autosave;
  #say;
  #shown = "none";
  #timer = 0;

  /**
   * @param element   <span data-saved>
   * @param note      <div data-save-note>
   * @param autosave  Autosave
   * @param say       (text) → void: the page's polite live region
   */
  constructor(element, note, autosave, say) {
    this.#element = element;
    this.#text = element.querySelector("[data-saved-text]");
    this.#note = note;
    this.#autosave = autosave;
    this.#say = say;
    autosave.addEventListener("status", () => this.#changed());
    autosave.addEventListener("trouble", ({ detail }) => this.#trouble(detail));
    note.querySelector("[data-save-note-close]").addEventListener("click", () => this.#hideNote());
    this.#changed();
  }

  #changed() {
    const { kind } = this.#autosave.status;
    if (this.#element.dataset.saved !== kind) this.#element.dataset.saved = kind;
    if (kind === "saving") {
      // Away from "Offline" at once, away from "Saved" only if it takes time.
      this.#timer ||= setTimeout(() => this.#draw(), this.#shown === "saved" ? PATIENCE_MS : 0);
      return;
    }
    this.#draw();
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const status = this.#autosave.status;
    const { kind } = status;
    const text = words(status);
    if (text !== this.#text.textContent) this.#text.textContent = text;
    const title = kind === "saved" ? _("All your work on this series is on the server.") : text;
    if (this.#element.title !== title) this.#element.title = title;
    const use = this.#element.querySelector("use");
    const name = ICONS[kind] ?? (kind === "offline" || kind === "busy" ? TROUBLED : BAD);
    const icon = use.getAttribute("href").replace(/#.*/, `#${name}`);
    if (use.getAttribute("href") !== icon) use.setAttribute("href", icon);
    if (kind !== this.#shown) this.#became(kind, text);
  }

  #became(kind, text) {
    const before = this.#shown;
    this.#shown = kind;
    const wasQuiet = ["none", "saved", "saving"].includes(before);
    const isQuiet = ["none", "saved", "saving"].includes(kind);
    if (kind === "saved" && !wasQuiet) this.#say(text);
    if (kind === "saved" && ["signedout", "stranger"].includes(this.#note.dataset.kind)) this.#hideNote();
    if (isQuiet || kind === "gone") return;
    this.#say(text);
    if (kind === "signedout") {
      this.#tell(kind, _("Your session has ended. Sign in again in another tab; your work waits here."), _("Sign in"), "/login");
    }
    if (kind === "stranger") {
      this.#tell(kind, _("Another account has signed in. Sign in with your own in another tab; your work waits here."), _("Sign in"), "/login");
    }
  }

  #trouble({ kind, label, error, isOurs }) {
    const name = label || _("This change");
    if (kind === "refused") {
      this.#tell(kind, _("%(name)s was not saved: %(reason)s", { name, reason: error.message }));
    } else if (kind === "gone") {
      this.#tell(kind, _("This series was deleted. What you do here is no longer saved."), _("Go to the worklist"), "/");
    } else {
      const text = isOurs
        ? _("%(name)s was also changed elsewhere. Yours is the later one and was kept.", { name })
        : _("%(name)s was changed elsewhere later. That one is shown.", { name });
      this.#say(text);
    }
  }

  /** Show the note until it is closed or the trouble is over. */
  #tell(kind, text, label = "", address = "") {
    this.#note.dataset.kind = kind;
    this.#note.querySelector("[data-save-note-text]").textContent = text;
    const link = this.#note.querySelector("[data-save-note-link]");
    link.hidden = !label;
    link.textContent = label;
    if (label) link.href = address;
    this.#note.hidden = false;
    this.#say(text);
  }

  #hideNote() {
    this.#note.hidden = true;
    delete this.#note.dataset.kind;
  }
}

function words({ kind, at, waiting }) {
  if (kind === "saving") return _("Saving");
  if (kind === "saved") return _("Saved %(time)s", { time: clock(at) });
  if (kind === "none") return "";
  if (kind === "gone") return _("Deleted");
  if (kind === "offline") return ngettext("Offline, %(count)s change waiting", "Offline, %(count)s changes waiting", waiting);
  if (kind === "busy") return ngettext("Server busy, %(count)s change waiting", "Server busy, %(count)s changes waiting", waiting);
  return ngettext("Signed out, %(count)s change waiting", "Signed out, %(count)s changes waiting", waiting);
}

/** 12:03, on the reader's clock. */
function clock(at) {
  return [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}
