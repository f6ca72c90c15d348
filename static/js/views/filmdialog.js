// A film of slices or of the volumes of a part: <dialog data-film-dialog>. GIF and WebP are made by the server, WebM
// by the browser's own recorder, in the view of the pane. Either can be called off.

import { place } from "../lib/viewtransform.js";
import { fileName, filmSize, framesBetween } from "../lib/snapshot.js";
import { slabQuery } from "../lib/planequery.js";
import { windowQuery } from "../lib/windowing.js";
import { _ } from "../state/words.js";
import { record, recordedType } from "./recorder.js";
import { save } from "./snapshot.js";

const WIDTH = 512; // of a film of the server
const PHASES = "phases";

export class FilmDialog {
  #dialog;
  #context;
  #abort = null;

  constructor(dialog, context) {
    this.#dialog = dialog;
    this.#context = context;
    this.#find("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#abort?.abort());
    this.#find("[data-film-start]").addEventListener("click", () => this.#start());
    this.#find("[data-film-cancel]").addEventListener("click", () => this.#abort?.abort());
    this.#form.plane.addEventListener("change", () => this.#setRange());
    this.#form.format.forEach((choice) => choice.addEventListener("change", () => this.#tell()));
    for (const name of ["first", "last", "fps"]) this.#form[name].addEventListener("input", () => this.#tell());
    if (!recordedType()) {
      const webm = [...this.#form.format].find(({ value }) => value === "webm");
      webm.disabled = true;
      this.#find("[data-webm-note]").textContent = _("not possible: this browser has no recorder");
    }
  }

  open() {
    this.#offer();
    this.#setRange();
    this.#fault("");
    this.#dialog.showModal();
  }

  /** The planes of the series that is read, the one that is looked at first. */
  #offer() {
    const { state, series } = this.#context;
    const { plane } = this.#form;
    for (const option of plane.options) {
      option.disabled = option.hidden = option.value === PHASES ? !series.phases : !state.plane(option.value);
    }
    const seen = this.#planeSeen;
    const isThere = (value) => [...plane.options].some((option) => option.value === value && !option.disabled);
    if (isThere(seen)) plane.value = seen;
    else if (!isThere(plane.value)) plane.value = state.planes[0].plane;
  }

  get #planeSeen() {
    return this.#context.activePane()?.plane;
  }

  get #form() {
    return this.#find("form").elements;
  }

  #find(selector) {
    return this.#dialog.querySelector(selector);
  }

  get #count() {
    const { state, series } = this.#context;
    const { value } = this.#form.plane;
    return value === PHASES ? series.phases.labels.length : state.plane(value).count;
  }

  #setRange() {
    const { first, last } = this.#form;
    first.max = last.max = this.#count;
    first.value = 1;
    last.value = this.#count;
    this.#tell();
  }

  /** How many pictures and how long. */
  #tell() {
    const { first, last, fps } = this.#form;
    const isWhole = [first, last, fps].every((field) => field.checkValidity());
    this.#find("[data-film-start]").disabled = !isWhole || Boolean(this.#abort);
    const count = Math.abs(Number(last.value) - Number(first.value)) + 1;
    const seconds = (count / Number(fps.value)).toFixed(1);
    this.#find("[data-film-note]").textContent = isWhole
      ? _("%(count)s pictures, %(seconds)s s", { count, seconds })
      : _("From 1 to %(count)s, and 1 to 30 pictures per second.", { count: this.#count });
  }

  async #start() {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#busy(true);
    this.#fault("");
    try {
      if (this.#form.format.value === "webm") await this.#recordHere(signal);
      else await this.#askServer(signal);
      this.#find("[data-film-note]").textContent = _("The film is saved.");
    } catch (fault) {
      if (!signal.aborted) this.#fault(fault.message);
    } finally {
      this.#abort = null;
      this.#busy(false);
      if (signal.aborted) this.#find("[data-film-note]").textContent = _("Cancelled. Nothing was kept.");
    }
  }

  #busy(isBusy) {
    const progress = this.#find("[data-film-progress]");
    progress.hidden = !isBusy;
    progress.value = 0;
    this.#find("[data-film-cancel]").hidden = !isBusy;
    this.#find("[data-film-start]").disabled = isBusy;
    for (const field of this.#find("form").elements) if (field.localName !== "fieldset" && field.value !== "webm") field.disabled = isBusy;
  }

  #fault(text) {
    const box = this.#find("[data-film-fault]");
    box.hidden = !text;
    box.querySelector("span").textContent = text;
  }

  #progress(part, message = "") {
    this.#find("[data-film-progress]").value = part;
    const percent = `${Math.round(part * 100)}\u00a0%`;
    this.#find("[data-film-note]").textContent = [message, percent].filter(Boolean).join(" · ");
  }

  get #order() {
    const { plane, first, last, fps, format } = this.#form;
    const isPhases = plane.value === PHASES;
    return {
      isPhases,
      plane: isPhases ? this.#planeOfPhases : plane.value,
      first: Number(first.value) - 1,
      last: Number(last.value) - 1,
      fps: Number(fps.value),
      format: format.value,
    };
  }

  get #planeOfPhases() {
    const { state } = this.#context;
    return state.plane(this.#planeSeen) ? this.#planeSeen : state.planes[0].plane;
  }

  get #name() {
    const { plane } = this.#order;
    return (extension) => fileName([this.#context.series.modality, plane], extension);
  }

  // --- by the server
  async #askServer(signal) {
    const { state } = this.#context;
    const { isPhases, ...order } = this.#order;
    // The server's films are of the volume's own slices: other ones than are seen, and counted otherwise.
    if (state.plane(order.plane).is_oblique) throw new Error(_("The planes are turned: straighten them, or record a video here."));
    const { window, colormap, inverted, overlays, slab, phase } = state;
    const looks = { ...windowQuery(window), ...slabQuery(slab), cmap: colormap, invert: inverted, overlays };
    const over = isPhases ? { over: PHASES, index: state.slice(order.plane) } : {};
    const film = { ...order, ...looks, ...over, phase, width: WIDTH };
    const onProgress = (part, message) => this.#progress(part, message);
    const address = await this.#context.reports.film(film, { signal, onProgress });
    const link = Object.assign(document.createElement("a"), { href: address, download: this.#name(order.format) });
    link.click();
  }

  // --- by the browser
  async #recordHere(signal) {
    const { state, client, panes } = this.#context;
    const { isPhases, plane, first, last, fps } = this.#order;
    const frames = framesBetween(first, last);
    const pane = [...panes.values()].find((one) => one.plane === plane && one.isShown);
    const shown = pane ? pane.size : { width: 512, height: 512 };
    const size = filmSize(shown, Math.min(1024, Math.max(256, shown.width)));
    const { window, colormap, inverted, overlays, slab, phase } = state;
    const question = (n) => {
      const index = isPhases ? state.slice(plane) : frames[n];
      const frame = state.frame(plane, index);
      return { plane, index, frame, phase: isPhases ? frames[n] : phase, window, colormap, inverted, overlays, slab };
    };
    const picture = (n) => client.picture(client.pictureUrl(question(n)), signal);
    const draw = (context, bitmap, n) => {
      const { index, frame } = question(n);
      drawFrame(context, bitmap, { frame, view: state.view(plane), size, words: `${index + 1} / ${frame.count}` });
    };
    const film = await record({ count: frames.length, ...size, fps, picture, draw, signal, onProgress: (part) => this.#progress(part) });
    save(film, this.#name(film.type.includes("mp4") ? "mp4" : "webm"));
  }
}

/** One picture of a film as the pane shows it, with its number and what it is not for. */
function drawFrame(context, bitmap, { frame, view, size, words }) {
  const { width, height } = size;
  const [a, b, c, d, e, f] = place(frame, size, view).matrix;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.setTransform(a, b, c, d, e - (a + c) / 2, f - (b + d) / 2);
  context.drawImage(bitmap, 0, 0, frame.width, frame.height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.font = "11px Inter, sans-serif";
  context.textBaseline = "bottom";
  context.strokeStyle = "#000";
  context.lineWidth = 3;
  context.fillStyle = "#c3cbd5";
  for (const [text, align, x] of [[words, "right", width - 8], [_("Not for diagnosis"), "left", 8]]) {
    context.textAlign = align;
    context.strokeText(text, x, height - 6);
    context.fillText(text, x, height - 6);
  }
}
