import assert from "node:assert/strict";
import test from "node:test";

import { fitting } from "../../static/js/state/restoring.js";

const SERIES = { affine: [[1]], colormaps: ["gray", "hot"], presets: [{ lut: 0 }] };
const PLANES = ["axial", "coronal"];
const VIEW = { zoom: 2, dx: 0, dy: 0, turn: 90, mirrored: false };

test("what fits is kept under its name", () => {
  const saved = {
    point_lps: [1, 2, 3],
    phase: 0,
    views: { axial: VIEW },
    window: { center: 40, width: 400 },
    inverted: false,
    colormap: "hot",
    crosshair: false,
    layout: "1x1",
    main: "coronal",
    order: ["axial", "coronal"],
  };
  assert.deepEqual(fitting(saved, SERIES, PLANES), saved);
});

test("what does not fit is left out and the rest stays", () => {
  const saved = {
    point: [1, 2],
    point_lps: [1, 2, "3"],
    axes: { axial: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] },
    phase: 1.5,
    views: { axial: { ...VIEW, turn: 45 }, sagittal: VIEW, coronal: { ...VIEW, zoom: 0 } },
    window: { center: 40, width: -1 },
    colormap: "mauve",
    inverted: "yes",
    overlays: true,
    main: "sagittal",
    layout: "2x2",
  };
  assert.deepEqual(fitting(saved, SERIES, PLANES), { views: {}, layout: "2x2" });
});

test("a window by a table of the file needs the file's table, one of its own needs images", () => {
  const lut = { center: 1, width: 2, lut: 1 };
  const own = { center: 1, width: 2, own: true };
  const windowOf = (window, series) => fitting({ window }, series, PLANES).window;
  assert.equal(windowOf(lut, SERIES), undefined);
  assert.deepEqual(windowOf({ ...lut, lut: 0 }, SERIES), { ...lut, lut: 0 });
  assert.equal(windowOf(own, SERIES), undefined);
  assert.deepEqual(windowOf(own, { ...SERIES, images: [{}] }), own);
  assert.equal(windowOf({ center: 1, width: 2, curve: [[5, 0]] }, SERIES), undefined);
});

test("places in mm are nothing to a series without millimetres", () => {
  assert.equal(fitting({ point_lps: [1, 2, 3] }, {}, PLANES).point_lps, undefined);
  assert.deepEqual(fitting({ point: [1, 2, 3] }, {}, PLANES).point, [1, 2, 3]);
});
