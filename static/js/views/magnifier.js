// A round lens at the pointer with three times the zoom, every voxel with its edges. It draws what the pane has: nothing
// is asked of the server. Without a pointer it stands at the crosshair of the active pane.

const DIAMETER = 160; // CSS pixels
const FACTOR = 3;

export class Magnifier {
  #stage;
  #panes;
  #activePane;
  #canvas = null;
  #over = null; // { pane, at }
  #wanted = 0;

  /**
   * @param stage       the element that holds the panes
   * @param panes       () → list of Pane
   * @param activePane  () → Pane or null
   * @param onChange    (isOn) → void
   */
  constructor(stage, { panes, activePane, onChange }) {
    this.#stage = stage;
    this.#panes = panes;
    this.#activePane = activePane;
    this.onChange = onChange;
    stage.addEventListener("pointermove", (event) => this.#moved(event));
    stage.addEventListener("pointerleave", () => this.#leave());
    for (const pane of panes()) pane.addEventListener("painted", () => this.isOn && this.#schedule());
  }

  get isOn() {
    return this.#canvas !== null && !this.#canvas.hidden;
  }

  toggle(isOn = !this.isOn) {
    if (isOn === this.isOn) return;
    this.#canvas ??= this.#make();
    this.#canvas.hidden = !isOn;
    if (isOn) this.#draw();
    this.onChange(isOn);
  }

  #make() {
    const canvas = document.createElement("canvas");
    canvas.className = "magnifier";
    canvas.setAttribute("aria-hidden", "true");
    canvas.hidden = true;
    this.#stage.append(canvas);
    return canvas;
  }

  #moved(event) {
    const element = event.target.closest?.(".pane");
    const pane = element && this.#panes().find((one) => one.element === element);
    this.#over = pane ? { pane, at: pane.at(event) } : null;
    if (this.isOn) this.#schedule();
  }

  #leave() {
    this.#over = null;
    if (this.isOn) this.#schedule();
  }

  #schedule() {
    this.#wanted ||= requestAnimationFrame(() => {
      this.#wanted = 0;
      if (this.isOn) this.#draw();
    });
  }

  /** Where the lens stands: under the pointer, else at the crosshair. */
  #place() {
    if (this.#over?.pane.isShown) return this.#over;
    const pane = this.#activePane();
    if (!pane?.isShown) return null;
    const { pointLps } = pane.state;
    const { width, height } = pane.size;
    return { pane, at: pane.space === "patient" && pointLps ? pane.screenOf(pointLps) : [width / 2, height / 2] };
  }

  #draw() {
    const over = this.#place();
    const picture = over?.pane.picture;
    this.#canvas.style.visibility = picture ? "" : "hidden";
    if (!picture) return;
    const { pane, at: [x, y] } = over;
    const ratio = window.devicePixelRatio;
    const side = Math.round(DIAMETER * ratio);
    if (this.#canvas.width !== side) {
      this.#canvas.width = this.#canvas.height = side;
      this.#canvas.style.width = this.#canvas.style.height = `${DIAMETER}px`;
    }
    const box = pane.element.getBoundingClientRect();
    const stage = this.#stage.getBoundingClientRect();
    const [left, top] = [box.left - stage.left + x - DIAMETER / 2, box.top - stage.top + y - DIAMETER / 2];
    this.#canvas.style.transform = `translate(${left}px, ${top}px)`;
    const { frame, placed } = pane;
    const [a, b, c, d, e, f] = placed.matrix;
    const context = this.#canvas.getContext("2d", { alpha: false });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, side, side);
    context.imageSmoothingEnabled = false;
    // The place under the pointer stays in the middle of the lens; a pixel begins half a pixel before its centre.
    const grown = [a, b, c, d, e - (a + c) / 2 - x, f - (b + d) / 2 - y].map((value) => value * FACTOR * ratio);
    grown[4] += side / 2;
    grown[5] += side / 2;
    context.setTransform(...grown);
    context.drawImage(picture, 0, 0, frame.width, frame.height);
  }
}
