// Steps of undo and redo, without words: what differs between two moments, what kind of step that is, and a
// list of steps that is walked both ways. A moment is { viewer: state.snapshot(), marks: [mark, …] }.
// A step keeps only what changed, so that undoing it leaves alone what came in the meantime from elsewhere.

/** Of a snapshot: what is no work of the reader's, and is never put back. */
const UNKEPT = new Set(["tool", "active", "scene"]);
/** Of a mark: what the server tells of it. */
const TOLD = new Set(["statistics", "created_at", "updated_at", "revision"]);
/** Where one is, rather than what one did. */
const PLACES = new Set(["point", "point_lps", "phase"]);

/** A snapshot as it was, but for where one is. */
export function movedTo(snapshot, now) {
  return { ...snapshot, ...Object.fromEntries(Object.entries(now).filter(([key]) => PLACES.has(key))) };
}

const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

function markOf(mark) {
  return Object.fromEntries(Object.entries(mark).filter(([name]) => !TOLD.has(name)));
}

/** {key: [before, after]} of the keys in which two objects differ. */
function differences(before, after, isLeft = () => false) {
  const changed = {};
  for (const key of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    if (!isLeft(key) && !same(before?.[key], after?.[key])) changed[key] = [before?.[key], after?.[key]];
  }
  return changed;
}

function markDifferences(before, after) {
  const was = new Map(before.map((mark) => [mark.id, mark]));
  const is = new Map(after.map((mark) => [mark.id, mark]));
  const changed = {};
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const [one, other] = [was.get(id) ?? null, is.get(id) ?? null];
    if (one !== other && !(one && other && same(markOf(one), markOf(other)))) changed[id] = [one, other];
  }
  return changed;
}

/** The step from one moment to another, or null where nothing changed that undo knows. */
export function stepBetween(before, after) {
  const viewer = differences(before.viewer, after.viewer, (key) => UNKEPT.has(key));
  const marks = markDifferences(before.marks, after.marks);
  if (!Object.keys(viewer).length && !Object.keys(marks).length) return null;
  return { viewer, marks, ...kindOf(viewer, marks) };
}

/** { kind, of?, count?, plane?, index? } of what changed; marks say more than the view they are seen in. */
function kindOf(viewer, marks) {
  const pairs = Object.values(marks);
  if (pairs.length > 1) return manyKind(pairs);
  if (pairs.length) return markKind(...pairs[0]);
  return viewerKind(viewer);
}

function manyKind(pairs) {
  const count = pairs.length;
  if (pairs.every(([before]) => !before)) return { kind: "add-marks", count };
  if (pairs.every(([, after]) => !after)) return { kind: "delete-marks", count };
  return { kind: "change-marks", count };
}

function markKind(before, after) {
  const { kind: of, plane } = after ?? before;
  const place = { of, plane: plane?.name ?? null, index: plane?.index ?? (after ?? before).image ?? null };
  if (!before) return { kind: "add-mark", ...place };
  if (!after) return { kind: "delete-mark", ...place };
  const changed = differences(markOf(before), markOf(after));
  if (changed.points) return { kind: "move-mark", ...place };
  if (changed.label) return { kind: "rename", ...place };
  if (changed.color) return { kind: "colour", ...place };
  if (changed.hidden) return { kind: after.hidden ? "hide" : "show", ...place };
  return { kind: "change-mark", ...place };
}

function viewerKind(viewer) {
  const [views, windowing] = [viewer.views, viewer.window];
  if (viewer.axes) return { kind: viewer.axes[1] ? "oblique" : "straighten" };
  if (viewer.slab) return { kind: "slab" };
  if (viewer.layout || viewer.main || viewer.order) return { kind: "layout" };
  if (views && (windowing || viewer.inverted)) return { kind: "reset" };
  if (viewer.colormap) return { kind: "colormap" };
  if (windowing && !same(windowing[0]?.curve, windowing[1]?.curve)) return { kind: "curve" };
  if (windowing) return { kind: "window" };
  if (viewer.inverted) return { kind: "invert" };
  if (viewer.overlays) return { kind: "overlays" };
  if (viewer.segments) return { kind: "segments" };
  if (views) return { kind: viewKind(...views) };
  if (viewer.crosshair) return { kind: "crosshair" };
  return { kind: Object.keys(viewer).every((key) => PLACES.has(key)) ? "position" : "display" };
}

/** What happened to the views: turned, flipped, zoomed or, where nothing else did, panned. */
function viewKind(before, after) {
  const pairs = Object.values(differences(before, after));
  const any = (name) => pairs.some(([one, other]) => !same(one?.[name], other?.[name]));
  if (any("mirrored")) return "flip";
  if (any("turn")) return "rotation";
  return any("zoom") ? "zoom" : "pan";
}

/** Two steps, one after the other, as one. */
function joined(first, second) {
  const join = (one, other) => {
    const both = { ...one };
    for (const [key, [before, after]] of Object.entries(other)) {
      both[key] = [key in one ? one[key][0] : before, after];
      if (same(...both[key])) delete both[key];
    }
    return both;
  };
  return { ...second, viewer: join(first.viewer, second.viewer), marks: join(first.marks, second.marks) };
}

/** The steps done, and of those the ones undone. No limit. */
export class Steps {
  #done = [];
  #undone = [];

  get done() {
    return this.#done.at(-1) ?? null;
  }

  get undone() {
    return this.#undone.at(-1) ?? null;
  }

  get count() {
    return this.#done.length;
  }

  /**
   * Put a step at the end. Going about is one step however long it lasts; and it takes no undone step away:
   * looking around between undo and redo is no work.
   */
  push(step) {
    if (step.kind !== "position") {
      this.#undone = [];
      this.#done.push(step);
      return;
    }
    if (this.#undone.length) return;
    if (this.done?.kind !== "position") {
      this.#done.push(step);
      return;
    }
    const both = joined(this.#done.pop(), step);
    if (Object.keys(both.viewer).length) this.#done.push(both); // back where it began is nowhere gone
  }

  /** The step to take back now, or null. */
  undo() {
    const step = this.#done.pop() ?? null;
    if (step) this.#undone.push(step);
    return step;
  }

  /** The step to do again now, or null. */
  redo() {
    const step = this.#undone.pop() ?? null;
    if (step) this.#done.push(step);
    return step;
  }
}

/**
 * What a moment becomes with a step taken back (side 0) or done again (side 1).
 * What changed of a mark's figures since is kept: they belong to points that are the same.
 * @returns {{viewer: object, marks: object[]|null}}  marks null where the step touches none
 */
export function withStep({ viewer, marks }, step, side) {
  const restored = { ...viewer };
  for (const key of UNKEPT) delete restored[key];
  for (const [key, pair] of Object.entries(step.viewer)) restored[key] = pair[side] ?? null;
  if (!Object.keys(step.marks).length) return { viewer: restored, marks: null };
  const list = new Map(marks.map((mark) => [mark.id, mark]));
  for (const [id, pair] of Object.entries(step.marks)) {
    const now = list.get(id);
    // A mark that another tab deleted stays deleted; only what this step itself removed comes back.
    if (!now && pair[1 - side]) continue;
    if (!pair[side]) list.delete(id);
    else list.set(id, now && same(now.points, pair[side].points) ? { ...pair[side], statistics: now.statistics } : pair[side]);
    if (!pair[side] && now) pair[1 - side] = now;
  }
  return { viewer: restored, marks: [...list.values()] };
}
