// Puts together what keeps a reader's work: undo, saving, and what the top bar tells of both. Adds to the page's
// context: preferences, history, autosave, and the commands undo and redo.

import { WorkspaceClient } from "../http/workspace.js";
import { Autosave } from "../state/autosave.js";
import { History } from "../state/history.js";
import { Preferences } from "../state/preferences.js";
import { Saves } from "../state/saves.js";
import { markWord } from "../state/stepwords.js";
import { Saved } from "../views/saved.js";
import { UndoButtons } from "../views/undobuttons.js";

/** The tab's storage, or null where it is forbidden. */
function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** A mark's own words, or what it is: the start of a sentence. */
function labelOf({ label, kind }) {
  const word = markWord(kind);
  return label || word[0].toUpperCase() + word.slice(1);
}

/**
 * Lay out what was saved and save from then on.
 * @param context  { viewer, series, state, marks, workspace, user, isPhone, say, commands }
 */
export function mountSaving(context) {
  const { viewer, series, state, marks, workspace, user, isPhone, say } = context;
  context.preferences = new Preferences();
  context.autosave = new Autosave({
    state,
    marks,
    preferences: context.preferences,
    client: new WorkspaceClient(series, user),
    user,
    storage: tabStorage(),
    channel: "BroadcastChannel" in window ? new BroadcastChannel(`triplano.${user}`) : null,
    ownLayout: isPhone || Boolean(viewer.dataset.compare),
    labelOf,
  });
  const { autosave } = context;
  if (!workspace.marks) {
    // A page that came without a workspace has nowhere to save to.
    mountHistory(context);
    return;
  }
  context.saves = new Saves(autosave);
  new Saved(viewer.querySelector("[data-saved]"), viewer.querySelector("[data-save-note]"), context.saves, say);
  autosave.begin(workspace);
  mountHistory(context);
  addEventListener("online", () => autosave.wake());
  addEventListener("focus", () => autosave.wake());
  addEventListener("pagehide", () => autosave.leave());
  addEventListener("pageshow", ({ persisted }) => persisted && autosave.refresh());
  document.addEventListener("visibilitychange", () => (document.hidden ? autosave.hidden() : autosave.shown()));
  addEventListener("beforeunload", (event) => autosave.mustWarn && event.preventDefault());
}

function mountHistory(context) {
  const { viewer, state, marks, say, commands } = context;
  context.history = new History(state, marks);
  const buttons = new UndoButtons(viewer, context.history, say);
  context.undoButtons = buttons;
  commands.undo = () => buttons.undo();
  commands.redo = () => buttons.redo();
}
