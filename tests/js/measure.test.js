import assert from "node:assert/strict";
import { test } from "node:test";

import {
  angleBetween,
  cobbAngle,
  crossesItself,
  ellipsePerimeter,
  measured,
  polygonArea,
  polygonPerimeter,
} from "../../static/js/lib/measure.js";
import { flatten, isParallel, lift, planeAt, spacingAt } from "../../static/js/lib/markplane.js";

const close = (found, wanted, within = 1e-9) =>
  assert.ok(Math.abs(found - wanted) < within, `${found} is not ${wanted}`);
const closeAll = (found, wanted) => found.forEach((value, n) => close(value, wanted[n]));

// Voxels of 0.5 × 0.5 × 5 mm: the sagittal plane runs along P (0.5 mm) and to the feet (5 mm).
const AXIAL = { name: "axial", index: 3, origin_lps: [10, -20, 15], right_lps: [1, 0, 0], down_lps: [0, 1, 0], normal_lps: [0, 0, 1], thickness_mm: 5 };
const SAGITTAL = { name: "sagittal", index: 8, origin_lps: [14, -20, 75], right_lps: [0, 1, 0], down_lps: [0, 0, -1], normal_lps: [1, 0, 0], thickness_mm: 0.5 };
// Turned by the angle of the triangle 3, 4, 5 about the left-right axis.
const TURNED = { name: "axial", index: 0, origin_lps: [0, 0, 0], right_lps: [1, 0, 0], down_lps: [0, 0.8, -0.6], normal_lps: [0, 0.6, 0.8], thickness_mm: 1 };
const MIRRORED = { ...AXIAL, right_lps: [-1, 0, 0], normal_lps: [0, 0, -1] };
const on = (plane, kind, ...points) => ({ kind, space: "patient", plane, points });
const image = (kind, spacing, ...points) => ({ kind, space: "image", image: 0, spacing_mm: spacing, points });

test("a length is millimetres in the patient, on every plane", () => {
  assert.deepEqual(measured(on(AXIAL, "length", [10, -20, 15], [40, 20, 15])), { unit: "mm", length: 50 });
  // Two slices of 5 mm down and 48 voxels of 0.5 mm across: 10 and 24 mm.
  assert.equal(measured(on(SAGITTAL, "length", [14, 0, 40], [14, 24, 30])).length, 26);
  close(measured(on(TURNED, "length", [0, 0, 0], [0, 8, -6])).length, 10);
  assert.equal(measured(on(MIRRORED, "length", [10, -20, 15], [40, 20, 15])).length, 50);
});

test("an image's pixels are millimetres where it tells them, and pixels where not", () => {
  assert.deepEqual(measured(image("length", [0.5, 2], [0, 0], [6, 2])), { unit: "mm", length: 5 });
  assert.deepEqual(measured(image("length", null, [0, 0], [6, 8])), { unit: "px", length: 10 });
});

test("a point beside its plane is measured along the normal", () => {
  assert.equal(measured(on(AXIAL, "length", [10, -20, 16], [13, -16, 14])).length, 5);
});

test("a bidirectional measurement tells the longer axis first", () => {
  const mark = on(AXIAL, "bidirectional", [10, 0, 15], [20, 0, 15], [15, 8, 15], [15, -4, 15]);
  assert.deepEqual(measured(mark), { unit: "mm", long: 12, short: 10 });
});

test("angles are between the legs, whichever way the plane is seen", () => {
  assert.equal(measured(on(AXIAL, "angle", [20, 0, 15], [10, 0, 15], [10, 5, 15])).angle, 90);
  close(measured(on(MIRRORED, "angle", [20, 0, 15], [10, 0, 15], [0, 10, 15])).angle, 135);
  // Three voxels of 0.5 mm across and one slice of 5 mm: the tangent is 5 / 1.5.
  close(measured(on(SAGITTAL, "angle", [14, 1.5, 70], [14, 0, 75], [14, 1, 75])).angle, 73.3007557660064);
  close(angleBetween([1, 0], [-1, 0]), 180);
  close(angleBetween([1, 0], [-1, -1]), 135);
  assert.equal(angleBetween([3, 4], [3, 4]), 0);
});

test("Cobb's angle is the acute one of two lines, crossing or not, drawn either way", () => {
  const lines = [[0, 0], [10, 0], [0, 30], [10, 40]];
  close(cobbAngle(lines), 45);
  close(cobbAngle([lines[1], lines[0], lines[2], lines[3]]), 45);
  close(cobbAngle([[0, 0], [10, 10], [0, 10], [10, 0]]), 90);
  close(cobbAngle([[0, 0], [5, 0], [9, 2], [2, 2]]), 0);
  close(cobbAngle([[0, 0], [-1, Math.sqrt(3)], [0, 9], [4, 9]]), 60);
});

test("ellipses: area and perimeter", () => {
  const mark = on(SAGITTAL, "ellipse", [14, 0, 50], [14, 20, 50], [14, 0, 40]);
  const { area, perimeter, axes } = measured(mark);
  assert.deepEqual(axes, [20, 10]);
  close(area, 628.318530717959, 1e-9);
  close(perimeter, 96.8844822054769, 1e-9); // 80·E(3/4)
  close(ellipsePerimeter(3, 3), 18.8495559215388);
  close(ellipsePerimeter(5, 0), 20);
  close(ellipsePerimeter(1, 1e-9), 4, 1e-8);
});

test("rectangles and polygons", () => {
  const corners = [[10, 0, 15], [22, 0, 15], [22, 5, 15], [10, 5, 15]];
  assert.deepEqual(measured(on(AXIAL, "rectangle", ...corners)), { unit: "mm", width: 12, height: 5, area: 60, perimeter: 34 });
  // An L: 4 × 4 without 2 × 2.
  const shape = [[0, 0], [4, 0], [4, 2], [2, 2], [2, 4], [0, 4]];
  assert.equal(polygonArea(shape), 12);
  assert.equal(polygonArea([...shape].reverse()), 12);
  assert.equal(polygonPerimeter(shape), 16);
  assert.equal(crossesItself(shape), false);
  const far = shape.map(([x, y]) => [x + 1e7, y - 1e7]);
  assert.equal(polygonArea(far), 12);
});

test("a polygon that crosses or touches itself is known", () => {
  assert.equal(crossesItself([[0, 0], [4, 4], [4, 0], [0, 4]]), true);
  assert.equal(crossesItself([[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]]), true); // a corner on a side
  assert.equal(crossesItself([[0, 0], [4, 0], [0, 4]]), false);
  const circle = Array.from({ length: 500 }, (_n, n) => [Math.cos(n / 79.6), Math.sin(n / 79.6)]);
  assert.equal(crossesItself(circle), false);
  const mark = image("freehand", [1, 1], [0, 0], [4, 4], [4, 0], [0, 4]);
  assert.equal(measured(mark).crosses, true);
});

test("what is half drawn, or only pointed at, has no measure", () => {
  assert.deepEqual(measured(on(AXIAL, "cobb", [10, 0, 15], [20, 0, 15], [20, 9, 15])), { unit: "mm" });
  assert.deepEqual(measured(on(AXIAL, "arrow", [10, 0, 15], [20, 0, 15])), { unit: "mm" });
  assert.deepEqual(measured(on(AXIAL, "probe", [10, 0, 15])), { unit: "mm" });
});

test("places on a plane, and back", () => {
  assert.deepEqual(flatten(AXIAL, [[13, -16, 15]]), [[3, 4]]);
  assert.deepEqual(flatten(MIRRORED, [[13, -16, 15]]), [[-3, 4]]);
  closeAll(lift(TURNED, [[2, 5]])[0], [2, 4, -3]);
  assert.deepEqual(lift({ scale: [0.5, 2] }, [[3, 4]]), [[6, 2]]);
  assert.equal(isParallel(AXIAL, MIRRORED), true);
  assert.equal(isParallel(AXIAL, TURNED), false);
});

test("a frame's slice becomes the plane of a mark", () => {
  const frame = {
    plane: "coronal",
    to_lps: [[0.5, 0, 0, 1], [0, 0, 2, 3], [0, -5, 0, 60]],
    right_lps: [1, 0, 0],
    down_lps: [0, 0, -1],
    normal_lps: [0, 1, 0],
    step_mm: 2,
  };
  assert.deepEqual(planeAt(frame, 4), {
    name: "coronal",
    index: 4,
    origin_lps: [1, 11, 60],
    right_lps: [1, 0, 0],
    down_lps: [0, 0, -1],
    normal_lps: [0, 1, 0],
    thickness_mm: 2,
  });
});

test("an ultrasound image is calibrated in its regions only", () => {
  const region = { min_x: 10, min_y: 20, max_x: 109, max_y: 119, unit_x: "cm", unit_y: "cm", per_pixel_x: 0.02, per_pixel_y: 0.03 };
  const doppler = { ...region, min_y: 120, max_y: 160, unit_x: "s", unit_y: "cm/s" };
  const frame = { is_calibrated: true, spacing_x_mm: 0.2, spacing_y_mm: 0.3, regions: [doppler, region] };
  closeAll(spacingAt(frame, [[10, 20], [109, 119]]), [0.2, 0.3]);
  closeAll(spacingAt({ ...frame, regions: [{ ...region, per_pixel_y: -0.03 }] }, [[50, 50]]), [0.2, 0.3]); // counts upwards
  assert.equal(spacingAt(frame, [[50, 100], [50, 130]]), null);
  assert.deepEqual(spacingAt({ is_calibrated: true, spacing_x_mm: 1, spacing_y_mm: 2 }, [[0, 0]]), [1, 2]);
  assert.equal(spacingAt({ is_calibrated: false, spacing_x_mm: 1, spacing_y_mm: 1 }, [[0, 0]]), null);
});
