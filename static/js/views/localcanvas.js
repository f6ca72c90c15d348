// A canvas behind the scenes that takes pixels made in the browser, so that they can be drawn turned and scaled.

export class LocalCanvas {
  #canvas = null;
  #context = null;
  #image = null;
  #source = null;

  /** @param picture { width, height, pixels: Uint32Array of RGBA, reused } → what drawImage takes */
  draw({ width, height, pixels }) {
    if (this.#canvas?.width !== width || this.#canvas.height !== height) {
      this.#canvas = document.createElement("canvas");
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#context = this.#canvas.getContext("2d", { alpha: false, willReadFrequently: true });
      this.#source = null;
    }
    if (this.#source !== pixels) {
      const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, width * height * 4);
      this.#image = new ImageData(bytes, width, height);
      this.#source = pixels;
    }
    this.#context.putImageData(this.#image, 0, 0);
    return this.#canvas;
  }
}
