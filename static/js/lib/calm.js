// Words and panels beside a picture that moves: read by eyes that cannot follow sixty changes a second, and dearer to
// lay out and paint than the picture itself.

export const CALM_MS = 120;
let waiting = 0;
let waiters = [];

/** When all that waits has been drawn. */
export function calmed() {
  return waiting ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve();
}

function drawn() {
  waiting -= 1;
  if (waiting) return;
  for (const resolve of waiters) resolve();
  waiters = [];
}

/**
 * *draw* at once, then at most once in *pause* ms; the last call is never lost.
 *
 * @param draw   () → void: reads for itself what is to be shown
 * @param clock  { now, wait }: for tests
 */
export function calm(draw, pause = CALM_MS, clock = { now: () => performance.now(), wait: setTimeout }) {
  let last = -Infinity;
  let isWaiting = false;
  const run = () => {
    last = clock.now();
    draw();
  };
  const runLater = () => {
    isWaiting = false;
    try {
      run();
    } finally {
      drawn();
    }
  };
  return () => {
    if (isWaiting) return;
    const left = last + pause - clock.now();
    if (left <= 0) run();
    else {
      isWaiting = true;
      waiting += 1;
      clock.wait.call(undefined, runLater, left);
    }
  };
}
