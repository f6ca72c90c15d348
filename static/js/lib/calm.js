// Words and panels beside a picture that moves: read by eyes that cannot follow sixty changes a second, and dearer to
// lay out and paint than the picture itself.

export const CALM_MS = 120;

/**
 * *draw* at once, then at most once in *pause* ms; the last call is never lost.
 *
 * @param draw   () → void: reads for itself what is to be shown
 * @param clock  { now, wait }: for tests
 */
export function calm(draw, pause = CALM_MS, clock = { now: () => performance.now(), wait: setTimeout }) {
  let drawn = -Infinity;
  let isWaiting = false;
  const run = () => {
    isWaiting = false;
    drawn = clock.now();
    draw();
  };
  return () => {
    if (isWaiting) return;
    const left = drawn + pause - clock.now();
    if (left <= 0) run();
    else {
      isWaiting = true;
      clock.wait.call(undefined, run, left);
    }
  };
}
