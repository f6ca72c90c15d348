// The export of surfaces (#menu-scene-export): the server makes the file of a surface at its threshold or of a segment,
// and the browser takes it in.

import { plain } from "../lib/numbers.js";
import { fileName } from "../lib/snapshot.js";
import { _ } from "../state/words.js";
import { nameOf } from "./scenesettings.js";
import { unitOf } from "./segmentwords.js";

export class SceneExport {
  #menu;
  #pane;
  #client;
  #context;
  #choices = [];
  #isBusy = false;

  /** @param context  { state, series, say } */
  constructor(pane, menu, client, context) {
    this.#menu = menu;
    this.#pane = pane;
    this.#client = client;
    this.#context = context;
    menu.addEventListener("toggle", ({ newState }) => newState === "open" && this.#fill());
    menu.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-scene-export]");
      if (button) this.#export(button.dataset.sceneExport);
    });
  }

  #fill() {
    const { drawing } = this.#pane;
    if (!drawing) return;
    const unit = unitOf(this.#context.series);
    const surfaces = drawing.surfaces.map(({ name, level, largest }, n) => ({
      label: `${nameOf(name, n)}, ${plain(level)}${unit ? `\u00a0${unit}` : ""}`,
      send: (format) => this.#client.surfaceFile({ level, largest, detail: "full", format }, { phase: this.#context.state.phase }),
    }));
    const segments = drawing.segmentList.map(({ id, number, name }) => ({
      label: name,
      send: (format) => this.#client.segmentFile(id, { segment: number, detail: "full", format }),
    }));
    this.#choices = [...surfaces, ...segments];
    const select = this.#menu.querySelector("[data-scene-export-what]");
    select.replaceChildren(...this.#choices.map(({ label }, n) => new Option(label, n)));
  }

  async #export(format) {
    const choice = this.#choices[this.#menu.querySelector("[data-scene-export-what]").value];
    if (!choice || this.#isBusy) return;
    this.#isBusy = true;
    this.#say(_("Making the file"));
    try {
      const link = document.createElement("a");
      link.href = await choice.send(format);
      link.download = fileName([this.#context.series.modality, choice.label], format);
      link.click();
      this.#say(_("The file is in your downloads."));
    } catch (error) {
      this.#say(error.message);
    }
    this.#isBusy = false;
  }

  #say(text) {
    this.#menu.querySelector("[data-scene-export-note]").textContent = text;
    this.#context.say(text);
  }
}
