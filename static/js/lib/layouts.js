// The layouts of the stage: which panes each shows, in which order. Panes are named after their plane; "scene" is the
// series in three dimensions and "facts" what is known of it: one of the two is the fourth beside three planes; tile-1 … tile-3 show the neighbours of a slice; those of a second series begin with
// "second-". An arrangement is { order, main }: the planes in their order, and the one that is large or alone.

export const TILES = ["tile-1", "tile-2", "tile-3"];
const SECOND = "second-";

/** The layouts of what is shown, in the order in which the keys walk through them; the first is the usual one. */
export function layoutsFor({ isStack = false, count = 1, second = null }) {
  if (second && isStack && second.isStack) return ["pair", "1"];
  if (second) return isStack || second.isStack ? ["pair", "pairs2", "1"] : ["pair", "pairs2", "pairs3", "1"];
  if (!isStack) return ["2x2", "1", "1+3", "1x2", "1x3", "tiles"];
  return count > 1 ? ["stack", "1", "tiles2", "tiles"] : ["stack", "1"];
}

/** The plane of a pane, as the first series names it; null of facts, scene and tiles. */
export function planeOfPane(name, { order }) {
  const plane = name?.startsWith(SECOND) ? name.slice(SECOND.length) : name;
  return order.includes(plane) ? plane : null;
}

/** The plane after this one in the order. */
export function nextPlane(order, plane) {
  return order[(order.indexOf(plane) + 1) % order.length];
}

/**
 * The panes of a layout in the order in which they are seen.
 * @param fourth  "scene" or "facts"
 * @param sides  null, or { first, second }: the planes of two series; the order is then of the one that has more
 */
export function panesOf(layout, { order, main, fourth = "facts" }, sides = null) {
  const plane = planeOfPane(main, { order }) ?? order[0];
  if (layout === "1") return [main];
  if (sides) return pairsOf(layout, order, plane, sides);
  const others = order.filter((name) => name !== plane);
  if (layout === "1+3") return [main, ...(order.includes(main) ? [...others, fourth] : order)];
  if (layout === "1x2") return [plane, nextPlane(order, plane)];
  if (layout === "1x3") return order;
  if (layout === "tiles2") return [plane, TILES[0]];
  if (layout === "tiles") return [plane, ...TILES];
  return [...order, fourth];
}

/** Side by side: columns are series; of three planes each, rows are. A stack shows its one in any plane's place. */
function pairsOf(layout, order, plane, { first, second }) {
  const here = (name) => (first.includes(name) ? name : first[0]);
  const other = (name) => SECOND + (second.includes(name) ? name : second[0]);
  if (layout === "pairs3") return [...order, ...order.map(other)];
  const rows = layout === "pairs2" ? [plane, nextPlane(order, plane)] : [plane];
  return [...new Set(rows.flatMap((name) => [here(name), other(name)]))];
}

/** The arrangement after *plane* was put into the place of *pane*: two planes that are both seen change places. */
export function withPlane(layout, { order, main }, pane, plane) {
  const from = planeOfPane(pane, { order }) ?? order[0];
  if (from === plane || !order.includes(plane)) return { order, main };
  const keepsSide = (name) => (main.startsWith(SECOND) ? SECOND + name : name);
  if (layout === "1") return { order, main: keepsSide(plane) };
  if (["tiles", "tiles2"].includes(layout)) return { order, main: plane };
  const large = planeOfPane(main, { order }) ?? order[0];
  if (["1x2", "pair", "pairs2"].includes(layout)) {
    const seen = layout === "pair" ? [large] : [large, nextPlane(order, large)];
    const put = seen.map((name) => (name === from ? plane : name === plane ? from : name));
    return { order: [...put, ...order.filter((name) => !put.includes(name))], main: put[0] };
  }
  const swapped = order.map((name) => (name === from ? plane : name === plane ? from : name));
  if (layout !== "1+3") return { order: swapped, main };
  return { order, ...(large === from ? { main: plane } : large === plane ? { main: from } : { order: swapped, main }) };
}

/** An order as it was kept, if it names just these planes. */
export function knownOrder(kept, order) {
  const isWhole = Array.isArray(kept) && kept.length === order.length && order.every((name) => kept.includes(name));
  return isWhole ? kept : order;
}
