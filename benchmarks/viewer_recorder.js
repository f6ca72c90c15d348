// What happens in a page while a hand moves: when an event comes, when a picture is on a canvas, when the next frame begins.
(() => {
  const recorder = { events: [], pictures: [], frames: 0 };
  window.__recorder = recorder;
  // The pictures that the page itself brings, when they are on the screen: ms since the navigation.
  recorder.first = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) recorder.first.push(entry.renderTime || entry.loadTime);
  }).observe({ type: "element", buffered: true });
  recorder.picture = () => recorder.pictures.push(performance.now());
  for (const kind of ["wheel", "pointermove"]) {
    addEventListener(kind, (event) => recorder.events.push({ kind, stamp: event.timeStamp, at: performance.now() }), true);
  }
  // A picture is drawn on a canvas of the page; canvases behind the scenes are not.
  for (const name of ["drawImage", "putImageData"]) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      own.apply(this, given);
      if (this.canvas.isConnected && this.canvas.matches(".pane-image, .target")) recorder.picture();
    };
  }
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  /** Of the event after *seen*: work until its last picture, and input to the frame after it, both in ms. */
  recorder.answer = async (seen, longest) => {
    const until = performance.now() + longest;
    while (recorder.events.length <= seen && performance.now() < until) await nextFrame();
    const event = recorder.events[seen]; // compatibility mouse events are not sent where pointers are handled
    if (!event) return null;
    const after = () => recorder.pictures.filter((at) => at >= event.at);
    while (!after().length && performance.now() < until) await nextFrame();
    await nextFrame();
    const painted = performance.now();
    const pictures = after();
    return pictures.length ? { work: pictures.at(-1) - event.at, paint: painted - event.stamp } : null;
  };
  recorder.settle = async (quiet) => {
    while (performance.now() - (recorder.pictures.at(-1) ?? 0) < quiet) await nextFrame();
  };
  recorder.burst = (from) => {
    const events = recorder.events.slice(from);
    if (!events.length) return null;
    // Several panes drawn in one frame are one picture.
    const pictures = recorder.pictures.filter((at) => at > events[0].at).filter((at, n, all) => !n || at - all[n - 1] > 4);
    if (!pictures.length) return null;
    const seconds = (pictures.at(-1) - events[0].at) / 1000;
    return { fps: Math.min(pictures.length, events.length) / seconds, lag: pictures.at(-1) - events.at(-1).stamp };
  };
})();
