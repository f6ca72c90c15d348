// The doses in the panel's tab of segments: which is shown, its levels with their colours (the legend), in per cent of
// the highest dose or in Gy.   <section data-doses> with <div data-dose-list>

import { converted, doseColour, levelGy } from "../lib/doseplane.js";
import { decimal, parse, plain } from "../lib/numbers.js";
import { _ } from "../state/words.js";
import { element, icon } from "./elements.js";
import { iconButton, segmentSwatch } from "./segmentrow.js";

const MODES = [
  ["both", () => _("Both")],
  ["lines", () => _("Lines")],
  ["wash", () => _("Wash")],
];
const MOST = 12;

export class DosePanel {
  #root;
  #doses;
  #sprite;
  #onHistogram;

  /** @param onHistogram  (dose) → void */
  constructor(root, doses, { onHistogram }) {
    this.#root = root;
    this.#doses = doses;
    this.#onHistogram = onHistogram;
    this.#sprite = root.closest(".panel-body").querySelector("use").getAttribute("href").split("#")[0];
    doses.addEventListener("doses", () => this.#draw());
    this.#draw();
  }

  #draw() {
    const list = this.#root.querySelector("[data-dose-list]");
    this.#root.hidden = !this.#doses.all.length;
    const now = document.activeElement;
    if (list.contains(now) && now.matches("input")) {
      this.#told(list); // a number or the slider is in the reader's hand
      return;
    }
    const path = list.contains(now) ? now.dataset.part : null;
    list.replaceChildren(...this.#doses.all.map((dose) => this.#dose(dose)));
    if (path) list.querySelector(`[data-part="${path}"]`)?.focus({ preventScroll: true });
  }

  #told(list) {
    for (const output of list.querySelectorAll("output")) {
      output.textContent = `${Math.round(this.#doses.display(output.dataset.dose).opacity * 100)}\u00a0%`;
    }
  }

  #dose(dose) {
    const { instance_id: id, reason, max_gy: most } = dose;
    const name = dose.name || dose.series_description || _("Dose");
    if (reason) return element("p", "segment-note is-error", icon(this.#sprite, "exclamation-circle"), element("span", "", `${name}: ${reason}`));
    const shown = this.#doses.display(id);
    const eye = iconButton(this.#sprite, shown.isShown ? "eye" : "eye-slash", shown.isShown ? _("Hide %(name)s", { name }) : _("Show %(name)s", { name }));
    eye.dataset.part = `${id} eye`;
    eye.setAttribute("aria-pressed", String(shown.isShown));
    eye.addEventListener("click", () => this.#doses.setDisplay(id, { isShown: !shown.isShown }));
    const words = element("div", "segment-group-words", element("h3", "segment-group-name", name), element("span", "small muted", _("up to %(dose)s Gy", { dose: decimal(most, 2) })));
    const histogram = element("button", "btn btn-sm", icon(this.#sprite, "bezier2"), _("DVH"));
    histogram.type = "button";
    histogram.title = _("Dose–volume histogram");
    histogram.addEventListener("click", () => this.#onHistogram(dose));
    const head = element("div", "dose-head", eye, words, histogram);
    const box = element("div", "dose", head);
    if (shown.isShown) box.append(this.#look(dose, shown), this.#levels(dose, shown));
    const fault = this.#doses.fault(id);
    if (fault && shown.isShown) box.append(element("p", "segment-note is-error", icon(this.#sprite, "exclamation-circle"), element("span", "", fault.message)));
    return box;
  }

  #look({ instance_id: id }, shown) {
    const set = (changes) => this.#doses.setDisplay(id, changes);
    const modes = this.#choice(_("Lines and wash"), MODES.map(([mode, word]) => [word(), mode === shown.mode, () => set({ mode }), `${id} ${mode}`]));
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 0, max: 100, step: 1, value: Math.round(shown.opacity * 100) });
    slider.disabled = shown.mode === "lines";
    slider.addEventListener("input", () => set({ opacity: Number(slider.value) / 100 }));
    const output = element("output", "tab-num", `${slider.value}\u00a0%`);
    output.dataset.dose = id;
    return element("div", "segment-look", modes, element("label", "segment-opacity", element("span", "", _("Opacity")), slider, output));
  }

  #levels({ instance_id: id, max_gy: most }, { levels, unit }) {
    const set = (changes) => this.#doses.setDisplay(id, changes);
    const turn = (other) => other !== unit && set({ unit: other, levels: converted(levels, other, most) });
    const units = this.#choice(_("Unit of the levels"), ["%", "Gy"].map((one) => [one, one === unit, () => turn(one), `${id} unit ${one}`]));
    const rows = levels.map((level) => this.#level(level, { unit, most, change: (next) => set({ levels: [...levels.filter((one) => one !== level), ...next] }) }));
    const add = iconButton(this.#sprite, "plus-lg", _("Add a level"));
    add.dataset.part = `${id} add`;
    const between = levels.length > 1 ? (levels.at(-1) + levels.at(-2)) / 2 : unit === "%" ? 50 : most / 2;
    add.addEventListener("click", () => levels.length < MOST && set({ levels: [...levels, Number(between.toPrecision(3))] }));
    const list = element("ul", "dose-levels", ...rows);
    return element("div", "dose-legend", element("div", "dose-legend-head", element("span", "label", _("Levels")), units, add), list);
  }

  #level(level, { unit, most, change }) {
    const gray = levelGy(level, unit, most);
    const field = element("input", "form-control");
    Object.assign(field, { inputMode: "decimal", value: plain(level), autocomplete: "off" });
    field.setAttribute("aria-label", _("Level in %(unit)s", { unit }));
    const keep = () => {
      const next = parse(field.value);
      field.blur();
      if (Number.isFinite(next) && next > 0) change([next]);
      else this.#draw();
    };
    field.addEventListener("change", keep);
    field.addEventListener("keydown", (event) => event.stopPropagation());
    const other = unit === "%" ? `${decimal(gray, 1)}\u00a0Gy` : `${decimal((100 * gray) / most, 0)}\u00a0%`;
    const remove = iconButton(this.#sprite, "x-lg", _("Remove level %(level)s", { level: `${plain(level)} ${unit}` }));
    remove.addEventListener("click", () => change([]));
    return element("li", "", segmentSwatch(doseColour(gray / most)), field, element("span", "small", unit), element("span", "small muted tab-num", other), remove);
  }

  #choice(label, entries) {
    const buttons = entries.map(([word, isOn, act, part]) => {
      const button = element("button", "", word);
      button.type = "button";
      button.dataset.part = part;
      button.setAttribute("aria-pressed", String(isOn));
      button.addEventListener("click", act);
      return button;
    });
    const group = element("div", "segmented", ...buttons);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    return group;
  }
}
