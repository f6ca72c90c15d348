// The marks of one pane, in its layer "marks": lines with a dark halo, words beside them, handles on the one that is
// selected or pointed at. All of it keeps its size on the screen. Draws after each picture of the pane, in the same
// frame; what is not on the slice costs a few products and no element. The list of marks is the accessible form.
//   <g class="mark is-selected" data-mark="id" data-kind="length">
//     <path class="mark-halo"> <path class="mark-line"> <path class="mark-link"> <path class="mark-handles">
//     <path class="mark-leader"> <text class="mark-words"><tspan>

import { placeLabel } from "../lib/labelplace.js";
import { pathOf } from "../lib/markshape.js";
import { measured } from "../lib/measure.js";
import { measureLines, tellingOf } from "../lib/marktext.js";
import { shapesOf } from "../lib/paneshapes.js";
import { _ } from "../state/words.js";

const SVG = "http://www.w3.org/2000/svg";
const HANDLE = 4.5; // radius
const LINE_HEIGHT = 14;
const BASELINE = 11;
const MOST_LETTERS = 40;
const MOST_NEIGHBOURS = 40; // marks whose lines words are kept off
const FONT = '540 11px "Inter", system-ui, sans-serif';
const ROOMY = 420; // CSS pixels across
const CORNER = [120, 44];
const PARTS = ["mark-halo", "mark-link", "mark-line", "mark-handles", "mark-leader"];

let ruler = null;
const widths = new Map();

/** The width of words without asking the page for it. */
function widthOf(text) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!widths.has(text)) {
    if (widths.size > 2000) widths.clear();
    ruler.font = FONT;
    widths.set(text, ruler.measureText(text).width);
  }
  return widths.get(text);
}

export class MarkLayer {
  #pane;
  #marks;
  #group;
  #shapes;
  #items = new Map(); // id → what is in the page
  #shown = []; // ids, in the order of drawing
  #frameWanted = 0;

  constructor(pane, marks) {
    this.#pane = pane;
    this.#marks = marks;
    this.#group = pane.svg("marks");
    this.#shapes = shapesOf(pane);
    pane.addEventListener("painted", () => this.draw());
    for (const change of ["marks", "selected", "hovered", "draft"]) {
      marks.addEventListener(change, () => this.#schedule());
    }
    document.fonts?.ready.then(() => {
      widths.clear();
      this.#schedule();
    });
  }

  #schedule() {
    this.#frameWanted ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.#frameWanted);
    this.#frameWanted = 0;
    if (!this.#pane.isShown) return;
    const shown = this.#shapes.of(this.#marks.drawn);
    if (!shown.length && !this.#shown.length) return;
    this.#sweep(shown);
    const { width, height } = this.#pane.size;
    const where = `${this.#shapes.key} ${width} ${height} ${shown.length} ${this.#slabMm > 0}`;
    const taken = reserved(this.#pane.size);
    const shapes = shown.slice(0, MOST_NEIGHBOURS).map(({ shape }) => shape);
    for (const { mark, shape } of shown) this.#draw(mark, shape, { where, taken, shapes });
  }

  /** Take away what is no longer seen. */
  #sweep(shown) {
    const ids = new Set(shown.map(({ mark }) => mark.id));
    for (const id of this.#shown) if (!ids.has(id)) this.#items.get(id).group.remove();
    if (!this.#marks.draft) {
      for (const id of this.#items.keys()) if (!this.#marks.get(id)) this.#items.delete(id);
    }
    this.#shown = [...ids];
  }

  #draw(mark, shape, { where, taken, shapes }) {
    const item = this.#item(mark);
    if (!item.group.parentNode) this.#group.append(item.group);
    const isSelected = this.#marks.selected === mark.id;
    const isDraft = this.#marks.draft === mark;
    const isHeld = isSelected || isDraft || this.#marks.hovered === mark.id;
    const key = `${where} ${isSelected} ${isHeld} ${taken.length}`;
    if (item.mark === mark && item.key === key) {
      if (item.rect) taken.push(item.rect);
      return;
    }
    item.mark = mark;
    item.key = key;
    item.group.setAttribute("class", ["mark", isSelected && "is-selected", isDraft && "is-draft"].filter(Boolean).join(" "));
    this.#drawLines(item, mark, shape, isHeld);
    this.#drawWords(item, mark, shape, { taken, others: shapes.filter((other) => other !== shape) });
    if (item.rect) taken.push(item.rect);
  }

  #item(mark) {
    let item = this.#items.get(mark.id);
    if (item) return item;
    const group = document.createElementNS(SVG, "g");
    const parts = {};
    for (const name of PARTS) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      group.append(path);
      parts[name] = path;
    }
    const words = document.createElementNS(SVG, "text");
    words.setAttribute("class", "mark-words");
    group.append(words);
    group.dataset.mark = mark.id;
    group.dataset.kind = mark.kind;
    item = { group, parts, words, mark: null, key: "", rect: null, direction: null };
    this.#items.set(mark.id, item);
    return item;
  }

  #drawLines({ parts }, mark, { strokes, dashes, handles }, isHeld) {
    const lines = pathOf(strokes);
    parts["mark-halo"].setAttribute("d", lines);
    parts["mark-line"].setAttribute("d", lines);
    parts["mark-line"].setAttribute("stroke", mark.color);
    parts["mark-link"].setAttribute("d", pathOf(dashes));
    parts["mark-link"].setAttribute("stroke", mark.color);
    parts["mark-handles"].setAttribute("d", isHeld ? handles.map(dot).join("") : "");
    parts["mark-handles"].setAttribute("stroke", mark.color);
  }

  #drawWords(item, mark, { strokes, dashes, box, handles }, { taken, others }) {
    const lines = this.#wordsOf(mark);
    item.rect = null;
    item.parts["mark-leader"].setAttribute("d", "");
    item.words.classList.toggle("is-stale", Boolean(mark.statistics?.stale));
    if (!lines.length) {
      item.words.replaceChildren();
      return;
    }
    const size = [Math.ceil(Math.max(...lines.map(widthOf))), lines.length * LINE_HEIGHT];
    const { at, rect, leader, direction } = placeLabel({
      strokes: [...strokes, ...dashes],
      box: mark.kind === "arrow" ? [...handles.at(-1), ...handles.at(-1)] : box, // words stand at its tail
      size,
      pane: this.#pane.size,
      taken,
      others,
      before: item.direction,
    });
    item.rect = rect;
    item.direction = direction;
    item.words.replaceChildren(...lines.map((text, n) => tspan(text, at[0], at[1] + BASELINE + n * LINE_HEIGHT)));
    if (leader) item.parts["mark-leader"].setAttribute("d", pathOf([{ points: leader, closed: false }]));
  }

  get #slabMm() {
    return (this.#pane.drawn?.slab ?? this.#pane.state.slab)?.mm ?? 0;
  }

  /** The mark's own name, then what it measures. */
  #wordsOf(mark) {
    const { series } = this.#pane.state;
    const { label } = mark;
    const name = label.length > MOST_LETTERS ? `${label.slice(0, MOST_LETTERS - 1)}\u2026` : label;
    // Values are those of the mark's own slice, whatever is projected into the picture.
    const valuesNote = this.#slabMm ? _("(single slice)") : "";
    const lines = measureLines(mark, { ...tellingOf(series, mark), valuesNote });
    if (measured(mark).crosses) lines.push(_("crosses itself"));
    return name ? [name, ...lines] : lines;
  }
}

/** Where the pane has words of its own: the scale bar and, on panes with room to spare, the corners. */
function reserved({ width, height }) {
  const bar = [width / 2 - 70, height - 44, width / 2 + 110, height - 8];
  if (width < ROOMY) return [bar];
  const [across, down] = CORNER;
  const [right, bottom] = [width - across, height - down];
  return [bar, [0, 0, across, down], [0, bottom, across, height], [right, bottom, width, height], [right, 0, width, down]];
}

function dot([x, y]) {
  const [left, across] = [x - HANDLE, 2 * HANDLE];
  return `M${left.toFixed(1)} ${y.toFixed(1)}a${HANDLE} ${HANDLE} 0 1 0 ${across} 0a${HANDLE} ${HANDLE} 0 1 0 ${-across} 0Z`;
}

function tspan(text, x, y) {
  const made = document.createElementNS(SVG, "tspan");
  made.setAttribute("x", x);
  made.setAttribute("y", y);
  made.textContent = text;
  return made;
}
