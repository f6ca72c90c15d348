// From what was dropped or chosen to named groups of files. An item is { path, file }: the path is
// relative, with "/", and begins with the folder that was dropped.

const CLUTTER = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*|__MACOSX\/.*)$/i;
const MOST_SINGLE_FILES = 8;

/** Whether a file is an operating system's own and never an image. */
export function isClutter(path) {
  return CLUTTER.test(path);
}

export function isZip(path) {
  return /\.zip$/i.test(path);
}

/** Whether a file is the index of a disc, by its name; the server looks at its contents. */
export function isIndex(path) {
  return /(^|\/)DICOMDIR[^/]*$/i.test(path);
}

/** Every entry of a folder: a browser hands them out in portions and ends with an empty one. */
async function entriesOf(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!portion.length) return found;
    found.push(...portion);
  }
}

/**
 * Walk the entries of a drop (`DataTransferItem.webkitGetAsEntry()`), folders within folders.
 * What cannot be read is counted, not fatal.
 * @returns {Promise<{items: {path: string, file: File}[], unreadable: string[]}>}
 */
export async function walkEntries(entries) {
  const items = [];
  const unreadable = [];
  const waiting = entries.filter(Boolean).map((entry) => ({ entry, path: entry.name }));
  while (waiting.length) {
    const { entry, path } = waiting.pop();
    try {
      if (entry.isDirectory) {
        for (const child of await entriesOf(entry)) waiting.push({ entry: child, path: `${path}/${child.name}` });
      } else {
        items.push({ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
      }
    } catch {
      unreadable.push(path);
    }
  }
  items.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { items, unreadable };
}

/** The files of an <input type="file">, with their folder where one was chosen. */
export function itemsOfInput(files) {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/**
 * One group for each folder and ZIP; single files stand alone while they are few. A group with the index
 * of a disc has the `paths` of all that was dropped with it: the index names files of other groups too.
 * @returns {{kind: "folder"|"zip"|"file"|"files", name: string, items: object[], paths?: string[]}[]}
 */
export function groupItems(items) {
  const folders = new Map();
  const zips = [];
  const singles = [];
  for (const item of items) {
    const cut = item.path.indexOf("/");
    if (isZip(item.path)) zips.push(item);
    else if (cut < 0) singles.push(item);
    else {
      const name = item.path.slice(0, cut);
      if (!folders.has(name)) folders.set(name, []);
      folders.get(name).push(item);
    }
  }
  const groups = [...folders].map(([name, inside]) => ({ kind: "folder", name, items: inside }));
  groups.push(...zips.map((item) => ({ kind: "zip", name: item.path, items: [item] })));
  if (singles.length > MOST_SINGLE_FILES) groups.push({ kind: "files", name: "", items: singles });
  else groups.push(...singles.map((item) => ({ kind: "file", name: item.path, items: [item] })));
  for (const group of groups) {
    if (group.items.some((item) => isIndex(item.path))) group.paths = items.map((item) => item.path);
  }
  return groups;
}

/**
 * Set apart what the server would refuse for its size, and what is an operating system's own.
 * @returns {{kept: object[], tooLarge: object[], clutter: number}}
 */
export function sift(items, { maxFile, maxRequest }) {
  const kept = [];
  const tooLarge = [];
  let clutter = 0;
  for (const item of items) {
    if (isClutter(item.path)) clutter += 1;
    else if (item.file.size > (isZip(item.path) ? maxRequest : Math.min(maxFile, maxRequest))) tooLarge.push(item);
    else kept.push(item);
  }
  return { kept, tooLarge, clutter };
}
