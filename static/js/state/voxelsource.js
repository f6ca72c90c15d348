// The volume of a series in the browser: whether it comes at all, how far it is, and the pictures made of it. Sends
// "progress" as slices arrive and "failed" when it will not come by itself; pictures then go on coming one by one.

import { fetchColormaps } from "../http/colormaps.js";
import { VoxelStream } from "../http/voxels.js";
import { LocalPictures } from "../lib/localpictures.js";
import { mayStream, volumeBytes } from "../lib/streamchoice.js";

const PAUSE_MS = 400; // a film through the phases is not followed volume by volume

export class VoxelSource extends EventTarget {
  #state;
  #stream = null;
  #pictures = null;
  #timer = 0;
  #isBegun = false;

  /** @param device  { isPhone, savesData, memoryGiB } */
  constructor(state, device) {
    super();
    this.#state = state;
    if (!mayStream(state.series, device)) return;
    this.#stream = new VoxelStream(state.series, device);
    this.#pictures = new LocalPictures(this.#stream, state.series);
    for (const news of ["progress", "complete", "waiting"]) {
      this.#stream.addEventListener(news, () => this.dispatchEvent(new Event("progress")));
    }
    this.#stream.addEventListener("failed", ({ detail }) => {
      this.dispatchEvent(new CustomEvent("failed", { detail }));
    });
    state.addEventListener("phase", () => this.#phaseChanged());
  }

  /** LocalPictures, or null where pictures come from the server alone. */
  get pictures() {
    return this.#pictures;
  }

  /** The volume of the phase that is shown, as far as it is here. */
  get volume() {
    return this.#stream?.volume(this.#state.phase) ?? null;
  }

  get bytes() {
    return volumeBytes(this.#state.series);
  }

  /** Let the volume come, nearest slices first: once the first pictures are there, which must not wait for it. */
  begin() {
    if (!this.#stream || this.#isBegun) return;
    this.#isBegun = true;
    this.#want();
    fetchColormaps().then(
      (tables) => {
        this.#pictures.setColormaps(tables);
        this.dispatchEvent(new Event("progress"));
      },
      () => {}, // colour maps then come with the server's pictures
    );
  }

  retry() {
    this.#stream?.retry();
  }

  #phaseChanged() {
    clearTimeout(this.#timer);
    if (this.#isBegun) this.#timer = setTimeout(() => this.#want(), PAUSE_MS);
  }

  #want() {
    this.#stream.want(this.#state.phase, this.#state.point[2]);
  }
}
