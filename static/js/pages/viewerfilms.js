// The films of a series: the volumes of a part, the images of a stack, the slices of the active plane. Adds to the
// page's context: films, and the command cine. Pace and turning back are remembered: preferences.cine = { phase, slices,
// stack: { fps, bounces } }; where the file states the time of a frame, its own pace counts.

import { USUAL_INTERVAL_MS } from "../lib/cine.js";
import { readingSense } from "../lib/frames.js";
import { PlayBar } from "../views/playbar.js";

const KEY = "cine";

export function mountFilms(context) {
  const { viewer, series, state, readings, preferences, films, commands } = context;
  const walks = walksOf(context, readings[0]);
  for (const element of viewer.querySelectorAll("[data-play-bar]")) {
    const { playBar: name } = element.dataset;
    const kept = preferences.get(KEY, {})[name] ?? {};
    const stated = name === "stack" ? series.frame_ms : null;
    const film = new PlayBar(element, walks[name], stated || (kept.fps ? 1000 / kept.fps : USUAL_INTERVAL_MS), {
      bounces: Boolean(kept.bounces),
      onChange(change) {
        const all = preferences.get(KEY, {});
        preferences.set(KEY, { ...all, [name]: { ...all[name], ...change } });
      },
    });
    for (const change of ["phase", "point", "active", "planes"]) state.addEventListener(change, () => film.draw());
    films.push(film);
  }
  commands.cine = () => films.at(-1)?.toggle();
}

function walksOf(context, reading) {
  const { series, state } = context;
  const isDrawn = () => reading.isCurrent;
  const plane = () => state.plane(context.activePane()?.plane) ?? state.plane(state.main) ?? state.planes[0];
  // Reading goes from head to feet, from front to back, from right to left: so does the film.
  const inReading = (index) => (readingSense(plane()) > 0 ? index : plane().count - 1 - index);
  return {
    phase: {
      count: series.phases?.labels.length ?? 1,
      now: () => state.phase,
      goTo: (phase) => state.setPhase(phase),
      label: (phase) => series.phases.labels[phase],
      isDrawn,
    },
    stack: {
      count: series.planes[0].count,
      now: () => state.slice("stack"),
      goTo: (index) => state.setSlice("stack", index),
      label: (index) => `${((index * series.frame_ms) / 1000).toFixed(2)} s`,
      isDrawn,
    },
    slices: {
      get count() {
        return plane().count;
      },
      now: () => inReading(state.slice(plane().plane)),
      goTo: (place) => state.setSlice(plane().plane, inReading(place)),
      label: () => context.panes.get(plane().plane)?.element.getAttribute("aria-label") ?? "",
      isDrawn,
    },
  };
}
