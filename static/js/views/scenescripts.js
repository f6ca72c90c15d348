// What the 3D view needs of the browser: WebGL, and scripts that come only when it is first seen.

const loaded = new Map(); // address → promise

/** "none", "software" (the processor draws, slowly) or "hardware". */
export function graphics() {
  const hasContext = (options) => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("webgl2", options);
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  };
  if (typeof WebGL2RenderingContext === "undefined") return "none";
  if (hasContext({ failIfMajorPerformanceCaveat: true })) return "hardware";
  return hasContext({}) ? "software" : "none";
}

/** Load scripts of our own one after the other, each once for the page. */
export async function loadScripts(addresses) {
  for (const address of addresses) {
    if (!loaded.has(address)) loaded.set(address, begun(address));
    await loaded.get(address);
  }
}

function begun(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.async = false;
    script.addEventListener("load", done);
    script.addEventListener("error", () => {
      loaded.delete(address);
      script.remove();
      failed(new Error(address));
    });
    document.head.append(script);
  });
}
