// Where an image lies on its pane. Everything here is in CSS pixels from the pane's top left corner; the
// device pixel ratio enters only when a canvas is filled. An image is { width, height, spacing_x_mm,
// spacing_y_mm }: pixels of the plane with their centres at integers. A view is { zoom, dx, dy }: zoom 1
// fits the whole image, (dx, dy) is how far the pane's centre lies from the image's centre, in mm. So a view
// survives a resize of the pane, and the next image of a stack may have another size.

export const MIN_ZOOM = 0.25;
export const MAX_ZOOM = 10;
export const FITTED = Object.freeze({ zoom: 1, dx: 0, dy: 0 });

const between = (low, value, high) => Math.min(high, Math.max(low, value));

/**
 * The numbers of a view: CSS pixel = origin + image pixel × step.
 * @param image  plane or picture with its spacing
 * @param pane   { width, height } in CSS pixels
 * @returns {{originX, originY, stepX, stepY, scale}} scale in CSS pixels per mm
 */
export function place(image, pane, view) {
  const fit = Math.min(
    pane.width / (image.width * image.spacing_x_mm),
    pane.height / (image.height * image.spacing_y_mm),
  );
  const scale = fit * view.zoom;
  const stepX = image.spacing_x_mm * scale;
  const stepY = image.spacing_y_mm * scale;
  return {
    originX: pane.width / 2 - view.dx * scale - ((image.width - 1) / 2) * stepX,
    originY: pane.height / 2 - view.dy * scale - ((image.height - 1) / 2) * stepY,
    stepX,
    stepY,
    scale,
  };
}

/** The CSS position of an image position. */
export function toScreen(placed, [x, y]) {
  return [placed.originX + x * placed.stepX, placed.originY + y * placed.stepY];
}

/** The image position (not rounded) under a CSS position. */
export function toImage(placed, [x, y]) {
  return [(x - placed.originX) / placed.stepX, (y - placed.originY) / placed.stepY];
}

/** The image pixel under a CSS position, or null beside the image. */
export function pixelAt(placed, image, at) {
  const [x, y] = toImage(placed, at).map((value) => Math.floor(value + 0.5));
  return x >= 0 && y >= 0 && x < image.width && y < image.height ? [x, y] : null;
}

/** The nearest image pixel to a CSS position, also from beside the image. */
export function nearestPixel(placed, image, at) {
  const [x, y] = toImage(placed, at).map((value) => Math.floor(value + 0.5));
  return [between(0, x, image.width - 1), between(0, y, image.height - 1)];
}

/** The view with its zoom multiplied, the image point under *at* staying where it is. */
export function zoomAt(view, image, pane, factor, [x, y]) {
  const zoom = between(MIN_ZOOM, view.zoom * factor, MAX_ZOOM);
  const before = place(image, pane, view).scale;
  const after = (before * zoom) / view.zoom;
  const fromCentreX = x - pane.width / 2;
  const fromCentreY = y - pane.height / 2;
  return hold(image, {
    zoom,
    dx: view.dx + fromCentreX / before - fromCentreX / after,
    dy: view.dy + fromCentreY / before - fromCentreY / after,
  });
}

/** The view moved with the hand by (byX, byY) CSS pixels. */
export function pan(view, image, pane, byX, byY) {
  const { scale } = place(image, pane, view);
  return hold(image, { zoom: view.zoom, dx: view.dx - byX / scale, dy: view.dy - byY / scale });
}

/** Keep the pane's centre on the image: it cannot be lost out of sight. */
function hold(image, view) {
  const halfX = (image.width * image.spacing_x_mm) / 2;
  const halfY = (image.height * image.spacing_y_mm) / 2;
  return { zoom: view.zoom, dx: between(-halfX, view.dx, halfX), dy: between(-halfY, view.dy, halfY) };
}
