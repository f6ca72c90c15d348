// Where an image lies on its pane. Everything here is in CSS pixels from the pane's top left corner; the
// device pixel ratio enters only when a canvas is filled. An image is { width, height, spacing_x_mm,
// spacing_y_mm }: pixels of the plane with their centres at integers; an oblique plane also says which pixel is to be
// its middle and how many mm are to fit ({ centre_px, fit_mm }). A view is { zoom, dx, dy, turn, mirrored }: zoom 1
// fits the whole image; (dx, dy) is how far the pane's centre lies from the image's, in mm along the image's own
// axes; the image is mirrored left to right first and then turned clockwise by 0, 90, 180 or 270 degrees. So a view
// survives a resize of the pane, and the next image of a stack may have another size.

export const MIN_ZOOM = 0.25;
export const MAX_ZOOM = 40;
export const FITTED = Object.freeze({ zoom: 1, dx: 0, dy: 0, turn: 0, mirrored: false });

const between = (low, value, high) => Math.min(high, Math.max(low, value));
// Exact: a turn must not move a voxel's border by the last digit.
const COSINE = { 0: 1, 90: 0, 180: -1, 270: 0 };
const SINE = { 0: 0, 90: 1, 180: 0, 270: -1 };

/** The screen directions of the image's own x and y: [ax, ay, bx, by]. */
function directions({ turn = 0, mirrored = false }) {
  const [cos, sin] = [COSINE[turn], SINE[turn]];
  // Adding 0 makes a plain zero of −0.
  return mirrored ? [-cos + 0, -sin + 0, -sin + 0, cos] : [cos, sin, -sin + 0, cos];
}

/** CSS pixels per mm at zoom 1. */
function fittedScale(image, pane, { turn = 0 }) {
  const [width, height] = image.fit_mm ?? [image.width * image.spacing_x_mm, image.height * image.spacing_y_mm];
  const [across, down] = turn % 180 ? [height, width] : [width, height];
  return Math.min(pane.width / across, pane.height / down);
}

/** The image pixel (not rounded) that lies in the middle of a fitted view. */
function centreOf(image) {
  return image.centre_px ?? [(image.width - 1) / 2, (image.height - 1) / 2];
}

/**
 * The numbers of a view: CSS x = a·px + c·py + e, CSS y = b·px + d·py + f.
 * @param image  plane or picture with its spacing
 * @param pane   { width, height } in CSS pixels
 * @returns {{matrix: number[], scale: number}} matrix [a, b, c, d, e, f]; scale in CSS pixels per mm
 */
export function place(image, pane, view) {
  const scale = fittedScale(image, pane, view) * view.zoom;
  const [ax, ay, bx, by] = directions(view);
  const [stepX, stepY] = [image.spacing_x_mm * scale, image.spacing_y_mm * scale];
  const [a, b, c, d] = [ax * stepX, ay * stepX, bx * stepY, by * stepY];
  const [x, y] = centreOf(image);
  const [dx, dy] = [view.dx * scale, view.dy * scale];
  const e = pane.width / 2 - (ax * dx + bx * dy) - (x * a + y * c);
  const f = pane.height / 2 - (ay * dx + by * dy) - (x * b + y * d);
  return { matrix: [a, b, c, d, e, f], scale };
}

/** The CSS position of an image position. */
export function toScreen({ matrix: [a, b, c, d, e, f] }, [x, y]) {
  return [a * x + c * y + e, b * x + d * y + f];
}

/** The image position (not rounded) under a CSS position. */
export function toImage({ matrix: [a, b, c, d, e, f] }, [x, y]) {
  // Quarter turns leave two zeros: without them the division is the whole inverse.
  if (b === 0 && c === 0) return [(x - e) / a, (y - f) / d];
  return [(y - f) / b, (x - e) / c];
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
  const [byX, byY] = alongImage(view, x - pane.width / 2, y - pane.height / 2);
  return hold(image, {
    ...view,
    zoom,
    dx: view.dx + byX / before - byX / after,
    dy: view.dy + byY / before - byY / after,
  });
}

/** The view moved with the hand by (byX, byY) CSS pixels. */
export function pan(view, image, pane, byX, byY) {
  const { scale } = place(image, pane, view);
  const [x, y] = alongImage(view, byX, byY);
  return hold(image, { ...view, dx: view.dx - x / scale, dy: view.dy - y / scale });
}

/** A way on the screen along the image's own axes. */
function alongImage(view, x, y) {
  const [ax, ay, bx, by] = directions(view);
  return [ax * x + ay * y, bx * x + by * y];
}

/** The view with the image point (x, y), in pixels, in the middle of the pane. */
export function centred(view, image, [x, y]) {
  const [middleX, middleY] = centreOf(image);
  const [dx, dy] = [(x - middleX) * image.spacing_x_mm, (y - middleY) * image.spacing_y_mm];
  return hold(image, { ...view, dx, dy });
}

/** The view turned clockwise on the screen by ±90 degrees. */
export function turned(view, degrees) {
  return { ...view, turn: ((view.turn ?? 0) + degrees + 360) % 360 };
}

/** The view flipped on the screen: "h" left to right, "v" top to bottom. */
export function flipped(view, way) {
  // A mirror on the screen, after the turn, is one before it with the turn the other way round.
  const turn = (360 - (view.turn ?? 0) + (way === "v" ? 180 : 0)) % 360;
  return { ...view, turn, mirrored: !view.mirrored };
}

/** The zoom at which one image pixel (the smaller side) is one CSS pixel. */
export function oneToOne(view, image, pane) {
  const zoom = 1 / (fittedScale(image, pane, view) * Math.min(image.spacing_x_mm, image.spacing_y_mm));
  return hold(image, { ...view, zoom: between(MIN_ZOOM, zoom, MAX_ZOOM) });
}

/** What stands at the four edges of the screen, of letters at the image's own edges. */
export function edgeLetters(letters, { turn = 0, mirrored = false }) {
  if (!letters) return null;
  const round = ["top", "right", "bottom", "left"];
  const own = mirrored ? ["top", "left", "bottom", "right"] : round;
  const steps = turn / 90;
  return Object.fromEntries(round.map((side, n) => [side, letters[own[(n - steps + 4) % 4]]]));
}

/** Keep the pane's centre on the image: it cannot be lost out of sight. */
function hold(image, view) {
  const [width, height] = image.fit_mm ?? [image.width * image.spacing_x_mm, image.height * image.spacing_y_mm];
  const [halfX, halfY] = [width / 2, height / 2];
  return { ...view, dx: between(-halfX, view.dx, halfX), dy: between(-halfY, view.dy, halfY) };
}
