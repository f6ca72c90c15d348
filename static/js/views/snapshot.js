// A picture of one pane, or of all that are shown: pixels, drawings and corner texts at the screen's resolution, with
// a strip below that says what it is not for. The patient's name and id are in it only when that is asked for.

import { boxAround, canvasOf, STRIP } from "../lib/snapshot.js";
import { _ } from "../state/words.js";
import { paintDash, paintSvg, paintWords } from "./paint.js";

const TYPEFACE = "Inter, sans-serif";
const WITH_NAMES = ":scope > .corner, :scope > .edge";
// What names nobody, one by one: what the corners at the top may hold besides is not known here.
const WITHOUT_NAMES = [".corner-tl > .pane-head", ".corner-tl > .pane-caption", ".corner-bl", ".corner-br", ".edge"]
  .map((part) => `:scope > ${part}`)
  .join();

/**
 * @param panes        Panes, as they stand on the screen
 * @param annotations  marks, letters, scale, corner texts
 * @param crosshair    the lines of the other planes
 * @param names        who it is
 * @returns {HTMLCanvasElement}
 */
export function composeSnapshot(panes, { annotations = true, crosshair = false, names = false } = {}) {
  const boxes = panes.map((pane) => pane.element.getBoundingClientRect());
  const box = boxAround(boxes);
  const ratio = panes[0].size.ratio;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, canvasOf(box, ratio));
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  panes.forEach((pane, n) => {
    const at = [Math.round((boxes[n].left - box.left) * ratio), Math.round((boxes[n].top - box.top) * ratio)];
    for (const layer of pane.element.querySelectorAll("canvas.pane-image, canvas.pane-labels")) {
      if (layer.width && layer.height) context.drawImage(layer, ...at);
    }
    context.save();
    context.beginPath();
    context.rect(...at, boxes[n].width * ratio, boxes[n].height * ratio);
    context.clip();
    if (annotations) paintOver(context, pane.element, { origin: box, ratio, crosshair, names });
    context.restore();
  });
  strip(context, canvas, ratio);
  return canvas;
}

function paintOver(context, element, { origin, ratio, crosshair, names }) {
  const isLine = (shape) => !crosshair && shape.closest("[class^='xh'], [class*=' xh'], [data-layer='crosshair']");
  for (const svg of element.querySelectorAll(":scope > svg")) paintSvg(context, svg, { origin, ratio, isLeft: isLine });
  const isLeft = (node) => Boolean(node.closest(".pane-button, [hidden], .visually-hidden"));
  for (const part of element.querySelectorAll(names ? WITH_NAMES : WITHOUT_NAMES)) {
    for (const line of part.querySelectorAll(".plane-tag i")) paintDash(context, line, { origin, ratio });
    paintWords(context, part, { origin, ratio, isLeft });
  }
}

function strip(context, canvas, ratio) {
  const height = Math.round(STRIP * ratio);
  const middle = canvas.height - height / 2;
  context.font = `${Math.round(11 * ratio)}px ${TYPEFACE}`;
  context.textBaseline = "middle";
  context.fillStyle = "#c3cbd5";
  context.textAlign = "left";
  context.fillText("Triplano", 10 * ratio, middle);
  context.textAlign = "right";
  context.fillText(_("Not for diagnosis"), canvas.width - 10 * ratio, middle);
}

/** The canvas as PNG. */
export function pngOf(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("toBlob"))), "image/png");
  });
}

/** Hand a file to the browser's downloads. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Whether pictures can go to the clipboard here (only over HTTPS or on this computer). */
export function canCopyPictures() {
  return Boolean(navigator.clipboard?.write && window.ClipboardItem);
}

export async function copyPicture(canvas) {
  await navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(canvas) })]);
}
