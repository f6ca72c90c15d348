// Key images: slices worth finding again, each with its window, zoom, slab and turn, a small picture and a note.
// A key image is a mark of that kind; keeping one and going back to it are here, the rest is what marks do.

import { ontoPlane } from "../lib/linking.js";
import { planeAt } from "../lib/markplane.js";
import { keyImagesOf } from "../lib/marklist.js";
import { jumpToKeyImage } from "../state/jump.js";
import { _ } from "../state/words.js";
import { element, icon } from "./elements.js";
import { nameOf, placeWords } from "./markwords.js";

export class KeyImages {
  #root;
  #context;
  #sprite;
  #list;

  /** @param context  { state, series, client, marks, panes, toast, history? } */
  constructor(root, context) {
    this.#root = root;
    this.#context = context;
    this.#sprite = root.querySelector("use").getAttribute("href").split("#")[0];
    this.#list = root.querySelector("[data-key-list]");
    context.marks.addEventListener("marks", () => this.#draw());
    this.#draw();
  }

  /** Keep what the active pane shows. */
  keep() {
    const { panes, state, marks, toast, history } = this.#context;
    const pane = panes.get(state.active) ?? [...panes.values()].find(({ isShown }) => isShown);
    if (!pane?.isShown) return;
    const mark = marks.add(keyImageOf(state, pane));
    const words = { name: nameOf(mark, marks.all), place: placeWords(mark, this.#context) };
    toast.show(_("%(name)s kept: %(place)s", words), { undo: history ? () => history.undo() : null });
  }

  #draw() {
    const { marks } = this.#context;
    const images = keyImagesOf(marks.all);
    this.#root.querySelector("[data-key-count]").textContent = images.length || "";
    this.#root.querySelector("[data-key-empty]").hidden = images.length > 0;
    const writing = this.#list.contains(document.activeElement) ? document.activeElement.closest("[data-mark]")?.dataset.mark : null;
    const known = new Map([...this.#list.children].map((item) => [item.dataset.mark, item]));
    // What is there stays: a note is being written in it, or its picture need not be asked for again.
    const items = images.map((mark) => {
      const item = known.get(mark.id) ?? this.#item(mark);
      this.#write(item, mark, writing === mark.id);
      return item;
    });
    if (items.length !== this.#list.children.length || items.some((item, n) => this.#list.children[n] !== item)) {
      this.#list.replaceChildren(...items);
    }
  }

  #item(mark) {
    const item = element("li", "key-image");
    item.dataset.mark = mark.id;
    const open = element("button", "key-open", this.#picture(mark));
    open.type = "button";
    open.addEventListener("click", () => this.#open(mark.id));
    const note = element("input", "form-control");
    Object.assign(note, { maxLength: 200, autocomplete: "off", placeholder: _("Note") });
    note.addEventListener("change", () => this.#context.marks.change(mark.id, { label: note.value.trim() }));
    note.addEventListener("keydown", (event) => noteKeyed(event, note, () => this.#context.marks.get(mark.id)?.label ?? ""));
    const remove = element("button", "btn btn-icon btn-quiet btn-sm", icon(this.#sprite, "trash3"));
    remove.type = "button";
    remove.addEventListener("click", () => this.#remove(mark.id));
    item.append(open, element("span", "sub"), note, remove);
    return item;
  }

  #write(item, mark, isWriting) {
    const place = placeWords(mark, this.#context);
    const name = nameOf(mark, this.#context.marks.all);
    item.querySelector(".sub").textContent = place;
    const [open, remove] = item.querySelectorAll("button");
    open.setAttribute("aria-label", _("Show %(name)s, %(place)s", { name, place }));
    remove.title = _("Delete %(name)s", { name });
    remove.setAttribute("aria-label", remove.title);
    const note = item.querySelector("input");
    note.setAttribute("aria-label", _("Note on %(place)s", { place }));
    if (!isWriting) note.value = mark.label;
  }

  #picture(mark) {
    const picture = element("img", "thumb");
    Object.assign(picture, { alt: "", width: 72, height: 72, loading: "lazy", decoding: "async" });
    picture.src = this.#address(mark);
    return picture;
  }

  #address(mark) {
    const { client, state } = this.#context;
    const { window = state.window, colormap = "gray", inverted = false, slab, frame } = mark.shown ?? {};
    const plane = mark.plane?.name ?? "stack";
    const index = mark.image ?? mark.plane?.index ?? 0;
    return client.pictureUrl({ plane, index, frame, phase: mark.phase, window, colormap, inverted, slab });
  }

  #open(id) {
    const { state, marks, panes } = this.#context;
    const mark = marks.get(id);
    if (mark) jumpToKeyImage(state, mark, (plane) => panes.get(plane)?.isShown ?? false);
  }

  #remove(id) {
    const { marks, toast, history } = this.#context;
    const name = nameOf(marks.get(id), marks.all);
    const items = [...this.#list.children];
    const place = items.findIndex((item) => item.dataset.mark === id);
    marks.remove(id);
    const next = this.#list.children[Math.min(place, this.#list.children.length - 1)];
    (next?.querySelector(".key-open") ?? this.#root.querySelector("[data-command=keyimage]")).focus({ preventScroll: true });
    toast.show(_("%(name)s deleted", { name }), { undo: history ? () => history.undo() : null });
  }
}

function noteKeyed(event, note, before) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Escape") note.value = before();
  note.blur(); // "change" tells what was written
}

/** What a pane shows, as a mark. */
export function keyImageOf(state, pane) {
  const { index, frame } = pane;
  const { window, colormap, inverted, slab, axes, phase } = state;
  const shown = { window: { ...window }, colormap, inverted, slab, axes, view: state.view(pane.plane) };
  if (frame.is_oblique) {
    // The plane itself: the picture of it must not depend on where the planes are turned to later.
    const { plane, to_lps, right_lps, down_lps, width, height, count, spacing_x_mm, spacing_y_mm } = frame;
    shown.frame = { plane, is_oblique: true, to_lps, right_lps, down_lps, width, height, count, spacing_x_mm, spacing_y_mm };
  }
  if (pane.space === "patient") {
    // The crosshair, on this slice: a pane beside may show its neighbours.
    const place = { space: "patient", points: [ontoPlane(frame, index, state.pointLps)], plane: planeAt(frame, index) };
    return { kind: "keyimage", phase, ...place, shown };
  }
  const spacing = frame.is_calibrated === false ? null : [frame.spacing_x_mm, frame.spacing_y_mm];
  const place = { space: "image", points: [[(frame.width - 1) / 2, (frame.height - 1) / 2]], plane: { name: pane.plane, index } };
  return { kind: "keyimage", phase, ...place, image: index, spacing_mm: spacing, shown };
}
