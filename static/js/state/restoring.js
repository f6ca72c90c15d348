// What of a saved state still fits a series: what a server kept may be older than the page, or of a series that has
// gained images since. What does not fit is left out.

import { isCurve } from "../lib/curve.js";

/**
 * @param saved   what ViewerState.snapshot() told, of this or of another day
 * @param series  what the page gives
 * @param planes  the names of its planes
 * @returns the parts that fit, under the same names
 */
export function fitting(saved, series, planes) {
  const { axes, views, window, layout, main, order } = saved;
  const parts = {
    point: isPlace(saved.point) && saved.point,
    point_lps: Boolean(series.affine) && isPlace(saved.point_lps) && saved.point_lps.map(Number),
    axes: Boolean(axes) && planes.every((plane) => isAxes(axes[plane])) && axes,
    phase: Number.isInteger(saved.phase) && saved.phase,
    views: Object.fromEntries(Object.entries(views ?? {}).filter(([name, view]) => planes.includes(name) && isView(view))),
    window: Boolean(window) && fitsWindow(window, series) && window,
    colormap: (series.colormaps ?? ["gray"]).includes(saved.colormap) && saved.colormap,
    segments: saved.segments || false,
    scene: saved.scene || false,
    slab: saved.slab || false,
    layout: typeof layout === "string" && layout,
    main: planes.includes(main) && main,
    order: order ?? false,
  };
  const found = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== false));
  if (typeof saved.inverted === "boolean") found.inverted = saved.inverted;
  if (typeof saved.overlays === "boolean" && series.overlays?.length) found.overlays = saved.overlays;
  if (typeof saved.crosshair === "boolean") found.crosshair = saved.crosshair;
  return found;
}

const isPlace = (value) => Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
const isAxes = (value) => Array.isArray(value) && value.length === 3 && value.every(isPlace);
const isView = (view) =>
  ["zoom", "dx", "dy"].every((name) => Number.isFinite(view?.[name])) &&
  view.zoom > 0 &&
  [undefined, 0, 90, 180, 270].includes(view.turn);

function fitsWindow(window, series) {
  const isWhole = Number.isFinite(window.center) && Number.isFinite(window.width) && window.width > 0;
  const isOwn = window.own ? Boolean(series.images) : true;
  const hasLut = window.lut === undefined || series.presets?.some((preset) => preset.lut === window.lut);
  const isDrawn = window.curve === undefined || isCurve(window.curve);
  return isWhole && isOwn && Boolean(hasLut) && isDrawn;
}
