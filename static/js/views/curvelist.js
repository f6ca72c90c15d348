// The reader's saved curves: choose, save under a name, overwrite, delete and take that back. Expects
//   select[data-curve-choice] · [data-curve-save] [data-curve-delete] · form[data-curve-form] with input[name=name],
//   [data-curve-warning], button[type=submit], [data-curve-cancel] · [data-curve-note] with <span> and <button>

import { deleteCurve, newId, putCurve } from "../http/curves.js";
import { LONGEST_NAME, named, usable, withCurve, withoutCurve, withPoints } from "../lib/savedcurves.js";
import { _ } from "../state/words.js";

const NONE = "";
const DRAWN = "drawn";

export class CurveList {
  #element;
  #state;
  #curves;
  #unit;
  #notice;
  #say;
  #choice;
  #form;
  #undo = null;
  #lastName = "";

  /** @param context  { state, say, notice?, workspace? } of the page */
  constructor(element, { state, say, notice = null, workspace = null }) {
    this.#element = element;
    this.#state = state;
    this.#say = say;
    this.#notice = notice;
    this.#unit = state.series.unit ?? "";
    this.#curves = workspace?.curves ?? [];
    this.#choice = element.querySelector("[data-curve-choice]");
    this.#form = element.querySelector("[data-curve-form]");
    this.#choice.addEventListener("change", () => this.#chosen(this.#choice.value));
    this.#find("save").addEventListener("click", () => this.#ask());
    this.#find("delete").addEventListener("click", () => this.#delete());
    this.#find("cancel").addEventListener("click", () => this.#close());
    this.#find("note").querySelector("button").addEventListener("click", () => this.#takeBack());
    this.#form.addEventListener("submit", (event) => this.#save(event));
    this.#form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#close();
    });
    this.#form.elements.name.maxLength = LONGEST_NAME;
    this.#form.elements.name.addEventListener("input", () => this.#warn());
    this.draw();
  }

  /** Take the curves as the server has them now. */
  load(curves) {
    this.#curves = curves;
    this.draw();
  }

  draw() {
    const { curve } = this.#state.window;
    const offered = usable(this.#curves, this.#unit);
    const current = withPoints(offered, curve);
    if (current) this.#lastName = current.name;
    const options = [[NONE, _("No curve")], ...offered.map(({ id, name }) => [id, name])];
    if (curve && !current) options.splice(1, 0, [DRAWN, _("Drawn by hand")]);
    this.#choice.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    this.#choice.value = current?.id ?? (curve ? DRAWN : NONE);
    this.#find("save").disabled = !curve || Boolean(current);
    this.#find("delete").disabled = !current;
  }

  #find(name) {
    return this.#element.querySelector(`[data-curve-${name}]`);
  }

  #chosen(value) {
    if (value === DRAWN) return;
    const curve = this.#curves.find(({ id }) => id === value);
    if (curve) this.#state.setWindow({ curve: curve.points });
    else this.#element.querySelector("[data-curve-reset]").click();
  }

  // --- saving

  #ask() {
    this.#form.hidden = false;
    this.#form.elements.name.value = this.#lastName;
    this.#warn();
    this.#form.elements.name.select();
    this.#form.elements.name.focus();
  }

  #close() {
    this.#form.hidden = true;
    this.#choice.focus();
  }

  #warn() {
    const there = named(usable(this.#curves, this.#unit), this.#form.elements.name.value);
    const warning = this.#find("warning");
    warning.hidden = !there;
    warning.textContent = there ? _("Takes the place of “%(name)s”.", { name: there.name }) : "";
    this.#form.querySelector("[type=submit]").textContent = there ? _("Overwrite") : _("Save");
  }

  async #save(event) {
    event.preventDefault();
    const name = this.#form.elements.name.value.trim();
    const { curve: points } = this.#state.window;
    if (!name || !points) return;
    const there = named(usable(this.#curves, this.#unit), name);
    const curve = { id: there?.id ?? newId(), name, unit: this.#unit, points };
    if (!(await this.#sent(() => putCurve(curve)))) return;
    this.#curves = withCurve(this.#curves, curve);
    this.#close();
    this.draw();
    this.#tell(_("Curve “%(name)s” saved", { name }), there ? () => this.#putBack(there) : null);
  }

  async #delete() {
    const curve = this.#curves.find(({ id }) => id === this.#choice.value);
    if (!curve || !(await this.#sent(() => deleteCurve(curve.id)))) return;
    this.#curves = withoutCurve(this.#curves, curve.id);
    this.draw();
    this.#choice.focus();
    this.#tell(_("Curve “%(name)s” deleted", { name: curve.name }), () => this.#putBack({ ...curve, id: newId() }));
  }

  async #putBack(curve) {
    if (!(await this.#sent(() => putCurve(curve)))) return;
    this.#curves = withCurve(this.#curves, curve);
    this.draw();
  }

  /** Whether it could be sent; if not, the page says why, and what was typed stays. */
  async #sent(send) {
    try {
      await send();
      return true;
    } catch (error) {
      if (error.status === 0 || error.status === undefined || !error.field) this.#notice?.fault(error);
      this.#tell(error.message);
      return false;
    }
  }

  // --- the line below

  #tell(text, undo = null) {
    const note = this.#find("note");
    note.querySelector("span").textContent = text;
    note.querySelector("button").hidden = !undo;
    note.hidden = false;
    this.#undo = undo;
    this.#say(text);
  }

  #takeBack() {
    const undo = this.#undo;
    this.#undo = null;
    this.#find("note").hidden = true;
    this.#choice.focus();
    undo?.();
  }
}
