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
  const manager = await globalThis.Bokeh.embed.embed_item(item, box.id);
  const roots = [...manager.roots];
  const plots = roots.flatMap((root) => [root, ...(root.child_views ?? [])]).filter((view) => view._vtk_renwin);
  for (const plot of plots) silence(plot);
  try {
    return await taken(plots);
  } finally {
    for (const root of roots) root.remove();
    box.remove();
  }
}

/**
 * A plot that nobody sees draws nothing. Panel 1.9.4, when it is removed, first deletes its render window and then
 * asks it for its interactor: the first of its two deletions is left out.
 */
function silence(plot) {
  const window = plot._vtk_renwin;
  let isFirst = true;
  plot._vtk_render = () => {};
  plot._vtk_renwin = {
    ...window,
    resize() {},
    delete() {
      if (!isFirst) window.delete();
      isFirst = false;
    },
  };
}

/** Wait until the document's renderer has what it describes. */
async function taken(plots) {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await soon()) {
    const renderer = plots.map((plot) => plot._vtk_renwin.getRenderer()).find(Boolean);
    const meshes = (renderer?.getActors() ?? []).map(meshOf).filter(Boolean);
    const image = (renderer?.getVolumes() ?? []).map(imageOf).find(Boolean) ?? null;
    if (meshes.length || image) return { meshes, image };
  }
  throw new Error("an empty scene");
}

const soon = () => new Promise((done) => setTimeout(done, LOOK_MS));

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
