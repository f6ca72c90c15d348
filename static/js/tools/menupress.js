// How a pane's menu is asked for by hand: the right button pressed and let go on the spot, or a finger that rests.

const RIGHT = 2;
const REST_MS = 500;
const SLACK = 8; // CSS pixels that a hand or finger trembles
const OWN = "button, a, input, [role=slider]";

export class MenuPress {
  #pane;
  #hand;
  #open;
  #pressed = null; // { id, x, y, isRight }
  #timer = 0;

  /**
   * @param pane  Pane
   * @param hand  its Hand: a resting finger gives up the stroke it began
   * @param open  (pane, at) → void
   */
  constructor(pane, hand, open) {
    this.#pane = pane;
    this.#hand = hand;
    this.#open = open;
    const { element } = pane;
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#up(event));
    for (const loss of ["pointercancel", "lostpointercapture"]) element.addEventListener(loss, () => this.#drop());
  }

  #down(event) {
    const wasDown = this.#pressed;
    this.#drop();
    if (wasDown || event.target.closest(OWN)) return; // a second finger asks for no menu
    const isRight = event.pointerType === "mouse" && event.button === RIGHT;
    if (!isRight && event.pointerType === "mouse") return;
    this.#pressed = { id: event.pointerId, x: event.clientX, y: event.clientY, isRight };
    if (!isRight) this.#timer = setTimeout(() => this.#rested(event), REST_MS);
  }

  #move({ pointerId, clientX, clientY }) {
    if (this.#pressed?.id !== pointerId) return;
    if (Math.hypot(clientX - this.#pressed.x, clientY - this.#pressed.y) > SLACK) this.#drop();
  }

  #up(event) {
    const isAsked = this.#pressed?.isRight && this.#pressed.id === event.pointerId;
    this.#drop();
    if (isAsked) this.#open(this.#pane, this.#pane.at(event));
  }

  #rested(event) {
    this.#drop();
    this.#hand.cancel();
    ignoreLift();
    this.#open(this.#pane, this.#pane.at(event));
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#pressed = null;
  }
}

/** Lifting the finger is no tap on what has opened under it: until the next press only keys click. */
function ignoreLift() {
  const lift = (event) => {
    if (event.detail === 0) return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("click", lift, { capture: true });
  const press = () => document.removeEventListener("click", lift, { capture: true });
  document.addEventListener("pointerdown", press, { capture: true, once: true });
}
