// Paints what lies over an image – SVG drawings and corner texts – onto a canvas, as the browser shows them. An SVG
// picture of them would have neither our styles (the security policy forbids inline ones) nor our typeface.

const HALO = 3; // CSS pixels of dark around words, as their shadow on the screen

/**
 * Paint the shapes and words of *svg*.
 * @param origin  the screen place, in CSS pixels, that is the canvas' corner
 * @param isLeft  (element) → whether it stays out
 */
export function paintSvg(context, svg, { origin, ratio, isLeft = () => false }) {
  for (const shape of svg.querySelectorAll("path, line, rect, circle, ellipse, polyline, polygon, text")) {
    if (isLeft(shape) || !isSeen(shape)) continue;
    const matrix = shape.getScreenCTM();
    if (!matrix) continue;
    context.save();
    context.setTransform(
      matrix.a * ratio, matrix.b * ratio, matrix.c * ratio, matrix.d * ratio,
      (matrix.e - origin.left) * ratio, (matrix.f - origin.top) * ratio,
    ); // prettier-ignore
    if (shape.localName === "text") paintSvgText(context, shape);
    else paintShape(context, shape);
    context.restore();
  }
}

function isSeen(node) {
  return node.checkVisibility ? node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) : node.getClientRects().length > 0;
}

function paintShape(context, shape) {
  const style = getComputedStyle(shape);
  const path = pathOf(shape);
  context.globalAlpha = opacityOf(shape);
  if (style.fill !== "none") {
    context.save();
    context.globalAlpha *= Number(style.fillOpacity);
    context.fillStyle = style.fill;
    context.fill(path, style.fillRule);
    context.restore();
  }
  if (style.stroke === "none") return;
  context.globalAlpha *= Number(style.strokeOpacity);
  context.strokeStyle = style.stroke;
  context.lineWidth = Number.parseFloat(style.strokeWidth);
  context.lineCap = style.strokeLinecap;
  context.lineJoin = style.strokeLinejoin;
  context.setLineDash(style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(Number.parseFloat));
  context.stroke(path);
}

function opacityOf(node) {
  let opacity = 1;
  for (let one = node; one && one.localName !== "section"; one = one.parentElement) opacity *= Number(getComputedStyle(one).opacity);
  return opacity;
}

function pathOf(shape) {
  const number = (name) => shape[name].baseVal.value;
  const path = new Path2D();
  switch (shape.localName) {
    case "path":
      return new Path2D(shape.getAttribute("d") ?? "");
    case "line":
      path.moveTo(number("x1"), number("y1"));
      path.lineTo(number("x2"), number("y2"));
      return path;
    case "rect":
      path.roundRect(number("x"), number("y"), number("width"), number("height"), number("rx"));
      return path;
    case "circle":
      path.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
      return path;
    case "ellipse":
      path.ellipse(number("cx"), number("cy"), number("rx"), number("ry"), 0, 0, 2 * Math.PI);
      return path;
    default: {
      const points = [...shape.points];
      points.forEach(({ x, y }, n) => (n ? path.lineTo(x, y) : path.moveTo(x, y)));
      if (shape.localName === "polygon") path.closePath();
      return path;
    }
  }
}

/** Each run of a text where the browser has put it. */
function paintSvgText(context, text) {
  const runs = text.querySelectorAll("tspan").length ? [...text.querySelectorAll("tspan")] : [text];
  for (const run of runs) {
    if (!run.textContent.trim() || !run.getNumberOfChars()) continue;
    const { x, y } = run.getStartPositionOfChar(0);
    const style = getComputedStyle(run);
    context.globalAlpha = opacityOf(run);
    words(context, run.textContent, x, y, style, style.fill);
  }
}

function fontOf({ fontStyle, fontWeight, fontSize, fontFamily }) {
  return `${fontStyle} ${Math.round(Number(fontWeight))} ${fontSize} ${fontFamily}`;
}

function words(context, text, x, y, style, colour) {
  context.font = fontOf(style);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.lineJoin = "round";
  context.strokeStyle = "#000";
  context.lineWidth = HALO;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** Paint the words below *root*, line by line, where they stand; *isLeft* (element) keeps some out. */
export function paintWords(context, root, { origin, ratio, isLeft = () => false }) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  context.save();
  context.setTransform(ratio, 0, 0, ratio, -origin.left * ratio, -origin.top * ratio);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || isLeft(parent) || !isSeen(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const style = getComputedStyle(parent);
    context.font = fontOf(style);
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = context.measureText("x");
    context.globalAlpha = opacityOf(parent);
    const text = shownText(context, node.data, box.width);
    words(context, text, box.left, box.top + (box.height + up - down) / 2, style, style.color);
  }
  context.restore();
}

/** White space at the ends is shown between words of a line and not at a line's ends: the width tells which. */
function shownText(context, data, width) {
  const whole = data.replace(/\s+/g, " ");
  const ways = [whole, whole.trimStart(), whole.trimEnd(), whole.trim()];
  const off = (text) => Math.abs(context.measureText(text).width - width);
  return ways.reduce((best, text) => (off(text) < off(best) ? text : best));
}

/** The line beside a plane's name, in its colour and dash. */
export function paintDash(context, line, { origin, ratio }) {
  if (!isSeen(line)) return;
  const { left, top, width } = line.getBoundingClientRect();
  const { borderTopColor, borderTopStyle, borderTopWidth } = getComputedStyle(line);
  const thick = Number.parseFloat(borderTopWidth);
  context.save();
  context.setTransform(ratio, 0, 0, ratio, -origin.left * ratio, -origin.top * ratio);
  context.strokeStyle = borderTopColor;
  context.lineWidth = thick;
  context.setLineDash({ dotted: [thick, thick], dashed: [2 * thick, thick] }[borderTopStyle] ?? []);
  context.beginPath();
  context.moveTo(left, top + thick / 2);
  context.lineTo(left + width, top + thick / 2);
  context.stroke();
  context.restore();
}
