// Wheel events to slices: a mouse's notch is one slice, a touchpad's small steps are summed.

const NOTCH = 100; // CSS pixels of one notch in most browsers
const TOUCHPAD_STEP = 24;
const PIXELS_PER_LINE = 40;
const PIXELS_PER_PAGE = 400;

/** A wheel event's vertical way in CSS pixels, whatever unit the browser chose. */
export function wheelPixels({ deltaY, deltaMode }) {
  if (deltaMode === 1) return deltaY * PIXELS_PER_LINE;
  return deltaMode === 2 ? deltaY * PIXELS_PER_PAGE : deltaY;
}

export class WheelSteps {
  #rest = 0;

  /** Whole slices for this event, signed. */
  add(event) {
    const pixels = wheelPixels(event);
    if (Math.abs(pixels) >= NOTCH / 2) {
      this.#rest = 0;
      return Math.sign(pixels) * Math.max(1, Math.round(Math.abs(pixels) / NOTCH));
    }
    if (Math.sign(pixels) !== Math.sign(this.#rest)) this.#rest = 0;
    this.#rest += pixels;
    const steps = Math.trunc(this.#rest / TOUCHPAD_STEP);
    this.#rest -= steps * TOUCHPAD_STEP;
    return steps || 0; // never −0
  }
}

/** The zoom factor of a Ctrl+wheel event (a pinch on a touchpad arrives as one). */
export function wheelZoom(event) {
  const most = 3 * NOTCH; // a free-running wheel must not leap
  return Math.exp(-Math.max(-most, Math.min(most, wheelPixels(event))) / (4 * NOTCH));
}
