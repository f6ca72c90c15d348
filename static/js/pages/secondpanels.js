// The panel of a comparison shows the series whose pane is active: the tabs of the second one wait in
// <template data-second-panels> and change places with the first's. All views of both live on; only those of one
// are in the page, so that ids stay unique.

import { AutoRegion } from "../views/autoregion.js";
import { KeyImages } from "../views/keyimages.js";
import { Explain } from "../views/explain.js";
import { MarkPanel } from "../views/markpanel.js";
import { mountSegments } from "../views/segments.js";
import { mountTicks } from "../views/sliceticks.js";
import { TagPanel } from "../views/tagpanel.js";
import { WindowPanel } from "../views/windowpanel.js";

/**
 * @param context  the page's, with second: the Reading that is compared; once the first's panel stands
 * @param firstTags  TagPanel of the first
 * @returns {{ refresh: () => void } | null}  the tags of the active one; null where nothing is compared
 */
export function mountSecondPanels(context, firstTags) {
  const { viewer, second, state, commands } = context;
  const template = viewer.querySelector("[data-second-panels]");
  if (!template || !second) return null;
  const root = document.importNode(template.content, true);
  const bodies = new Map([...root.children].map((body) => [body.id, body]));
  const own = { ...context, ...second, history: second.history, hands: [], films: [], commands: {} };
  const badge = viewer.querySelector("[data-marks-badge]");
  const otherBadge = badge.cloneNode();
  const segmentsBadge = viewer.querySelector("[data-segments-badge]");
  const otherSegments = segmentsBadge.cloneNode();

  new WindowPanel(bodies.get("panel-window"), second.state, second.client, own);
  const tags = new TagPanel(bodies.get("panel-tags"), second.state, second.client);
  new MarkPanel(bodies.get("panel-marks"), own, otherBadge);
  const keys = new KeyImages(root.querySelector(".key-images"), own);
  const explain = root.querySelector("[data-explain]");
  if (explain) new Explain(explain, own);
  mountTicks(second);
  mountSegments(own, { root: bodies.get("panel-segments"), badge: otherSegments, isSecond: true });
  const region = new AutoRegion(own);

  const isSecond = () => context.activePane()?.state === second.state;
  const { keyimage, autoRegion } = commands;
  const { exportsegments, toggleSegments } = commands;
  commands.exportsegments = () => (isSecond() ? own.commands.exportsegments?.() : exportsegments?.());
  commands.toggleSegments = () => (isSecond() ? own.commands.toggleSegments?.() : toggleSegments?.());
  commands.keyimage = () => (isSecond() ? keys.keep() : keyimage());
  commands.autoRegion = () => (isSecond() ? region.start() : autoRegion());

  let shown = false; // the second's
  const swap = () => {
    if (isSecond() === shown) return;
    shown = !shown;
    for (const [id, body] of bodies) {
      const old = document.getElementById(id);
      const { scrollTop } = old;
      body.hidden = old.hidden;
      old.replaceWith(body);
      body.scrollTop = scrollTop;
      bodies.set(id, old);
    }
    for (const [first, other] of [[badge, otherBadge], [segmentsBadge, otherSegments]]) {
      if (shown) first.replaceWith(other);
      else other.replaceWith(first);
    }
    (shown ? tags : firstTags).refresh();
  };
  state.addEventListener("active", swap);
  swap();
  return { refresh: () => (shown ? tags : firstTags).refresh() };
}
