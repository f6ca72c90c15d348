// Mouse, fingers and keys on the 3D picture. A drag turns what is seen; with Shift, the wheel's button or two fingers
// it moves it; wheel and pinch magnify; a click that does not move asks what lies there.

const STILL_PX = 4;
const TURN = Math.PI; // across the picture's lesser side
const STEP = Math.PI / 18; // of an arrow key
const ON_PICTURE = ".scene-picture, .scene-lines, .pane-scene, .edge, .corner";
const OWN = "button, input, select, a";

export class SceneHand {
  #element;
  #act;
  #pointers = new Map(); // id → [x, y]
  #moved = 0;
  #button = 0;

  /**
   * @param act  { turn(right, down), move(right, down), zoom(factor, at), view(letter), pick(at), reset(), isReady() }:
   *             radians, pixels, and places in pixels of the picture
   */
  constructor(element, act) {
    this.#element = element;
    this.#act = act;
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, (event) => this.#up(event));
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("contextmenu", (event) => !event.target.closest(OWN) && event.preventDefault());
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.#element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  #down(event) {
    if (!this.#act.isReady() || event.target.closest(OWN) || !event.target.closest(ON_PICTURE)) return;
    this.#element.setPointerCapture(event.pointerId);
    if (!this.#pointers.size) [this.#moved, this.#button] = [0, event.button];
    this.#pointers.set(event.pointerId, this.#at(event));
    this.#element.classList.add("is-held");
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const at = this.#at(event);
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.#pointers.set(event.pointerId, at);
    const [right, down] = [at[0] - before[0], at[1] - before[1]];
    this.#moved += Math.hypot(right, down);
    if (others.length) this.#pinch(before, at, others[0], right, down);
    else if (this.#moved <= STILL_PX) return;
    else if (event.shiftKey || this.#button === 1 || this.#button === 2) this.#act.move(right, down);
    else if (event.ctrlKey) this.#act.zoom(Math.exp(-down / 200), null);
    else this.#turn(right, down);
  }

  #turn(right, down) {
    const { width, height } = this.#element.getBoundingClientRect();
    const scale = TURN / Math.min(width, height);
    this.#act.turn(right * scale, down * scale);
  }

  #pinch(before, at, other, right, down) {
    const far = ([x, y]) => Math.max(1, Math.hypot(x - other[0], y - other[1]));
    this.#act.move(right / 2, down / 2);
    this.#act.zoom(far(at) / far(before), [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId) || this.#pointers.size) return;
    this.#element.classList.remove("is-held");
    if (event.type === "pointerup" && this.#moved <= STILL_PX && this.#button === 0) this.#act.pick(this.#at(event));
  }

  #wheel(event) {
    if (!this.#act.isReady() || event.target.closest(OWN)) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    this.#act.zoom(Math.exp(-Math.max(-200, Math.min(200, pixels)) / 400), this.#at(event));
  }

  #key(event) {
    if (!this.#act.isReady() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select")) return;
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const letter = event.key.toUpperCase();
    if (arrow && event.shiftKey) this.#act.move(arrow[0] * 30, arrow[1] * 30);
    else if (arrow) this.#act.turn(arrow[0] * STEP, arrow[1] * STEP);
    else if (["+", "-", "−"].includes(event.key)) this.#act.zoom(event.key === "+" ? 1.25 : 0.8, null);
    else if (event.key === "=") this.#act.reset();
    else if (!event.shiftKey && letter.length === 1 && "APLRHF".includes(letter)) this.#act.view(letter);
    else return;
    event.preventDefault();
  }
}
