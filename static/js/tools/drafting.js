// What all drawing tools and the keyboard do with the mark that is being drawn. A bench is { marks, say }.

import { clicksOf } from "../lib/markbuild.js";
import { flatten, hasTrueAngles, imageBasis, lift, planeAt, spacingAt } from "../lib/markplane.js";
import { measureLines, tellingOf } from "../lib/marktext.js";
import { markWord } from "../state/stepwords.js";
import { _ } from "../state/words.js";

export const MOVED_FROM = 3; // CSS pixels: less is a click
const ANGLES = new Set(["angle", "cobb"]);

/** The basis of the slice that a pane shows. */
export function basisOn(pane) {
  return pane.space === "patient" ? planeAt(pane.frame, pane.index) : imageBasis(pane.frame, pane.index);
}

/** The place [u, v] of a basis under a position of the pane. */
export function placeAt(basis, pane, at) {
  return flatten(basis, [pane.pointAt(at)])[0];
}

/** Why a mark of this kind cannot be drawn on what a pane shows, or "". */
export function refusal(pane, kind) {
  if (!ANGLES.has(kind) || hasTrueAngles(pane.frame)) return "";
  return _("No angles here: the pixels are not square, and how large they are is not known.");
}

/** A mark of this kind on the slice that a pane shows, without points yet. */
export function markOn(pane, kind, marks) {
  const { frame, index } = pane;
  const usual = { kind, space: pane.space, points: [], phase: pane.drawn?.phase ?? pane.state.phase };
  if (pane.space === "patient") return marks.made({ ...usual, plane: planeAt(frame, index) });
  return marks.made({ ...usual, plane: null, image: index, spacing_mm: spacingAt(frame, []) });
}

/** The mark with its points at *places*; the millimetres of an image may depend on where they are. */
export function withPlaces(mark, basis, places, frame) {
  const points = lift(basis, places);
  const spacing = mark.space === "image" && { spacing_mm: spacingOf(mark.kind, frame, points) };
  return { ...mark, points, ...spacing };
}

/** Angles need the pixels' shape alone, which all regions of an ultrasound image share; lengths end with the region. */
function spacingOf(kind, frame, points) {
  const isAngle = ANGLES.has(kind) && frame.is_calibrated;
  return isAngle ? [frame.spacing_x_mm, frame.spacing_y_mm] : spacingAt(frame, points);
}

/** Show the draft with these places. Values of its last place stay in sight, marked as such, until new ones come. */
export function draft({ marks }, mark, basis, places, pane) {
  const before = marks.draft?.id === mark.id ? marks.draft.statistics : mark.statistics;
  const statistics = before ? { ...before, stale: true } : null;
  marks.setDraft({ ...withPlaces(mark, basis, places, pane.frame), statistics });
}

/** The draft as it is kept: with values only if they are those of its points. */
export function settled(mark) {
  return { ...mark, statistics: mark.statistics?.stale ? null : mark.statistics };
}

/** Keep the draft as a mark of its own, selected, and say what it measures. */
export function keep({ marks, say }, pane, mark) {
  const kept = settled(mark);
  if (mark.kind === "arrow") {
    marks.askWords(kept, pane, (text) => {
      marks.setDraft(null);
      finish({ marks, say }, pane, { ...kept, label: text ?? "" });
    });
    return;
  }
  marks.setDraft(null);
  finish({ marks, say }, pane, kept);
}

function finish({ marks, say }, pane, mark) {
  const added = marks.add(mark);
  marks.select(added.id);
  tell({ say }, pane, added);
}

/** Say a mark and what it measures. */
export function tell({ say }, pane, mark) {
  const { series } = pane.state;
  const lines = measureLines(mark, tellingOf(series, mark));
  say([markWord(mark.kind), mark.label, ...lines].filter(Boolean).join(", "));
}

export const isWhole = (kind, clicks) => clicks.length >= clicksOf(kind);
