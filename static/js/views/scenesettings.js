// The settings of the 3D view (#scene-settings) and its menu of modes (#menu-scene-mode): they change the state and
// are drawn from it and from what the server proposes.

import { plain } from "../lib/numbers.js";
import { WHOLE, withSide } from "../lib/scenesettings.js";
import { _ } from "../state/words.js";
import { unitOf } from "./segmentwords.js";

const GAP = 8;
const SHIFT_PART = 0.25; // of the range of values, to each side

export class SceneSettings {
  #state;
  #pane;
  #element;
  #button;
  #menu;
  #rows = [];

  /** @param pane  ScenePane */
  constructor(pane, state, { element, menu }) {
    this.#state = state;
    this.#pane = pane;
    this.#element = element;
    this.#menu = menu;
    this.#button = pane.element.querySelector("[data-scene-settings]");
    this.#button.addEventListener("click", () => this.toggle());
    this.#find("[data-scene-settings-close]").addEventListener("click", () => this.toggle(false));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.toggle(false);
    });
    menu.addEventListener("click", ({ target }) => this.#choose(target.closest("[data-scene-mode]")));
    this.#find("[data-scene-usual]").addEventListener("click", () => state.setScene({ surfaces: null }));
    this.#find("[data-scene-whole]").addEventListener("click", () => state.setScene({ box: null }));
    this.#find("[data-scene-marker-shown]").addEventListener("change", ({ target }) => state.setScene({ marker: target.checked }));
    this.#find("[data-scene-density]").addEventListener("input", ({ target }) => state.setScene({ density: 2 ** Number(target.value) }));
    this.#find("[data-scene-shift]").addEventListener("input", ({ target }) => state.setScene({ shift: Number(target.value) }));
    this.#find("[data-scene-window]").addEventListener("change", ({ target }) => state.setScene({ window: target.checked ? "images" : "wide" }));
    for (const side of element.querySelectorAll("[data-scene-side]")) {
      side.addEventListener("input", () => {
        const [axis, end] = side.dataset.sceneSide.split(" ").map(Number);
        state.setScene({ box: withSide(state.scene.box, axis, end, Number(side.value) / 100) });
      });
    }
    state.addEventListener("scene", () => this.#draw());
    for (const moment of ["built", "ready"]) pane.addEventListener(moment, () => this.#draw());
    addEventListener("resize", () => this.#isOpen && this.#place());
    state.addEventListener("layout", () => this.toggle(false));
  }

  #find(selector) {
    return this.#element.querySelector(selector);
  }

  get #isOpen() {
    return this.#element.matches(":popover-open");
  }

  toggle(isOpen = !this.#isOpen) {
    if (isOpen === this.#isOpen) return;
    if (isOpen) {
      this.#draw();
      this.#element.showPopover();
      this.#place();
      this.#find("input, button").focus({ preventScroll: true });
    } else {
      const hadFocus = this.#element.contains(document.activeElement);
      this.#element.hidePopover();
      if (hadFocus) this.#button.focus({ preventScroll: true });
    }
    this.#button.setAttribute("aria-expanded", String(isOpen));
  }

  /** Beside the quadrant where there is room, so that what is set is seen. */
  #place() {
    const { left, right, top } = this.#pane.element.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.#element;
    const isBeside = right + GAP + width <= innerWidth;
    const x = isBeside ? right + GAP : left - GAP - width >= 0 ? left - GAP - width : innerWidth - width - GAP - 36;
    this.#element.style.left = `${Math.max(GAP, x)}px`;
    this.#element.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  }

  #choose(item) {
    if (!item) return;
    const { sceneMode: mode, scenePreset: preset } = item.dataset;
    this.#menu.hidePopover();
    this.#state.setScene({ mode, ...(preset && { preset, shift: 0, density: 1 }) });
  }

  #draw() {
    const { drawing } = this.#pane;
    if (!drawing) return;
    this.#drawMenu(drawing);
    for (const section of this.#element.querySelectorAll("[data-scene-for]")) {
      section.hidden = !section.dataset.sceneFor.split(" ").includes(drawing.mode);
    }
    this.#drawSurfaces(drawing);
    this.#drawVolume(drawing);
    const box = this.#state.scene.box ?? WHOLE;
    for (const side of this.#element.querySelectorAll("[data-scene-side]")) {
      const [axis, end] = side.dataset.sceneSide.split(" ").map(Number);
      side.value = Math.round(100 * box[end][axis]);
    }
    this.#find("[data-scene-whole]").disabled = this.#state.scene.box === null;
    this.#find("[data-scene-marker-shown]").checked = this.#state.scene.marker;
    this.#find("[data-scene-window]").checked = this.#state.scene.window === "images";
  }

  #drawMenu(drawing) {
    let words = "";
    for (const item of this.#menu.querySelectorAll("[data-scene-mode]")) {
      const { sceneMode: mode, scenePreset: preset } = item.dataset;
      const isNow = mode === drawing.mode && (!preset || preset === drawing.preset);
      item.setAttribute("aria-checked", String(isNow));
      if (isNow) words = item.textContent.trim();
    }
    this.#pane.element.querySelector("[data-scene-what]").textContent = words;
    this.#pane.element.dataset.sceneMode = drawing.mode;
  }

  #drawSurfaces(drawing) {
    const { surfaces } = drawing;
    const [low, high] = drawing.levelRange;
    const unit = unitOf(this.#state.series);
    while (this.#rows.length > surfaces.length) this.#rows.pop().remove();
    while (this.#rows.length < surfaces.length) this.#addRow();
    surfaces.forEach((surface, n) => {
      const row = this.#rows[n];
      const field = (name) => row.querySelector(`[data-field=${name}]`);
      row.querySelector("legend").textContent = row.querySelector("[data-name]").textContent = nameOf(surface.name, n);
      Object.assign(field("level"), { min: low, max: high, step: stepOf(high - low) });
      for (const name of ["level", "opacity", "color"]) if (field(name).value !== String(surface[name])) field(name).value = surface[name];
      for (const name of ["isShown", "largest"]) field(name).checked = surface[name];
      field("level").nextElementSibling.textContent = [plain(surface.level), unit].filter(Boolean).join("\u00a0");
      field("opacity").nextElementSibling.textContent = `${Math.round(100 * surface.opacity)}\u00a0%`;
    });
    this.#find("[data-scene-usual]").disabled = this.#state.scene.surfaces === null;
  }

  #addRow() {
    const n = this.#rows.length;
    const row = this.#find("[data-scene-surface]").content.firstElementChild.cloneNode(true);
    row.addEventListener("input", ({ target }) => {
      const { field } = target.dataset;
      const value = target.type === "checkbox" ? target.checked : field === "color" ? target.value : Number(target.value);
      const surfaces = this.#pane.drawing.surfaces.map((one, at) => (at === n ? { ...one, [field]: value } : one));
      this.#state.setScene({ surfaces });
    });
    this.#rows.push(row);
    this.#find("[data-scene-surfaces]").append(row);
  }

  #drawVolume(drawing) {
    const [low, high] = drawing.levelRange;
    const { density, shift } = this.#state.scene;
    const reach = (high - low) * SHIFT_PART;
    const [thick, moved] = [this.#find("[data-scene-density]"), this.#find("[data-scene-shift]")];
    thick.value = Math.log2(density);
    thick.nextElementSibling.textContent = `${plain(Number(density.toFixed(2)))}×`;
    Object.assign(moved, { min: -reach, max: reach, step: stepOf(2 * reach) });
    moved.value = shift;
    moved.nextElementSibling.textContent = [`${shift > 0 ? "+" : ""}${plain(Number(shift.toPrecision(4)))}`, unitOf(this.#state.series)].filter(Boolean).join("\u00a0");
  }
}

/** The names that the server gives its surfaces, in words. */
function nameOf(name, n) {
  const words = { bone: _("Bone"), skin: _("Skin"), tissue: _("Tissue"), surface: _("Surface") };
  return words[name] ?? (name || _("Surface %(number)s", { number: n + 1 }));
}

const stepOf = (range) => (range > 200 ? 1 : range > 0 ? 10 ** Math.floor(Math.log10(range / 200)) : 1);

export { nameOf };
