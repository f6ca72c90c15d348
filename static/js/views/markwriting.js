// The field in which the words of an arrow are typed, at the arrow: Enter ends, Escape leaves it without words.
// Looking elsewhere ends it too: what was typed is not lost.

import { element } from "./elements.js";
import { _ } from "../state/words.js";

const MOST_LETTERS = 200;
const ROOM = 176; // CSS pixels that the field takes

export class MarkWriting {
  #pane;

  constructor(pane, marks) {
    this.#pane = pane;
    marks.addEventListener("writing", ({ detail }) => detail.pane === pane && this.#open(detail));
  }

  #open({ mark, done }) {
    const field = element("input", "form-control mark-writing");
    field.type = "text";
    field.maxLength = MOST_LETTERS;
    field.value = mark.label;
    field.autocomplete = "off";
    field.setAttribute("aria-label", _("Words of the arrow"));
    const [x, y] = this.#pane.screenOf(mark.space === "image" ? [...mark.points[1], mark.image] : mark.points[1]);
    const { width, height } = this.#pane.size;
    field.style.left = `${Math.max(4, Math.min(width - ROOM - 24, x + 6))}px`;
    field.style.top = `${Math.max(4, Math.min(height - 40, y - 14))}px`;
    let isDone = false;
    const end = (text) => {
      if (isDone) return;
      isDone = true;
      const hadFocus = document.activeElement === field;
      field.remove();
      if (hadFocus) this.#pane.element.focus({ preventScroll: true });
      done(text);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation(); // no key of the viewer's acts while words are typed
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      end(event.key === "Enter" ? field.value.trim() : null);
    });
    field.addEventListener("blur", () => end(field.value.trim()));
    this.#pane.element.append(field);
    field.focus({ preventScroll: true });
    field.select();
  }
}
