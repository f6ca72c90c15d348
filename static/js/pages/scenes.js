// The 3D quadrant on the viewer's page: puts together its picture, settings, menus and picture file. It begins when
// the flat pictures are there and nothing else happens.

import { SceneClient } from "../http/scenes.js";
import { fileName } from "../lib/snapshot.js";
import { _ } from "../state/words.js";
import { SceneExport } from "../views/sceneexport.js";
import { ScenePane } from "../views/scenepane.js";
import { SceneSettings } from "../views/scenesettings.js";
import { composeSnapshot, pngOf, save } from "../views/snapshot.js";

/** @param context  { viewer, series, state, source, stage, say, segmentations? }; once the stage stands */
export function mountScene(context, { device }) {
  const { viewer, state, stage } = context;
  const element = viewer.querySelector(".pane-scene");
  if (!element) return null;
  let isBegun = false;
  const sprite = viewer.querySelector("[data-undo] use").getAttribute("href").replace(/#.*/, "");
  const client = new SceneClient(context.series);
  const pane = new ScenePane(element, { ...context, sprite, device, isBegun: () => isBegun }, client);
  new SceneSettings(pane, state, {
    element: document.getElementById("scene-settings"),
    menu: document.getElementById("menu-scene-mode"),
  });
  new SceneExport(pane, document.getElementById("menu-scene-export"), client, context);
  element.addEventListener("click", ({ target }) => {
    const view = target.closest("[data-scene-view]");
    if (view) pane.view(view.dataset.sceneView);
    else if (target.closest("[data-scene-reset]")) pane.reset();
    else if (target.closest("[data-scene-picture-file]")) keepPicture(pane, context);
  });
  element.addEventListener("dblclick", ({ target }) => !target.closest("button") && stage.toggleSingle("scene"));
  watchFaces(viewer, state);

  // The flat pictures first, and what the reader does with them.
  const soon = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 200));
  const begin = () => {
    if (viewer.querySelector(".stage").dataset.state !== "ready") {
      setTimeout(begin, 150);
      return;
    }
    soon(() => {
      isBegun = true;
      pane.wake();
    }, { timeout: 3000 });
  };
  begin();
  return pane;
}

/** The fourth quadrant turns over: 3D on one side, the facts of the series on the other. */
function watchFaces(viewer, state) {
  for (const button of viewer.querySelectorAll("[data-scene-face]")) {
    button.addEventListener("click", () => {
      const { sceneFace: face } = button.dataset;
      state.setScene({ face });
      const isMain = ["scene", "facts"].includes(state.main);
      state.setLayout(state.layout, isMain ? face : state.main, state.order);
      state.setActive(face);
      viewer.querySelector(`.pane[data-plane=${face}]`).focus({ preventScroll: true });
    });
  }
}

async function keepPicture(pane, { series, say }) {
  if (!pane.isReady) return;
  pane.renderNow();
  const canvas = composeSnapshot([pane]);
  save(await pngOf(canvas), fileName([series.modality, "3d"], "png"));
  say(_("The picture is in your downloads."));
}
