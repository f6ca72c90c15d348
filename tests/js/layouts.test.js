import assert from "node:assert/strict";
import test from "node:test";
import { knownOrder, layoutsFor, panesOf, planeOfPane, withPlane } from "../../static/js/lib/layouts.js";

const order = ["axial", "sagittal", "coronal"];
const axial = { order, main: "axial" };

test("each layout names its panes in the order in which they are seen", () => {
  assert.deepEqual(panesOf("2x2", axial), ["axial", "sagittal", "coronal", "facts"]);
  assert.deepEqual(panesOf("1", axial), ["axial"]);
  assert.deepEqual(panesOf("1+3", { order, main: "coronal" }), ["coronal", "axial", "sagittal", "facts"]);
  assert.deepEqual(panesOf("1+3", { order, main: "facts" }), ["facts", "axial", "sagittal", "coronal"]);
  assert.deepEqual(panesOf("1x2", { order, main: "coronal" }), ["coronal", "axial"]);
  assert.deepEqual(panesOf("1x3", axial), order);
  assert.deepEqual(panesOf("tiles", { order, main: "sagittal" }), ["sagittal", "tile-1", "tile-2", "tile-3"]);
  assert.deepEqual(panesOf("tiles", { order, main: "facts" }), ["axial", "tile-1", "tile-2", "tile-3"]);
  assert.deepEqual(panesOf("2x2", { ...axial, fourth: "scene" }), ["axial", "sagittal", "coronal", "scene"]);
  assert.deepEqual(panesOf("1+3", { order, main: "scene", fourth: "scene" }), ["scene", "axial", "sagittal", "coronal"]);
  assert.deepEqual(panesOf("stack", { order: ["stack"], main: "stack" }), ["stack", "facts"]);
  assert.deepEqual(panesOf("tiles2", { order: ["stack"], main: "stack" }), ["stack", "tile-1"]);
});

test("two series stand side by side, plane by plane", () => {
  const second = { first: order, second: order };
  assert.deepEqual(panesOf("pair", axial, second), ["axial", "second-axial"]);
  assert.deepEqual(panesOf("pair", { order, main: "second-coronal" }, second), ["coronal", "second-coronal"]);
  assert.deepEqual(panesOf("pairs2", axial, second), ["axial", "second-axial", "sagittal", "second-sagittal"]);
  assert.deepEqual(panesOf("pairs3", axial, second), [
    "axial", "sagittal", "coronal", "second-axial", "second-sagittal", "second-coronal",
  ]);
  assert.deepEqual(panesOf("1", { order, main: "second-axial" }, second), ["second-axial"]);
});

test("a stack stands beside one or two planes of a volume", () => {
  const after = { first: order, second: ["stack"] };
  assert.deepEqual(panesOf("pair", axial, after), ["axial", "second-stack"]);
  assert.deepEqual(panesOf("pairs2", axial, after), ["axial", "second-stack", "sagittal"]);
  const before = { first: ["stack"], second: order };
  assert.deepEqual(panesOf("pair", { order, main: "stack" }, before), ["stack", "second-axial"]);
  assert.deepEqual(panesOf("pair", { order, main: "coronal" }, before), ["stack", "second-coronal"]);
  assert.deepEqual(panesOf("pairs2", { order, main: "coronal" }, before), ["stack", "second-coronal", "second-axial"]);
});

test("what is shown decides which layouts there are", () => {
  assert.deepEqual(layoutsFor({}), ["2x2", "1", "1+3", "1x2", "1x3", "tiles"]);
  assert.deepEqual(layoutsFor({ isStack: true, count: 30 }), ["stack", "1", "tiles2", "tiles"]);
  assert.deepEqual(layoutsFor({ isStack: true, count: 1 }), ["stack", "1"]);
  assert.deepEqual(layoutsFor({ second: { isStack: false } }), ["pair", "pairs2", "pairs3", "1"]);
  assert.deepEqual(layoutsFor({ second: { isStack: true } }), ["pair", "pairs2", "1"]);
  assert.deepEqual(layoutsFor({ isStack: true, second: { isStack: true } }), ["pair", "1"]);
});

test("a plane that is put into a pane changes places with the one that was there", () => {
  assert.deepEqual(withPlane("2x2", axial, "axial", "coronal"), { order: ["coronal", "sagittal", "axial"], main: "axial" });
  assert.deepEqual(withPlane("1", axial, "axial", "coronal"), { order, main: "coronal" });
  assert.deepEqual(withPlane("tiles", axial, "tile-2", "sagittal"), { order, main: "sagittal" });
  assert.deepEqual(withPlane("1x2", axial, "sagittal", "coronal"), { order: ["axial", "coronal", "sagittal"], main: "axial" });
  assert.deepEqual(withPlane("1x2", axial, "axial", "sagittal"), { order: ["sagittal", "axial", "coronal"], main: "sagittal" });
  assert.deepEqual(withPlane("1+3", axial, "axial", "coronal"), { order, main: "coronal" });
  assert.deepEqual(withPlane("1+3", axial, "sagittal", "axial"), { order, main: "sagittal" });
  assert.deepEqual(withPlane("1+3", axial, "sagittal", "coronal"), { order: ["axial", "coronal", "sagittal"], main: "axial" });
  assert.deepEqual(withPlane("pair", axial, "second-axial", "coronal"), { order: ["coronal", "axial", "sagittal"], main: "coronal" });
  assert.deepEqual(withPlane("1", { order, main: "second-axial" }, "second-axial", "coronal"), { order, main: "second-coronal" });
  assert.deepEqual(withPlane("2x2", axial, "axial", "nothing"), axial);
});

test("an order that was kept must name the same planes", () => {
  assert.deepEqual(knownOrder(["coronal", "axial", "sagittal"], order), ["coronal", "axial", "sagittal"]);
  assert.deepEqual(knownOrder(["coronal", "axial"], order), order);
  assert.deepEqual(knownOrder("axial", order), order);
  assert.equal(planeOfPane("tile-1", { order }), null);
});
