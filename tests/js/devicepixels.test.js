import assert from "node:assert/strict";
import { test } from "node:test";

import { devicePixels, devicePointer } from "../../static/js/lib/devicepixels.js";

test("a pointer lies in one device pixel, also where the product is nearly whole", () => {
  assert.deepEqual(devicePointer({ clientX: 10, clientY: 7 }, 1), [10, 7]);
  assert.deepEqual(devicePointer({ clientX: 10.4, clientY: 6.6 }, 1.25), [13, 8]);
  assert.deepEqual(devicePointer({ clientX: 0.29, clientY: 0.57 }, 100), [29, 57]); // 28.999999999999996 in floats
});

test("a box has the pixels that the browser snapped it to", () => {
  const contentRect = { width: 100.4, height: 50.2 };
  const devicePixelContentBoxSize = [{ inlineSize: 126, blockSize: 63 }];
  assert.deepEqual(devicePixels({ contentRect, devicePixelContentBoxSize }, 1.25), [126, 63]);
});

test("an emulated screen's ratio counts, and where nothing is said it is rounded", () => {
  const contentRect = { width: 100.4, height: 50.2 };
  const devicePixelContentBoxSize = [{ inlineSize: 100, blockSize: 50 }];
  assert.deepEqual(devicePixels({ contentRect, devicePixelContentBoxSize }, 2), [201, 100]);
  assert.deepEqual(devicePixels({ contentRect }, 1), [100, 50]);
});
