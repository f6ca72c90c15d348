// The doses of one pane: <canvas class="pane-labels pane-dose"> over the picture, under the segments: a wash of colours
// from the least level on, and lines of equal dose that keep their width on the screen.

import { doseColour, dosePlane, doseWash, isoline, levelGy } from "../lib/doseplane.js";
import { Lru } from "../lib/lru.js";

const LINE = 1.5; // CSS pixels
const SLICES = 24;

export class DoseLayer {
  #pane;
  #doses;
  #canvas;
  #context;
  #planes = new Lru(SLICES);
  #painted = "";
  #frame = null;
  #serial = 0;
  #version = 0;
  #frameWanted = 0;

  constructor(pane, doses) {
    this.#pane = pane;
    this.#doses = doses;
    this.#canvas = document.createElement("canvas");
    this.#canvas.className = "pane-labels pane-dose";
    this.#canvas.setAttribute("aria-hidden", "true");
    pane.element.querySelector("canvas.pane-image").after(this.#canvas);
    this.#context = this.#canvas.getContext("2d");
    pane.addEventListener("painted", () => this.draw());
    doses.addEventListener("doses", () => {
      this.#version += 1;
      this.#frameWanted ||= requestAnimationFrame(() => this.draw());
    });
  }

  draw() {
    cancelAnimationFrame(this.#frameWanted);
    this.#frameWanted = 0;
    const { drawn, isShown, size } = this.#pane;
    if (!isShown || !drawn) return;
    const shown = this.#doses.all.filter(({ instance_id: id }) => this.#doses.display(id).isShown);
    if (!shown.length && !this.#painted) return;
    const { matrix } = this.#pane.placed;
    const asked = [this.#version, drawn.index, ...matrix, size.width, size.height, size.ratio].join();
    if (asked === this.#painted && drawn.frame === this.#frame) return;
    if (drawn.frame !== this.#frame) this.#serial += 1;
    this.#painted = shown.length ? asked : "";
    this.#frame = drawn.frame;
    this.#clear(size);
    for (const { instance_id: id } of shown) this.#paint(id, drawn, matrix, size.ratio);
  }

  #clear({ width, height, ratio }) {
    this.#canvas.width = Math.round(width * ratio); // which clears it, too
    this.#canvas.height = Math.round(height * ratio);
  }

  #paint(id, { frame, index }, matrix, ratio) {
    const dose = this.#doses.voxels(id);
    const plane = dose && this.#plane(id, dose, frame, index);
    if (!plane) return;
    const { mode, opacity, levels, unit } = this.#doses.display(id);
    const placed = matrix.map((value) => value * ratio);
    const grays = levels.map((level) => levelGy(level, unit, dose.max_gy));
    if (mode !== "lines" && grays.length) this.#wash(plane, Math.min(...grays), dose.max_gy, opacity, placed);
    if (mode === "wash") return;
    for (const gray of grays) this.#line(isoline(plane, gray), doseColour(gray / dose.max_gy), placed, ratio);
  }

  #plane(id, dose, frame, index) {
    const key = `${id} ${frame.plane} ${frame.is_oblique ? this.#serial : ""} ${index}`;
    if (!this.#planes.has(key)) this.#planes.set(key, dosePlane(dose, frame, index));
    return this.#planes.get(key);
  }

  #wash(plane, leastGy, maxGy, opacity, [a, b, c, d, e, f]) {
    const { width, height, every } = plane;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const image = new ImageData(new Uint8ClampedArray(doseWash(plane, leastGy, maxGy).buffer), width, height);
    canvas.getContext("2d").putImageData(image, 0, 0);
    const context = this.#context;
    // A value's place is its pixel's centre: the picture begins half a step before the first.
    context.setTransform(a, b, c, d, e - (every * (a + c)) / 2, f - (every * (b + d)) / 2);
    context.globalAlpha = opacity;
    context.drawImage(canvas, 0, 0, width * every, height * every);
    context.globalAlpha = 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  #line(pieces, color, [a, b, c, d, e, f], ratio) {
    const context = this.#context;
    context.beginPath();
    for (let n = 0; n < pieces.length; n += 4) {
      const [x, y, u, v] = [pieces[n], pieces[n + 1], pieces[n + 2], pieces[n + 3]];
      context.moveTo(a * x + c * y + e, b * x + d * y + f);
      context.lineTo(a * u + c * v + e, b * u + d * v + f);
    }
    context.lineCap = "round";
    context.lineWidth = LINE * ratio;
    context.strokeStyle = color;
    context.stroke();
  }
}
