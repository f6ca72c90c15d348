// The question before something is deleted for good. Expects <dialog id="delete-dialog"> of
// templates/studies/parts.html. Things are { url, name }; each is deleted by the API, one by one.

import { requestJson } from "../http/request.js";
import { _ } from "../state/words.js";
import { element } from "./elements.js";

const MOST_NAMES = 5;

export class DeleteDialog {
  #dialog = document.getElementById("delete-dialog");
  #asked = null;

  constructor() {
    this.#dialog.querySelector("[data-close]").addEventListener("click", () => this.#dialog.close());
    this.#dialog.querySelector("[data-confirm]").addEventListener("click", () => this.#confirm());
  }

  /**
   * Ask; when it is done (wholly or in part) `onDone(deleted)` gets the things that are gone.
   * @param {{title: string, what: string, note?: string, things: {url: string, name: string}[]}} question
   */
  ask({ title, what, note = "", things }, onDone) {
    this.#asked = { things, onDone };
    this.#dialog.querySelector("#delete-title").textContent = title;
    this.#part("what").textContent = what;
    const names = things.slice(0, MOST_NAMES).map(({ name }) => element("li", "", element("bdi", "", name)));
    if (things.length > MOST_NAMES) names.push(element("li", "muted", _("and %(n)s more", { n: things.length - MOST_NAMES })));
    this.#part("names").replaceChildren(...names);
    this.#part("note").textContent = note;
    this.#part("note").hidden = !note;
    this.#part("problem").hidden = true;
    this.#part("confirm").disabled = !things.length;
    this.#dialog.showModal();
    this.#part("close").focus();
  }

  async #confirm() {
    const { things, onDone } = this.#asked;
    const button = this.#part("confirm");
    const words = button.querySelector("span");
    const before = words.textContent;
    const deleted = [];
    button.disabled = true;
    words.textContent = _("Deleting");
    try {
      for (const thing of things) {
        await this.#remove(thing);
        deleted.push(thing);
      }
      this.#dialog.close();
    } catch (error) {
      this.#part("problem").hidden = false;
      this.#part("problem").querySelector("span").textContent = error.message;
      this.#asked.things = things.filter((thing) => !deleted.includes(thing));
    } finally {
      button.disabled = false;
      words.textContent = before;
      if (deleted.length) onDone(deleted);
    }
  }

  /** What is gone already (another tab) is as good as deleted. */
  async #remove({ url }) {
    try {
      await requestJson(url, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) throw error;
    }
  }

  #part(name) {
    return this.#dialog.querySelector(`[data-${name}]`);
  }
}
