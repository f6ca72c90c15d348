// The elements of one image as a tree, and of two images side by side. Elements come as the server lists them:
// { tag, keyword, name, vr, value, depth }, nested ones after their sequence, with an "Item" row for each item.

const ITEM = "(FFFE,E000)";
const MARKS = /[\u0300-\u036f]/g;

/** Text without case and accents, for searching. */
export function folded(text) {
  return text.normalize("NFD").replace(MARKS, "").toLowerCase();
}

/**
 * Rows of a tree: { element, other, parent, children, key, isSame, text }. With elements of a second image each
 * row holds what both have under the same place; `element` or `other` is null where one lacks it.
 * @param help  keyword → explanation
 */
export function tagRows(elements, others = null, help = {}) {
  const rows = others ? pairs(keyed(elements), keyed(others)) : keyed(elements).map(([key, element]) => ({ key, element }));
  const open = [];
  for (const [index, row] of rows.entries()) {
    const { depth } = row.element ?? row.other;
    row.depth = depth;
    row.children = 0;
    row.isSame = !others || (row.element?.value === row.other?.value && Boolean(row.element && row.other));
    open.length = Math.min(open.length, depth);
    row.parent = open[depth - 1] ?? -1;
    if (row.parent >= 0) rows[row.parent].children += 1;
    row.text = searchText(row, help);
    open[depth] = index;
  }
  return rows;
}

/**
 * The rows to show, by their numbers: those that are found with all that lies above them, else those whose
 * sequences are open.
 * @param words        what to look for, as typed
 * @param opened       Set of keys of open sequences
 * @param onlyDifferent  leave out what two images have alike
 */
export function shownRows(rows, { words = "", opened = new Set(), onlyDifferent = false } = {}) {
  if (!words.trim() && !onlyDifferent) {
    const visible = new Uint8Array(rows.length);
    rows.forEach(({ parent }, index) => {
      visible[index] = parent < 0 || (visible[parent] && opened.has(rows[parent].key)) ? 1 : 0;
    });
    return [...rows.keys()].filter((index) => visible[index]);
  }
  const isFound = finder(words, onlyDifferent);
  const kept = new Set();
  rows.forEach((row, index) => {
    if (!isFound(row)) return;
    for (let at = index; at >= 0 && !kept.has(at); at = rows[at].parent) kept.add(at);
  });
  return [...kept].sort((a, b) => a - b);
}

/** How many of *indexes* are what was looked for, and not only what lies above it. */
export function countFound(rows, indexes, { words = "", onlyDifferent = false } = {}) {
  const isFound = finder(words, onlyDifferent);
  return indexes.filter((index) => isFound(rows[index])).length;
}

function finder(words, onlyDifferent) {
  const wanted = folded(words).split(/\s+/).filter(Boolean);
  return (row) => (!onlyDifferent || !row.isSame) && wanted.every((word) => row.text.includes(word));
}

export const isItem = ({ element, other }) => (element ?? other).tag === ITEM;

/** A row as one line for the clipboard: tag, name, value, and the other image's value. */
export function rowLine({ element, other }, compares = false) {
  const { tag, keyword, name, vr } = element ?? other;
  const cells = [tag, keyword || name, vr, element?.value ?? ""];
  return [...cells, ...(compares ? [other?.value ?? ""] : [])].filter((cell, n) => n > 2 || cell).join("\t");
}

function searchText({ element, other }, help) {
  const { tag, keyword, name } = element ?? other;
  const values = [element?.value, other?.value].filter(Boolean).join(" ");
  return folded(`${tag} ${tag.replace(/[(),]/g, "")} ${keyword} ${name} ${values} ${help[keyword] ?? ""}`);
}

/** [key, element]: the key is the way to it from the top, the same for the same place in two images. */
function keyed(elements) {
  const way = [];
  const counts = [new Map()];
  return elements.map((element) => {
    const { depth } = element;
    // Fields of a NIfTI or NRRD header have names alone, and some of them more than once.
    const own = element.tag === ITEM ? `item ${element.value}` : element.tag || element.name;
    counts.length = Math.min(counts.length, depth + 1);
    while (counts.length <= depth) counts.push(new Map());
    const seen = counts[depth].get(own) ?? 0;
    counts[depth].set(own, seen + 1);
    way.length = depth;
    way[depth] = seen ? `${own}#${seen}` : own;
    return [way.join("/"), element];
  });
}

/** Both lists in one order: what both have meets, the rest stands where its own list has it. */
function pairs(first, second) {
  const places = new Map(second.map(([key], place) => [key, place]));
  const firstKeys = new Set(first.map(([key]) => key));
  const rows = [];
  let next = 0;
  // What the second image alone has, up to where it has what comes next in both.
  const catchUp = (until) => {
    for (; next < until; next += 1) {
      const [key, other] = second[next];
      if (!firstKeys.has(key)) rows.push({ key, element: null, other });
    }
  };
  for (const [key, element] of first) {
    const place = places.get(key);
    catchUp(place ?? 0);
    rows.push({ key, element, other: place === undefined ? null : second[place][1] });
  }
  catchUp(second.length);
  return rows;
}
