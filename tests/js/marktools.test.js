import assert from "node:assert/strict";
import { test } from "node:test";

import { measured } from "../../static/js/lib/measure.js";
import { withPlaces } from "../../static/js/tools/drafting.js";
import { isOn, PaneShapes } from "../../static/js/lib/paneshapes.js";
import { Marks } from "../../static/js/state/marks.js";
import { RegionValues } from "../../static/js/state/regionvalues.js";
import { markEdit } from "../../static/js/tools/markedit.js";
import { TOOLS } from "../../static/js/tools/tools.js";
import { toImage, toScreen } from "../../static/js/lib/viewtransform.js";
import { distanceFrom, framesOf, lpsAt, placeOf } from "../../static/js/lib/frames.js";
import { place } from "../../static/js/lib/viewtransform.js";

// Voxels of 0.5 × 0.5 × 5 mm, 100 × 80 × 20, the first at (10, -20, -50).
const SERIES = {
  affine: [[0.5, 0, 0, 10], [0, 0.5, 0, -20], [0, 0, 5, -50]],
  shape_ijk: [100, 80, 20],
  planes: [
    { plane: "axial", width: 100, height: 80, count: 20, spacing_x_mm: 0.5, spacing_y_mm: 0.5, to_ijk: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] },
    { plane: "coronal", width: 100, height: 20, count: 80, spacing_x_mm: 0.5, spacing_y_mm: 5, to_ijk: [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 19]] },
  ],
};

/** What a tool needs of a pane, with the same arithmetic; 400 × 320 CSS pixels. */
function paneOf(plane, index, view = { zoom: 1, dx: 0, dy: 0, turn: 0, mirrored: false }) {
  const frame = framesOf(SERIES).find((one) => one.plane === plane);
  const size = { width: 400, height: 320 };
  return {
    name: plane,
    space: "patient",
    state: { series: SERIES, phase: 0, slab: { mm: 0 } },
    drawn: null,
    frame,
    index,
    size,
    placed: place(frame, size, view),
    pointAt(at) {
      return lpsAt(frame, toImage(this.placed, at), this.index);
    },
    screenOf(point) {
      return toScreen(this.placed, placeOf(frame, point));
    },
    offPlane(point) {
      return Math.abs(distanceFrom(frame, point, this.index));
    },
  };
}

function drawnWith(name, pane, ...moves) {
  const marks = new Marks();
  const said = [];
  const bench = { marks, say: (text) => said.push(text) };
  const tool = TOOLS[name];
  let start = null;
  for (const [at, to, keys = {}] of moves) {
    if (!start) start = tool.begin(pane.state, pane, at, keys, bench);
    else tool.press(pane.state, pane, start, at, keys);
    if (start === null) continue;
    if (to) tool.move(pane.state, pane, start, null, to, keys);
    const isOpen = tool.end?.(pane.state, pane, start, to ?? at, keys) === false;
    if (!isOpen) start = null;
  }
  return { marks, said, mark: marks.all[0], bench };
}
const rounded = (points) => points.map((point) => point.map((value) => Math.round(value * 1e6) / 1e6));

test("a length is drawn in patient coordinates", () => {
  // The axial image is 50 × 40 mm on 400 × 320: 8 CSS pixels a mm. Pixel (0, 0) has its middle at (2, 2).
  const { mark, marks, said } = drawnWith("length", paneOf("axial", 4), [[2, 2], [242, 322]]);
  assert.deepEqual(rounded(mark.points), [[10, -20, -30], [40, 20, -30]]);
  assert.equal(mark.plane.name, "axial");
  assert.equal(mark.plane.index, 4);
  assert.equal(mark.plane.thickness_mm, 5);
  assert.equal(marks.selected, mark.id);
  assert.equal(marks.draft, null);
  assert.deepEqual(said.map((text) => text.replaceAll("\u00a0", " ")), ["length, 50.0 mm"]);
});

test("on a plane of long pixels, mirrored and turned, millimetres stay millimetres", () => {
  // The coronal image is 50 × 100 mm; turned by 90° it is 100 × 50 mm on 400 × 320: 4 CSS pixels a mm.
  const pane = paneOf("coronal", 7, { zoom: 1, dx: 0, dy: 0, turn: 90, mirrored: true });
  const { mark } = drawnWith("length", pane, [[100, 100], [100, 180]]);
  const [a, b] = mark.points;
  assert.equal(Math.round(Math.hypot(...a.map((value, n) => value - b[n])) * 1e6) / 1e6, 20);
  assert.equal(a[1], -16.5);
});

test("a click measures nothing and says what to do", () => {
  for (const name of ["length", "bidirectional", "angle", "cobb", "ellipse", "rectangle", "arrow", "freehand"]) {
    const { marks, said } = drawnWith(name, paneOf("axial", 4), [[50, 50], [51, 51]]);
    assert.deepEqual(marks.all, [], name);
    assert.equal(marks.draft, null, name);
    assert.equal(said.length, 1, name);
  }
});

test("an angle: a leg, then a place; a Cobb angle: two lines, clicks between them change nothing", () => {
  const pane = paneOf("axial", 4);
  const angle = drawnWith("angle", pane, [[100, 100], [200, 100]], [[200, 200]]);
  assert.equal(angle.marks.all.length, 1);
  assert.deepEqual(angle.said.at(-1), "angle, 90.0°");
  const cobb = drawnWith("cobb", pane, [[100, 100], [200, 100]], [[50, 50], [50, 51]], [[100, 200], [200, 300]]);
  assert.deepEqual(cobb.said.at(-1), "Cobb angle, 45.0°");
  assert.equal(cobb.mark.points.length, 4);
});

test("ellipse, rectangle and freehand", () => {
  const pane = paneOf("axial", 4);
  const ellipse = drawnWith("ellipse", pane, [[200, 160], [280, 200]]);
  assert.match(ellipse.said.at(-1), /157\smm²/); // π · 10 · 5
  const rectangle = drawnWith("rectangle", pane, [[100, 100], [180, 140], { shiftKey: true }]);
  assert.match(rectangle.said.at(-1), /100\smm²/); // Shift: 10 × 10
  const marks = new Marks();
  const bench = { marks, say() {} };
  const start = TOOLS.freehand.begin(null, pane, [100, 100], {}, bench);
  const corners = [[100, 100], [200, 100], [200, 200], [100, 200], [100, 101]];
  for (let n = 1; n < corners.length; n += 1) {
    for (let part = 1; part <= 50; part += 1) {
      const at = corners[n - 1].map((value, axis) => value + ((corners[n][axis] - value) * part) / 50);
      TOOLS.freehand.move(null, pane, start, null, at);
    }
  }
  TOOLS.freehand.end(null, pane, start);
  assert.equal(marks.all[0].points.length, 5); // four corners and the end: what lies on the sides is left out
});

test("a probe is placed by a press", () => {
  const { mark } = drawnWith("probe", paneOf("axial", 4), [[2, 2]]);
  assert.deepEqual(rounded(mark.points), [[10, -20, -30]]);
});

test("an arrow waits for its words", () => {
  const pane = paneOf("axial", 4);
  const marks = new Marks();
  const bench = { marks, say() {} };
  let done = null;
  marks.addEventListener("writing", ({ detail }) => (done = detail.done));
  const start = TOOLS.arrow.begin(null, pane, [100, 100], {}, bench);
  TOOLS.arrow.end(null, pane, start, [200, 100], {});
  assert.deepEqual(marks.all, []);
  assert.notEqual(marks.draft, null);
  done("node");
  assert.equal(marks.all[0].label, "node");
  assert.equal(marks.draft, null);
});

test("handles change a mark in one step, its line moves it", () => {
  const pane = paneOf("axial", 4);
  const { mark, marks, bench } = drawnWith("length", pane, [[2, 2], [242, 2]]);
  let steps = 0;
  marks.addEventListener("marks", () => (steps += 1));
  const drag = (handle, from, to) => {
    const start = markEdit.begin(null, pane, from, {}, { ...bench, hit: { mark: marks.get(mark.id), handle } });
    markEdit.move(null, pane, start, null, from.map((value, n) => (value + to[n]) / 2), {});
    markEdit.move(null, pane, start, null, to, {});
    markEdit.end(null, pane, start, to, {});
  };
  drag(1, [240, 2], [160, 322]);
  assert.deepEqual(rounded(marks.get(mark.id).points), [[10, -20, -30], [30, 20, -30]]);
  drag(null, [100, 100], [108, 100]);
  assert.deepEqual(rounded(marks.get(mark.id).points), [[11, -20, -30], [31, 20, -30]]);
  drag(0, [10, 10], [11, 11]); // a click
  assert.equal(steps, 2);
});

test("an end that is dragged onto the other leaves the measurement as it was", () => {
  const pane = paneOf("axial", 4);
  const { mark, marks, bench, said } = drawnWith("length", pane, [[2, 2], [242, 2]]);
  const start = markEdit.begin(null, pane, [242, 2], {}, { ...bench, hit: { mark, handle: 1 } });
  markEdit.move(null, pane, start, null, [3, 2], {});
  markEdit.end(null, pane, start, [3, 2], {});
  assert.deepEqual(rounded(marks.get(mark.id).points), [[10, -20, -30], [40, -20, -30]]);
  assert.equal(marks.draft, null);
  assert.equal(said.at(-1), "A measurement needs some length: it stays as it was.");
});

test("a mark that is changed on another plane lies on that plane then", () => {
  const axial = paneOf("axial", 4);
  const { mark, marks, bench } = drawnWith("length", axial, [[2, 30], [242, 30]]); // along row 7
  const coronal = paneOf("coronal", 7);
  assert.equal(isOn(mark, coronal), true);
  assert.equal(isOn(mark, paneOf("coronal", 8)), false);
  const end = coronal.screenOf(mark.points[1]);
  const start = markEdit.begin(null, coronal, end, {}, { ...bench, hit: { mark, handle: 1 } });
  const to = coronal.screenOf([40, -16.5, 10]);
  markEdit.move(null, coronal, start, null, to, {});
  markEdit.end(null, coronal, start, to, {});
  const changed = marks.get(mark.id);
  assert.equal(changed.plane.name, "coronal");
  assert.deepEqual(rounded(changed.points), [[10, -16.5, -30], [40, -16.5, 10]]);
});

test("marks are on the slices that hold all of them, in their phase, unless hidden", () => {
  const pane = paneOf("axial", 4);
  const { mark } = drawnWith("length", pane, [[2, 2], [242, 2]]);
  assert.equal(isOn(mark, pane), true);
  assert.equal(isOn(mark, paneOf("axial", 5)), false);
  assert.equal(isOn(mark, { ...paneOf("axial", 5), state: { phase: 0, slab: { mm: 10 } } }), true);
  // A slab of 8 mm of slices of 5 mm is one slice: its neighbour's marks are not in the picture.
  assert.equal(isOn(mark, { ...paneOf("axial", 5), state: { phase: 0, slab: { mm: 8 } } }), false);
  assert.equal(isOn({ ...mark, hidden: true }, pane), false);
  assert.equal(isOn({ ...mark, phase: 1 }, pane), false);
  assert.equal(isOn({ ...mark, kind: "keyimage" }, pane), false);
});

test("two hundred marks on other slices cost less than a millisecond", () => {
  const pane = paneOf("axial", 4);
  const { mark } = drawnWith("length", paneOf("axial", 9), [[2, 2], [242, 2]]);
  const marks = Array.from({ length: 200 }, (_n, n) => ({ ...mark, id: String(n) }));
  const shapes = new PaneShapes(pane);
  for (let n = 0; n < 200; n += 1) shapes.of(marks);
  const begun = performance.now();
  for (let n = 0; n < 50; n += 1) assert.equal(shapes.of(marks).length, 0);
  assert.ok((performance.now() - begun) / 50 < 1);
});

const later = () => new Promise((done) => setTimeout(done));

test("values come to areas without being a step, and only to the points that were asked about", async () => {
  const pane = paneOf("axial", 4);
  const { mark, marks } = drawnWith("ellipse", pane, [[200, 160], [280, 200]]);
  const answers = [];
  new RegionValues(marks, (asked) => new Promise((done) => answers.push({ asked, done })));
  const silent = [];
  marks.addEventListener("marks", ({ detail }) => silent.push(detail.silent));
  assert.equal(answers.length, 1);
  marks.change(mark.id, { points: mark.points.map(([x, y, z]) => [x + 1, y, z]), statistics: null });
  answers[0].done({ mean: 1, count: 2 });
  await later();
  assert.equal(marks.get(mark.id).statistics, null);
  assert.equal(answers.length, 2);
  answers[1].done({ mean: 3, count: 4 });
  await later();
  assert.deepEqual(marks.get(mark.id).statistics, { mean: 3, count: 4 });
  assert.deepEqual(silent, [false, true]);
  assert.equal(answers.length, 2);
});

test("images in colour have no values to ask for", () => {
  const marks = new Marks();
  const asked = [];
  new RegionValues(marks, async (mark) => asked.push(mark), ({ image }) => image !== 3);
  const start = TOOLS.ellipse.begin(null, { ...paneOf("axial", 3), space: "image" }, [200, 160], {}, { marks, say() {} });
  TOOLS.ellipse.move(null, paneOf("axial", 3), start, null, [220, 200], {});
  assert.equal(marks.draft.image, 3);
  assert.equal(asked.length, 0);
});

test("a draft is asked about while it moves, the latest last; old values are marked", async () => {
  const marks = new Marks();
  const answers = [];
  new RegionValues(marks, (asked) => new Promise((done) => answers.push({ asked, done })));
  const pane = paneOf("axial", 4);
  const start = TOOLS.ellipse.begin(null, pane, [200, 160], {}, { marks, say() {} });
  for (const x of [220, 240, 260]) TOOLS.ellipse.move(null, pane, start, null, [x, 200], {});
  assert.equal(answers.length, 1);
  answers[0].done({ mean: 1, count: 2 });
  await later();
  assert.equal(marks.draft.statistics.stale, true);
  assert.equal(answers.length, 2);
  answers[1].done({ mean: 5, count: 6 });
  await later();
  assert.deepEqual(marks.draft.statistics, { mean: 5, count: 6 });
  TOOLS.ellipse.move(null, pane, start, null, [280, 200], {});
  assert.deepEqual(marks.draft.statistics, { mean: 5, count: 6, stale: true });
  TOOLS.ellipse.end(null, pane, start, [280, 200], {});
  assert.equal(marks.all[0].statistics, null);
});

test("what the server refuses is not asked again until it changes", async () => {
  const pane = paneOf("axial", 4);
  const { mark, marks } = drawnWith("probe", pane, [[200, 160]]);
  let asked = 0;
  new RegionValues(marks, () => {
    asked += 1;
    return Promise.reject(Object.assign(new Error("no"), { status: 422 }));
  });
  await later();
  marks.select(null);
  marks.add({ ...mark, id: undefined, kind: "length" });
  await later();
  assert.equal(asked, 1);
  marks.change(mark.id, { points: [[1, 2, 3]] });
  await later();
  assert.equal(asked, 2);
});

test("pixels of unknown size that are not square measure no angles", () => {
  const frame = { is_calibrated: false, spacing_x_mm: 0.8, spacing_y_mm: 1, to_lps: null };
  const pane = { ...paneOf("axial", 0), space: "image", frame, pointAt: ([x, y]) => [x, y, 0] };
  const angle = drawnWith("angle", pane, [[10, 10], null]);
  assert.equal(angle.said.length, 1);
  assert.equal(angle.marks.draft, null);
  const length = drawnWith("length", pane, [[10, 10], [40, 50]]);
  assert.equal(length.mark.spacing_mm, null);
  assert.match(length.said[0], /50\.0\spx/);
  assert.deepEqual(rounded(length.mark.points), [[10, 10], [40, 50]]);
});

test("an angle that leaves its ultrasound region stays true on pixels that are not square", () => {
  const region = { min_x: 0, min_y: 0, max_x: 9, max_y: 9, unit_x: "cm", unit_y: "cm", per_pixel_x: 0.01, per_pixel_y: 0.02 };
  const frame = { is_calibrated: true, spacing_x_mm: 0.1, spacing_y_mm: 0.2, regions: [region] };
  const scale = { scale: [0.1, 0.2], image: 0 };
  const drawn = (kind, places) => withPlaces({ kind, space: "image", image: 0 }, scale, places, frame);
  // From (0, 2) over the corner at 0 to (2, 2) mm: 45°; row 10 lies below the region.
  assert.equal(Math.round(measured(drawn("angle", [[0, 2], [0, 0], [2, 2]])).angle * 1e6) / 1e6, 45);
  assert.equal(measured(drawn("length", [[0, 0], [2, 2]])).unit, "px");
});
