// What is drawn over the 3D picture without the graphics: letters at the edges, the cube of the directions, and the
// mark at the crosshair's place. It follows the camera; scrolling moves the mark alone.

import { cubeFaces, nameOfView, projected, rightOf } from "../lib/scenecamera.js";
import { directionLabel } from "../lib/letters.js";

const SVG = "http://www.w3.org/2000/svg";
const HALF = 100; // of the cube's square, in its own units: letters of less than a unit are badly placed

export class SceneOverlay {
  #marker;
  #cube;
  #edges;
  #views;
  #element;

  /** @param element  the quadrant, templates/viewer/scene.html */
  constructor(element) {
    this.#element = element;
    this.#marker = element.querySelector("[data-scene-marker]");
    this.#cube = element.querySelector("[data-scene-cube] svg");
    this.#edges = Object.fromEntries([..."lrtb"].map((side) => [side, element.querySelector(`[data-part=edge-${side}]`)]));
    this.#views = [...element.querySelectorAll("[data-scene-view]")];
  }

  /** Draw what depends on the camera. */
  look(camera) {
    const right = rightOf(camera);
    const negative = (vector) => vector.map((part) => -part);
    const letters = { r: right, l: negative(right), t: camera.up, b: negative(camera.up) };
    for (const [side, vector] of Object.entries(letters)) this.#edges[side].textContent = directionLabel(vector);
    const name = nameOfView(camera);
    for (const button of this.#views) button.setAttribute("aria-pressed", String(button.dataset.sceneView === name));
    this.#element.dataset.sceneFrom = name ?? "";
    this.#cube.replaceChildren(...cubeFaces(camera).map((face) => this.#face(face)));
  }

  #face({ letter, facing, corners, matrix }) {
    const group = document.createElementNS(SVG, "g");
    group.dataset.sceneView = letter;
    group.dataset.shade = facing > 0.75 ? 0 : facing > 0.4 ? 1 : 2;
    const side = document.createElementNS(SVG, "polygon");
    side.setAttribute("points", corners.map((corner) => corner.map((part) => (HALF * part).toFixed(1)).join()).join(" "));
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("transform", `matrix(${matrix.map((part, n) => (n > 3 ? HALF * part : part).toFixed(4)).join(" ")})`);
    text.textContent = letter;
    group.append(side, text);
    return group;
  }

  /** Put the mark where a place of the patient is seen; null takes it away. */
  mark(camera, size, pointLps) {
    if (!pointLps || size.width < 2) {
      this.#marker.setAttribute("visibility", "hidden");
      return;
    }
    const { x, y } = projected(camera, size, pointLps);
    this.#marker.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    this.#marker.setAttribute("visibility", "visible");
  }
}
