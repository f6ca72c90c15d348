// A film as WebM by the browser's own recorder: pictures drawn one after the other onto a canvas that nobody sees,
// each for as long as the film shows it. Real time: ten seconds of film take ten seconds.

const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const AHEAD = 6; // pictures that are fetched before they are wanted
const BITS_PER_PIXEL = 0.4; // greys with noise need more than a film of people

/** The type of film that this browser records, or null. */
export function recordedType() {
  if (!window.MediaRecorder || !HTMLCanvasElement.prototype.captureStream) return null;
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}

/**
 * @param count       of pictures
 * @param picture     (n) → Promise<ImageBitmap>
 * @param draw        (context, bitmap, n) → void
 * @param onProgress  (0…1) → void
 * @param signal      AbortSignal
 * @returns {Promise<Blob>}
 */
export async function record({ count, width, height, fps, picture, draw, onProgress, signal }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { alpha: false });
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks();
  const type = recordedType();
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: Math.max(2e6, width * height * fps * BITS_PER_PIXEL) });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => data.size && parts.push(data));
  const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
  const queue = [];
  const fetchAhead = (n) => {
    while (queue.length < AHEAD && n + queue.length < count) queue.push(kept(picture(n + queue.length)));
  };
  try {
    for (let n = 0; n < count; n += 1) {
      fetchAhead(n);
      const bitmap = await taken(queue.shift());
      signal.throwIfAborted();
      draw(context, bitmap, n);
      bitmap.close();
      if (recorder.state === "inactive") recorder.start();
      else recorder.resume();
      track.requestFrame();
      await pause(1000 / fps, signal);
      recorder.pause(); // while the next picture is on its way, the film stands still
      onProgress((n + 1) / count);
    }
  } finally {
    if (recorder.state !== "inactive") recorder.stop();
    else parts.length = 0;
    track.stop();
    for (const waiting of queue) taken(waiting).then((bitmap) => bitmap.close(), () => {});
  }
  await ended;
  return new Blob(parts, { type: type.split(";")[0] });
}

/** A promise whose failure is told when it is asked for, not before. */
function kept(promise) {
  return promise.then((value) => ({ value }), (error) => ({ error }));
}

async function taken(waiting) {
  const { value, error } = await waiting;
  if (error) throw error;
  return value;
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
