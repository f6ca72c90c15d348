// What the server is to work on must have reached it: wait until all that waits is saved, a little while at most.

const PATIENCE_MS = 5000;

/** @param autosave  Autosave, or none on a page that saves nothing */
export function savedFirst(autosave) {
  if (!autosave) return Promise.resolve();
  autosave.flush();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      autosave.removeEventListener("status", look);
      resolve();
    };
    const look = () => autosave.status.kind === "saving" || done();
    const timer = setTimeout(done, PATIENCE_MS);
    autosave.addEventListener("status", look);
    look();
  });
}
