// The picture of a pane: <canvas class="pane-image"> in device pixels, on which a picture of a whole plane is drawn
// moved, turned and scaled. Draws only when what would be seen changes.

const PIXELATED_FROM = 4; // device pixels per image pixel: from here on the voxels themselves are shown
// Where a voxel's border runs exactly through a device pixel's middle, rounding would decide which voxel is
// drawn. So pictures are drawn, and pointers read, this much beside the middle: both always name the same one.
export const BESIDE_MIDDLE = 1 / 128; // device pixels

export class PaneCanvas {
  #canvas;
  #context;
  #picture = null;
  #painted = "";

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false });
  }

  /** What drawImage takes of the whole plane; null before the first. */
  get picture() {
    return this.#picture;
  }

  /** Take another picture, or null: it is seen with the next drawing. */
  take(picture) {
    this.#picture = picture;
    this.#painted = "";
  }

  /** Draw with the next call whatever is on the canvas. */
  forget() {
    this.#painted = "";
  }

  /** The size in device pixels; this clears the canvas. */
  resize(width, height) {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#painted = "";
  }

  /**
   * @param frame   of the picture: its size in pixels
   * @param matrix  image pixel → CSS pixel of the pane, see lib/viewtransform.js
   * @param size    { width, height, ratio } of the pane
   */
  draw(frame, matrix, { width, height, ratio }) {
    const wanted = [...matrix, width, height, ratio].join();
    if (wanted === this.#painted) return;
    this.#painted = wanted;
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#picture) return;
    const [a, b, c, d, e, f] = matrix.map((value) => value * ratio);
    const steps = [Math.hypot(a, b), Math.hypot(c, d)];
    context.imageSmoothingEnabled = Math.min(...steps) < PIXELATED_FROM;
    context.imageSmoothingQuality = Math.max(...steps) < 1 ? "high" : "medium";
    // A pixel's centre is at its integer, so the picture begins half a pixel before.
    context.setTransform(a, b, c, d, e - (a + c) / 2 - BESIDE_MIDDLE, f - (b + d) / 2 - BESIDE_MIDDLE);
    // An image that is drawn coarser while the hand moves still covers the whole plane.
    context.drawImage(this.#picture, 0, 0, frame.width, frame.height);
  }
}
