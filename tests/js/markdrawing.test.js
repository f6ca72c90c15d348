import assert from "node:assert/strict";
import { test } from "node:test";

import { hit, TOUCH_REACH } from "../../static/js/lib/hits.js";
import { placeLabel } from "../../static/js/lib/labelplace.js";
import { build, clicksOf, snapped, squared } from "../../static/js/lib/markbuild.js";
import { dragged, moved } from "../../static/js/lib/markdrag.js";
import { pathOf, shapeOf } from "../../static/js/lib/markshape.js";
import { simplified } from "../../static/js/lib/simplify.js";

const closeAll = (found, wanted, within = 1e-9) => {
  assert.equal(found.length, wanted.length);
  found.flat().forEach((value, n) => assert.ok(Math.abs(value - wanted.flat()[n]) < within, `${found} is not ${wanted}`));
};

test("places pointed at become a mark's places", () => {
  assert.deepEqual(build("length", [[0, 0], [3, 4]]), [[0, 0], [3, 4]]);
  closeAll(build("bidirectional", [[0, 0], [40, 0]]), [[0, 0], [40, 0], [20, 10], [20, -10]]);
  assert.deepEqual(build("ellipse", [[10, 10], [4, 13]]), [[10, 10], [16, 10], [10, 13]]);
  assert.deepEqual(build("rectangle", [[1, 2], [5, -4]]), [[1, 2], [5, 2], [5, -4], [1, -4]]);
  assert.deepEqual(build("angle", [[0, 0], [1, 1]]), [[0, 0], [1, 1]]);
  assert.deepEqual(["length", "angle", "cobb", "probe", "freehand"].map(clicksOf), [2, 3, 4, 1, Infinity]);
});

test("Shift makes lines step by 15°, ellipses round and rectangles square", () => {
  // 44° is nearest to 45°; the end is the foot on that line.
  const end = snapped([0, 0], [100 * Math.cos((44 * Math.PI) / 180), 100 * Math.sin((44 * Math.PI) / 180)]);
  closeAll([end], [[70.6999, 70.6999]], 1e-3);
  closeAll([snapped([5, 5], [5, -20])], [[5, -20]]);
  closeAll(build("length", [[0, 0], [50, 3]], { even: true }), [[0, 0], [50, 0]]);
  closeAll(build("cobb", [[0, 0], [50, 0], [0, 33]], { even: true }), [[0, 0], [50, 0], [0, 33]]);
  closeAll(build("cobb", [[0, 0], [50, 0], [0, 30], [40, 31]], { even: true }).slice(3), [[40, 30]]);
  assert.deepEqual(build("ellipse", [[0, 0], [4, 9]], { even: true }), [[0, 0], [9, 0], [0, 9]]);
  assert.deepEqual(squared([0, 0], [-7, 3]), [-7, 7]);
});

test("handles move what they hold", () => {
  assert.deepEqual(dragged("length", [[0, 0], [3, 4]], 1, [6, 8]), [[0, 0], [6, 8]]);
  closeAll(dragged("cobb", [[0, 0], [5, 0], [0, 9], [5, 9]], 2, [1, 10], { even: true }), [[0, 0], [5, 0], [1.018, 10.067], [5, 9]], 1e-3);
  assert.deepEqual(moved([[0, 0], [3, 4]], [1, -1]), [[1, -1], [4, 3]]);
});

test("a bidirectional measurement's short axis stays perpendicular", () => {
  const places = [[0, 0], [40, 0], [20, 10], [20, -10]];
  // Its end goes out and along: the other end goes along with it.
  closeAll(dragged("bidirectional", places, 2, [30, 16]), [[0, 0], [40, 0], [30, 16], [30, -10]]);
  closeAll(dragged("bidirectional", places, 3, [99, -5]), [[0, 0], [40, 0], [40, 10], [40, -5]]);
  // The long axis turns by 90°, and the short one with it, still in the middle and as long as before.
  closeAll(dragged("bidirectional", places, 1, [0, 60]), [[0, 0], [0, 60], [-10, 30], [10, 30]]);
});

test("an ellipse's ends reach along their axis, its centre takes all", () => {
  const places = [[10, 10], [16, 10], [10, 13]];
  closeAll(dragged("ellipse", places, 0, [19, 30]), [[10, 10], [19, 10], [10, 13]]);
  closeAll(dragged("ellipse", places, 1, [2, 0]), [[10, 10], [18, 10], [10, 13]]);
  closeAll(dragged("ellipse", places, 3, [0, 5]), [[10, 10], [16, 10], [10, 15]]);
  closeAll(dragged("ellipse", places, 2, [0, 18], { even: true }), [[10, 10], [18, 10], [10, 18]]);
  closeAll(dragged("ellipse", places, 4, [0, 0]), [[0, 0], [6, 0], [0, 3]]);
});

test("a rectangle keeps its sides' directions and the opposite corner", () => {
  const square = [[0, 0], [4, 0], [4, 4], [0, 4]];
  closeAll(dragged("rectangle", square, 2, [6, 9]), [[0, 0], [6, 0], [6, 9], [0, 9]]);
  closeAll(dragged("rectangle", square, 0, [-1, -2]), [[-1, -2], [4, -2], [4, 4], [-1, 4]]);
  closeAll(dragged("rectangle", square, 1, [7, 1]), [[0, 1], [7, 1], [7, 4], [0, 4]]);
  closeAll(dragged("rectangle", square, 3, [1, 8]), [[1, 0], [4, 0], [4, 8], [1, 8]]);
  // On its corner: sides of 5 along (0.6, 0.8) and (−0.8, 0.6).
  const turned = [[0, 0], [3, 4], [-1, 7], [-4, 3]];
  closeAll(dragged("rectangle", turned, 2, [-2, 14]), [[0, 0], [6, 8], [-2, 14], [-8, 6]]);
  // One that was dragged flat can be opened again.
  const flat = dragged("rectangle", square, 2, [6, 0]);
  closeAll(dragged("rectangle", flat, 2, [6, 9]), [[0, 0], [6, 0], [6, 9], [0, 9]]);
});

test("a line loses the points that tell nothing", () => {
  const line = [[0, 0], [1, 0.1], [2, -0.2], [3, 0], [3, 3], [3, 4]];
  assert.deepEqual(simplified(line, 0.25), [0, 3, 5]);
  assert.deepEqual(simplified(line, 0.05), [0, 1, 2, 3, 5]);
  assert.deepEqual(simplified([[1, 1], [1, 1]], 1), [0, 1]);
});

test("shapes keep their ticks and arrowheads at every size", () => {
  const { strokes, handles, box } = shapeOf("length", [[10, 50], [110, 50]]);
  assert.deepEqual(handles, [[10, 50], [110, 50]]);
  assert.deepEqual(strokes[1].points, [[10, 54], [10, 46]]);
  assert.deepEqual(box, [10, 46, 110, 54]);
  assert.equal(pathOf(strokes.slice(0, 1)), "M10 50L110 50");
  const arrow = shapeOf("arrow", [[0, 0], [100, 0]]);
  assert.deepEqual(arrow.strokes[1].points, [[11, 4.5], [0, 0], [11, -4.5]]);
  const ellipse = shapeOf("ellipse", [[50, 50], [90, 50], [50, 70]]);
  assert.deepEqual(ellipse.handles, [[90, 50], [10, 50], [50, 70], [50, 30], [50, 50]]);
  closeAll([ellipse.box], [[10, 30, 90, 70]], 0.2);
  assert.match(pathOf(ellipse.strokes), /^M90 50L.*Z$/);
  const cobb = shapeOf("cobb", [[0, 0], [10, 0], [12, 30], [40, 30]]);
  assert.deepEqual(cobb.dashes[0].points, [[10, 0], [12, 30]]);
  assert.deepEqual(shapeOf("angle", [[0, 0], [5, 5]]).strokes[0].points, [[0, 0], [5, 5]]);
});

test("the nearest handle is hit, then the nearest stroke", () => {
  const shown = ["one", "two"].map((id, n) => ({
    mark: { id },
    shape: shapeOf("length", [[10, 50 + 6 * n], [110, 50 + 6 * n]]),
  }));
  const found = (at, options) => {
    const what = hit(shown, at, options);
    return what && [what.mark.id, what.handle];
  };
  assert.deepEqual(found([109, 51]), ["one", 1]);
  assert.deepEqual(found([109, 51], { selected: "two" }), ["two", 1]);
  assert.deepEqual(found([60, 48]), ["one", null]);
  assert.deepEqual(found([60, 53.5]), ["two", null]);
  assert.deepEqual(found([60, 53.5], { selected: "one" }), ["one", null]);
  assert.equal(found([60, 40]), null);
  assert.equal(found([60, 40], { reach: TOUCH_REACH })[0], "one");
  assert.equal(found([-5, 50]), null);
  assert.deepEqual(found([-5, 50], { reach: TOUCH_REACH }), ["one", 0]);
});

const PANE = { width: 400, height: 300 };
const label = (points, options = {}) => {
  const { strokes, box } = shapeOf("length", points);
  return placeLabel({ strokes, box, size: [60, 14], pane: PANE, ...options });
};

test("words stand beside what is measured", () => {
  const { at, leader } = label([[100, 150], [200, 150]]);
  assert.deepEqual(at, [208, 143]);
  assert.equal(leader, null);
});

test("words stay on the pane and off the line, other words and the place they had", () => {
  assert.deepEqual(label([[300, 150], [380, 150]]).rect[2] <= 396, true);
  const [left, top, right, bottom] = label([[300, 150], [380, 150]]).rect;
  assert.ok(bottom < 146 || top > 154 || right < 300 || left > 380);
  const first = label([[100, 150], [200, 150]]);
  const second = label([[100, 152], [200, 152]], { taken: [first.rect] });
  assert.ok(second.rect[0] >= first.rect[2] || second.rect[1] >= first.rect[3] || second.rect[3] <= first.rect[1] || second.rect[2] <= first.rect[0]);
  assert.equal(label([[100, 150], [200, 150]], { before: 2 }).direction, 2);
});

test("where there is no room, a leader tells whose the words are", () => {
  const taken = [[0, 100, 400, 200]];
  const { rect, leader } = label([[150, 150], [200, 150]], { taken });
  assert.ok(rect[3] <= 100 || rect[1] >= 200);
  assert.notEqual(leader, null);
  assert.equal(leader[1][1] > 140 && leader[1][1] < 160, true);
});

test("a mark that fills the pane has its words on it, in sight", () => {
  const { strokes, box } = shapeOf("ellipse", [[200, 150], [900, 150], [200, 850]]);
  const { rect } = placeLabel({ strokes, box, size: [60, 14], pane: PANE });
  assert.ok(rect[0] >= 0 && rect[1] >= 0 && rect[2] <= 400 && rect[3] <= 300);
});

test("the words of a slanting line stand at its end", () => {
  assert.deepEqual(label([[100, 100], [200, 240]]).at, [211, 231]); // 8 px from the tick at (203.3, 237.7)
});

test("words keep off the lines of other marks where there is room elsewhere", () => {
  const other = shapeOf("length", [[230, 100], [230, 200]]);
  const { direction } = label([[100, 150], [200, 150]], { others: [other] });
  assert.notEqual(direction, 0);
});
