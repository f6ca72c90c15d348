// A scene that the server made with PyVista comes as a document of Panel's: Bokeh embeds it, out of sight, and what
// stands in it is taken over into our own picture, whose camera, clipping and clicks then hold for it too.

import { adoptStyles } from "../http/scenestyles.js";
import { loadScripts } from "./scenescripts.js";

const PATIENCE_MS = 30_000;
const LOOK_MS = 30;

/**
 * @param item     what the server answered: Bokeh's item
 * @param scripts  addresses, in their order
 * @param host     an element of the page to embed it in, which is not seen
 * @returns {Promise<{meshes: object[], image: object|null}>}  meshes { vertices, faces, normals } in the order in
 *          which they were asked for; image { data, shape_ijk, affine }
 */
export async function takenFrom(item, scripts, host) {
  adoptStyles();
  await loadScripts(scripts);
  const box = document.createElement("div");
  box.id = `scene-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
  box.className = "scene-host";
  box.setAttribute("aria-hidden", "true");
  host.append(box);
  const views = await globalThis.Bokeh.embed.embed_item(item, box.id);
  try {
    return await taken([...(views?.roots ?? [views])]);
  } finally {
    for (const view of views?.roots ?? [views]) view?.remove?.();
    box.remove();
  }
}

/** Wait until the document's renderer has what it describes. */
async function taken(roots) {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await soon()) {
    const renderer = rendererOf(roots);
    const meshes = (renderer?.getActors() ?? []).map(meshOf).filter(Boolean);
    const image = (renderer?.getVolumes() ?? []).map(imageOf).find(Boolean) ?? null;
    if (meshes.length || image) return { meshes, image };
  }
  throw new Error("an empty scene");
}

const soon = () => new Promise((done) => setTimeout(done, LOOK_MS));

function rendererOf(roots) {
  for (const view of roots) {
    const models = [view?.model, ...(view?.child_views ?? []).map(({ model }) => model)];
    for (const model of models) {
      const renderer = model?.renderer_el?.getRenderer?.();
      if (renderer) return renderer;
    }
  }
  return null;
}

function meshOf(actor) {
  const data = actor.getMapper()?.getInputData();
  const cells = data?.getPolys?.().getData();
  const vertices = data?.getPoints?.().getData();
  const normals = data?.getPointData().getNormals()?.getData();
  if (!cells?.length || !vertices?.length || normals?.length !== vertices.length) return null;
  const faces = new Uint32Array((cells.length / 4) * 3);
  for (let from = 0, to = 0; from < cells.length; from += 4, to += 3) {
    if (cells[from] !== 3) return null;
    faces[to] = cells[from + 1];
    faces[to + 1] = cells[from + 2];
    faces[to + 2] = cells[from + 3];
  }
  return { vertices: Float32Array.from(vertices), faces, normals: Float32Array.from(normals) };
}

function imageOf(actor) {
  const image = actor.getMapper()?.getInputData();
  const data = image?.getPointData().getScalars()?.getData();
  if (!data) return null;
  const [spacing, origin, direction] = [image.getSpacing(), image.getOrigin(), image.getDirection()];
  // The axes stand one after the other.
  const affine = [0, 1, 2].map((row) => [...[0, 1, 2].map((axis) => direction[3 * axis + row] * spacing[axis]), origin[row]]);
  return { data, shape_ijk: image.getDimensions(), affine };
}
