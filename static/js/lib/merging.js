// What comes from elsewhere and what waits here, put together. Marks are known by their id.

/** What the server tells of a mark, and is not sent back. */
const TOLD = new Set(["created_at", "updated_at", "revision", "series_id", "part", "saved_at"]);

/** A mark as it is sent. */
export function bare(mark) {
  return Object.fromEntries(Object.entries(mark).filter(([name]) => !TOLD.has(name)));
}

/** Whether two marks say the same, whatever the order of their keys. */
export function sameMark(one, other) {
  return canonical(bare(one)) === canonical(bare(other));
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${names.sort().map((name) => `${name}:${canonical(value[name])}`).join()}}`;
}

/**
 * The list of marks: the server's, but ours wherever ours still waits to be sent.
 * @param ours       marks as they are here
 * @param theirs     marks as the server has them
 * @param isPending  (id) → whether a change of ours, deletion included, waits
 */
export function mergedMarks(ours, theirs, isPending) {
  const server = new Map(theirs.map((mark) => [mark.id, mark]));
  const kept = ours.filter(({ id }) => isPending(id) || server.has(id));
  const merged = kept.map((mark) => (isPending(mark.id) ? mark : taken(mark, server.get(mark.id))));
  const here = new Set(ours.map(({ id }) => id));
  return [...merged, ...theirs.filter(({ id }) => !here.has(id) && !isPending(id))];
}

/** The object stays the same where it says the same: nothing is drawn anew for a newer date. */
const taken = (mark, other) => (sameMark(mark, other) ? mark : other);

/**
 * A workspace as the server gave it, with what this tab has not sent yet laid over it.
 * @param entries  of the outbox, of this part: { key: "mark:id" | "state:…" | "preferences", request }
 */
export function overlaid(workspace, entries) {
  const laid = { ...workspace, marks: [...(workspace.marks ?? [])], preferences: { ...workspace.preferences } };
  for (const { key, request } of entries) {
    const [what, id] = key.split(":");
    if (what === "state") laid.state = request.json.state;
    if (what === "preferences") Object.assign(laid.preferences, request.json);
    if (what !== "mark") continue;
    laid.marks = laid.marks.filter((mark) => mark.id !== id);
    if (request.method === "PUT") laid.marks.push(bare(request.json));
  }
  return laid;
}
