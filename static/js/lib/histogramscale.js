// The box in which a histogram and a curve are drawn: values across, greys up. CSS pixels, with a little room at all
// sides, so that points at the ends and at black and white can be taken hold of.

export const EDGE = 7;
const CLOSEST = 40; // times the whole range fits the shown one at most

export class HistogramScale {
  /** @param range  [low, high] values at the left and the right end */
  constructor({ width, height, range, inverted = false }) {
    this.width = width;
    this.height = height;
    this.range = range;
    this.inverted = inverted;
  }

  /** The width on which the range lies. */
  get inner() {
    return this.width - 2 * EDGE;
  }

  x(value) {
    const [low, high] = this.range;
    return EDGE + ((value - low) / (high - low)) * this.inner;
  }

  value(x) {
    const [low, high] = this.range;
    return low + ((x - EDGE) / this.inner) * (high - low);
  }

  /** Bright is up, also where the picture is inverted. */
  y(grey) {
    return EDGE + (1 - this.#shown(grey) / 255) * (this.height - 2 * EDGE);
  }

  grey(y) {
    const share = 1 - (y - EDGE) / (this.height - 2 * EDGE);
    return this.#shown(Math.min(1, Math.max(0, share)) * 255);
  }

  #shown(grey) {
    return this.inverted ? 255 - grey : grey;
  }

  /** The path of a line through points [[value, grey], …], carried on level to both ends. */
  path(points) {
    if (!points.length) return "";
    const [first, last] = [points[0], points.at(-1)];
    const start = `M${fixed(Math.min(0, this.x(first[0])))} ${fixed(this.y(first[1]))}`;
    const between = points.map(([value, grey]) => `L${fixed(this.x(value))} ${fixed(this.y(grey))}`).join("");
    return `${start}${between}H${fixed(Math.max(this.width, this.x(last[0])))}`;
  }
}

function fixed(number) {
  return Number(number.toFixed(1)) + 0;
}

/** The shown *range* made *factor* times narrower about *value*, within *whole* and not without end. */
export function zoomed(range, factor, value, whole) {
  const span = range[1] - range[0];
  const all = whole[1] - whole[0];
  const wanted = Math.min(all, Math.max(all / CLOSEST, span / factor));
  const share = (value - range[0]) / span;
  return moved([value - share * wanted, value + (1 - share) * wanted], 0, whole);
}

/** The range moved by so much, its width kept, within *whole*. */
export function moved([low, high], by, [least, most]) {
  const span = high - low;
  const from = Math.min(most - span, Math.max(least, low + by));
  return span >= most - least ? [least, most] : [from, from + span];
}

/** The range in which a window can be worked at: with a quarter of its width to either side. */
export function around([low, high], whole) {
  const room = Math.max((high - low) / 4, (whole[1] - whole[0]) / CLOSEST / 2);
  return zoomed([low - room, high + room], 1, (low + high) / 2, whole);
}

/** All that there is to see: the counted values and the window. */
export function wholeRange(edges, [low, high]) {
  return [Math.min(edges[0], low), Math.max(edges.at(-1), high)];
}

/** The range, made so much wider that the ends of a window which lie a little beyond it can be seen. */
export function reaching([low, high], [from, to]) {
  const room = (high - low) * 0.15;
  return [from < low && from >= low - room ? from : low, to > high && to <= high + room ? to : high];
}
