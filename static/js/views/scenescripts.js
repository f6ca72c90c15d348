// What the 3D view needs of the browser: WebGL, and scripts that come only when it is first seen.

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const loaded = new Map(); // address → promise

/** "none", "software" (the processor draws, slowly) or "hardware". */
export function graphics() {
  const rendererWith = (options) => {
    const context = document.createElement("canvas").getContext("webgl2", options);
    if (!context) return null;
    const named = context.getExtension("WEBGL_debug_renderer_info");
    const renderer = String(context.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return renderer;
  };
  if (typeof WebGL2RenderingContext === "undefined") return "none";
  const renderer = rendererWith({ failIfMajorPerformanceCaveat: true });
  if (renderer !== null) return SOFTWARE.test(renderer) ? "software" : "hardware";
  return rendererWith({}) === null ? "none" : "software";
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
