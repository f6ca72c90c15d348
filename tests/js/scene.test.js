import assert from "node:assert/strict";
import { test } from "node:test";

import * as camera from "../../static/js/lib/scenecamera.js";
import { meshFrom } from "../../static/js/lib/scenemesh.js";
import * as ray from "../../static/js/lib/sceneray.js";
import { largestPart, smoothed, surfaceAt } from "../../static/js/lib/scenesurface.js";
import { opacityFunction, projectionCurves, rgbOfHex, shifted } from "../../static/js/lib/scenetransfer.js";
import { blocksFor, boxOf, gridOf, isMirrored, placeOfGrid, reduced } from "../../static/js/lib/scenevolume.js";
import { paletteOf } from "../../static/js/lib/greys.js";

const near = (found, wanted, tolerance = 1e-6) => {
  assert.equal(found.length, wanted.length);
  found.forEach((value, n) => assert.ok(Math.abs(value - wanted[n]) <= tolerance, `${found} is not ${wanted}`));
};
const STRAIGHT = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];

/** A ball of radius 8 about voxel (12, 11, 10), 100 inside, falling through 0 at its surface. */
function ball(affine = STRAIGHT) {
  const shape = [25, 24, 22];
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  for (let k = 0, n = 0; k < shape[2]; k += 1) {
    for (let j = 0; j < shape[1]; j += 1) {
      for (let i = 0; i < shape[0]; i += 1, n += 1) data[n] = 8 - Math.hypot(i - 12, j - 11, k - 10);
    }
  }
  return { data, shape_ijk: shape, affine };
}

function volumeOf({ vertices, faces }) {
  let sum = 0;
  for (let n = 0; n < faces.length; n += 3) {
    const [a, b, c] = [0, 1, 2].map((m) => [...vertices.subarray(3 * faces[n + m], 3 * faces[n + m] + 3)]);
    sum += a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
  }
  return sum / 6;
}

test("blocks become means, and the first voxel's centre moves with them", () => {
  const volume = {
    data: Int16Array.of(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, -5, 7),
    shape_ijk: [3, 2, 2],
    affine: [[0.5, 0, 0, 10], [0, 2, 0, 20], [0, 0, 5, 30]],
  };
  const walk = reduced(volume, [2, 2, 1]);
  let step = walk.next();
  for (; !step.done; step = walk.next());
  const grid = step.value;
  assert.deepEqual(grid.shape_ijk, [2, 1, 2]);
  assert.deepEqual([...grid.data], [4, 7, 10, 12]); // (0+2+6+8)/4, (4+10)/2, (12+14+18−5)/4 = 9.75, (16+7)/2 = 11.5
});

test("blocks make cubes of long voxels", () => {
  const chest = { shape_ijk: [512, 512, 134], affine: [[0.977, 0, 0, 0], [0, 0.977, 0, 0], [0, 0, 3, 0]] };
  assert.deepEqual(blocksFor(chest, 128), [4, 4, 1]);
  assert.deepEqual(blocksFor(chest, 256), [2, 2, 1]);
  const small = { shape_ijk: [24, 20, 12], affine: STRAIGHT };
  assert.deepEqual(blocksFor(small, 128), [1, 1, 1]);
  const { affine } = gridOf(chest, [4, 4, 1]);
  near(affine[0], [3.908, 0, 0, 1.4655], 1e-9);
  const oblique = { shape_ijk: [4, 4, 4], affine: [[0, -2, 0, 1], [2, 0, 0, 2], [0, 0, 3, 3]] };
  near(placeOfGrid(oblique).direction, [0, 1, 0, -1, 0, 0, 0, 0, 1]);
  assert.deepEqual(boxOf(oblique), [[-6, 1, 1.5], [2, 9, 13.5]]);
  assert.equal(isMirrored(oblique), false);
  assert.equal(isMirrored({ affine: [[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] }), true);
});

test("the surface of a ball has its volume, looks outwards, in every handedness", () => {
  const made = surfaceAt(ball(), 0.3); // of radius 7.7: 4/3 π 7.7³ = 1912.3
  assert.ok(Math.abs(volumeOf(made) / 1912.3 - 1) < 0.03, String(volumeOf(made)));
  for (let n = 0; n < made.vertices.length; n += 3) {
    const from = [made.vertices[n] - 12, made.vertices[n + 1] - 11, made.vertices[n + 2] - 10];
    assert.ok(Math.abs(Math.hypot(...from) - 7.7) < 0.12);
    const [x, y, z] = made.normals.subarray(n, n + 3);
    assert.ok(x * from[0] + y * from[1] + z * from[2] > 7);
  }
  const mirrored = surfaceAt(ball([[-2, 0, 0, 5], [0, 1, 0, 6], [0, 0, 3, 7]]), 0.3);
  assert.ok(Math.abs(volumeOf(mirrored) / (6 * 1912.3) - 1) < 0.03, String(volumeOf(mirrored)));
  assert.ok(Math.abs(volumeOf(smoothed(made)) / 1912.3 - 1) < 0.03);
  const two = surfaceAt(ball(), 0.3);
  const apart = { vertices: Float32Array.of(...two.vertices, 90, 0, 0, 91, 0, 0, 90, 1, 0) };
  const spare = two.vertices.length / 3;
  const most = largestPart({ ...apart, faces: Uint32Array.of(...two.faces, spare, spare + 1, spare + 2) });
  assert.deepEqual([most.vertices.length, most.faces.length], [two.vertices.length, two.faces.length]);
  // Closed: each edge is in two triangles.
  const edges = new Map();
  for (let n = 0; n < made.faces.length; n += 3) {
    for (const [a, b] of [[0, 1], [1, 2], [2, 0]]) {
      const key = [made.faces[n + a], made.faces[n + b]].sort((x, y) => x - y).join();
      edges.set(key, (edges.get(key) ?? 0) + 1);
    }
  }
  assert.ok([...edges.values()].every((count) => count === 2));
});

test("the six views are radiological", () => {
  const box = [[-100, -50, -200], [100, 50, 200]];
  const size = { width: 400, height: 300 };
  const left = [80, 0, 0];
  const at = (name, point) => camera.projected(camera.viewOf(name, box, 4 / 3), size, point);
  assert.ok(at("A", left).x > 200 && at("P", left).x < 200);
  assert.ok(at("F", left).x > 200 && at("H", left).x < 200);
  assert.ok(at("A", [0, 0, 100]).y < 150 && at("R", [0, 0, 100]).y < 150);
  const back = [0, 40, 0];
  assert.ok(at("L", back).x > 200 && at("R", back).x < 200);
  assert.ok(at("H", back).y > 150 && at("F", back).y > 150);
  assert.ok(at("A", [0, -40, 0]).depth_mm > 0 && at("P", back).depth_mm > 0);
  for (const name of "APLRHF") {
    const view = camera.viewOf(name, box);
    assert.equal(camera.nameOfView(view), name);
    assert.equal(camera.cubeFaces(view).at(-1).letter, name);
    assert.equal(camera.cubeFaces(view).length, 1);
    near(camera.cubeFaces(view)[0].matrix.slice(0, 4), [1, 0, 0, 1]);
  }
});

test("a fitted box is whole, a drag turns what the hand holds, a ray goes through its pixel", () => {
  const box = [[0, 0, 0], [100, 10, 40]];
  const view = camera.viewOf("A", box, 2);
  near(view.focal_lps, [50, 5, 20]);
  near([view.height_mm], [56], 1e-9); // 100 mm wide at 2 : 1 are 50 mm, and a little room
  const size = { width: 200, height: 100 };
  const right = camera.orbited(view, Math.PI / 2, 0); // the front goes to the right: the patient's right side is seen
  near(right.back, [-1, 0, 0]);
  const down = camera.orbited(view, 0, Math.PI / 2);
  near(down.back, [0, 0, 1]);
  near(down.up, [0, 1, 0]);
  const point = camera.projected(view, size, [70, 3, 30]);
  const { origin, direction } = camera.rayAt(view, size, [point.x, point.y]);
  near([origin[0], origin[2]], [70, 30]);
  near(direction, [0, 1, 0]);
  // What is under the pointer stays there.
  const about = [(point.x - 100) / 100, (point.y - 50) / 100];
  const closer = camera.projected(camera.zoomed(view, 2, about), size, [70, 3, 30]);
  near([closer.x, closer.y], [point.x, point.y], 1e-6);
  assert.ok(camera.isCamera(view));
  assert.ok(!camera.isCamera({ ...view, up: [1, 0, 0], back: [1, 0, 0] }));
  assert.ok(!camera.isCamera({ ...view, height_mm: NaN }));
});

test("a ray meets a level, the brightest place, what hides the rest, a triangle; clipping takes things away", () => {
  const grid = ball([[1, 0, 0, -12], [0, 1, 0, -11], [0, 0, 1, -10]]); // about the origin
  const all = [[-50, -50, -50], [50, 50, 50]];
  const front = { origin: [2, -100, 0], direction: [0, 1, 0] };
  near(ray.firstAtLevel(grid, front, all, 0), [2, -7.746, 0], 0.1); // √(64 − 4)
  near(ray.firstAtLevel(grid, front, [[-50, -3, -50], [50, 50, 50]], 0), [2, -3, 0], 0.1);
  assert.equal(ray.firstAtLevel(grid, { ...front, origin: [9, -100, 0] }, all, 0), null);
  near(ray.brightest(grid, front, all), [2, 0, 0], 0.3);
  near(ray.firstOpaque(grid, front, all, opacityFunction([[4, 0], [4.001, 0.99]])), [2, -3.464, 0], 0.7);
  near(ray.firstOnMesh(surfaceAt(grid, 0), front, all), [2, -7.746, 0], 0.15);
  assert.equal(ray.firstOnMesh(surfaceAt(grid, 0), { ...front, origin: [9, -100, 0] }, all), null);
  assert.deepEqual(ray.nearestOf(front, [[2, 5, 0], null, [2, -7, 0]]), [2, -7, 0]);
});

test("projections have the greys of the flat pictures", () => {
  const { colors, opacities } = projectionCurves({ center: 40, width: 400 }, paletteOf(null));
  assert.ok(colors[0][1] === 0 && colors.at(-1)[1] === 1);
  const middle = colors.reduce((one, other) => (Math.abs(other[0] - 40) < Math.abs(one[0] - 40) ? other : one));
  near([middle[1]], [0.5], 0.02);
  assert.ok(opacities.every(([, opacity]) => opacity === 1));
  near(rgbOfHex("#ff8000"), [1, 128 / 255, 0]);
  const preset = { colors: [[0, 0, 0, 0], [100, 1, 1, 1]], opacities: [[0, 0], [100, 0.5]], shade: true };
  assert.deepEqual(shifted(preset, 10, 1).opacities, [[10, 0], [110, 0.5]]);
  near(shifted(preset, 0, 2).opacities[1], [100, 0.75]);
  assert.equal(opacityFunction(preset.opacities)(50), 0.25);
});

test("a mesh of the server is read, and what is none is refused", () => {
  const bytes = new ArrayBuffer(16 + 36 + 12);
  new Uint8Array(bytes).set([84, 80, 77, 51]); // TPM3
  new Uint32Array(bytes, 4, 3).set([3, 1, 0]);
  new Float32Array(bytes, 16, 9).set([0, 0, 0, 1, 0, 0, 0, 1, 0]);
  new Uint32Array(bytes, 52, 3).set([0, 1, 2]);
  const mesh = meshFrom(bytes);
  assert.deepEqual([...mesh.normals], [0, 0, 1, 0, 0, 1, 0, 0, 1]);
  new Uint32Array(bytes, 52, 3).set([0, 1, 3]);
  assert.equal(meshFrom(bytes), null);
  assert.equal(meshFrom(bytes.slice(0, 60)), null);
});
