// The fourth quadrant in three dimensions (templates/viewer/scene.html): when it comes to life, what it says while it
// does, and why it does not where it cannot. Nothing of it is loaded before it is seen; on phones, and where the
// processor would have to draw, not before it is asked for. Events: "built" · "ready" · "drawn".
//   data-scene-state: asleep · loading · ready · failed

import { fetchColormaps } from "../http/colormaps.js";
import { adoptStyles } from "../http/scenestyles.js";
import { isCamera, moved, orbited, rayAt, viewOf, zoomed } from "../lib/scenecamera.js";
import { SceneGrids } from "../state/scenegrids.js";
import { SurfaceMaker } from "../state/surfacemaker.js";
import { _ } from "../state/words.js";
import { takenFrom } from "./bokehscene.js";
import { icon } from "./elements.js";
import { SceneDrawing } from "./scenedrawing.js";
import { SceneHand } from "./scenehand.js";
import { SceneOverlay } from "./sceneoverlay.js";
import { graphics, loadScripts } from "./scenescripts.js";
import { SceneWindow } from "./scenewindow.js";

const isVtk = (address) => /\/vtk\.js$/.test(address);
const KEEP_MS = 250; // after which a camera that rests is kept

export class ScenePane extends EventTarget {
  #element;
  #state;
  #client;
  #context;
  #grids;
  #maker = new SurfaceMaker();
  #window = null;
  #drawing = null;
  #overlay;
  #camera = null;
  #isAllowed = false;
  #run = 0;
  #timers = { camera: 0, window: 0, mark: 0 };

  /**
   * @param element  .pane-scene
   * @param context  { series, state, source, say, sprite, segmentations?, device: { isPhone, savesData } }
   * @param client   SceneClient
   */
  constructor(element, context, client) {
    super();
    this.#element = element;
    this.#context = context;
    this.#state = context.state;
    this.#client = client;
    this.#grids = new SceneGrids(context.state, context.source, { mayFine: !context.device.isPhone });
    this.#overlay = new SceneOverlay(element);
    this.#grids.addEventListener("grid", () => this.#gridCame());
    this.#grids.addEventListener("progress", () => this.#progress());
    new ResizeObserver(() => this.#resized()).observe(element);
    this.#ask.addEventListener("click", () => this.#asked());
    new SceneHand(element, {
      isReady: () => this.isReady,
      turn: (right, down) => this.#look(orbited(this.#camera, right, down)),
      move: (right, down) => this.#look(moved(this.#camera, right * this.#pixelMm, down * this.#pixelMm)),
      zoom: (factor, at) => this.#look(zoomed(this.#camera, factor, this.#fromMiddle(at))),
      view: (letter) => this.view(letter),
      reset: () => this.reset(),
      pick: (at) => this.#pick(at),
    });
    this.#watch();
  }

  get element() {
    return this.#element;
  }

  get isReady() {
    return this.#element.dataset.sceneState === "ready";
  }

  get drawing() {
    return this.#drawing;
  }

  get camera() {
    return this.#camera;
  }

  /** As panes have it, for snapshots: pixels of the canvas to one of CSS. */
  get size() {
    const { width } = this.#element.getBoundingClientRect();
    return { ratio: this.#window.canvas.width / width };
  }

  /** Draw at once what a copy of the canvas is to hold. */
  renderNow() {
    this.#window.renderNow();
  }

  // --- coming to life

  /** Begin if it is seen and may; called when the flat pictures are there. */
  wake() {
    if (!this.#isSeen || this.#element.dataset.sceneState !== "asleep") return;
    if (!this.#isAllowed) {
      const kind = graphics();
      if (kind === "none") {
        this.#fail(_("This browser cannot draw in three dimensions"), _("WebGL 2 is missing or switched off. The planes do not need it."));
        return;
      }
      const { isPhone, savesData } = this.#context.device;
      if (kind === "software" || isPhone || savesData) {
        const text = kind === "software" ? _("Without a graphics card the processor draws it: slowly.") : _("It loads about 1 MB besides the series.");
        this.#note("asleep", { symbol: "tp-mark", title: _("Three dimensions"), text, ask: _("Show in 3D") });
        return;
      }
    }
    this.#begin();
  }

  get #isSeen() {
    return this.#element.checkVisibility() && this.#element.clientWidth > 1;
  }

  #asked() {
    this.#isAllowed = true;
    this.#run += 1;
    this.#begin();
  }

  get #scripts() {
    return JSON.parse(this.#element.dataset.scripts ?? "[]");
  }

  async #begin() {
    this.#note("loading", { symbol: "hourglass-split", text: _("Preparing the 3D view") });
    const run = (this.#run += 1);
    try {
      adoptStyles();
      this.#grids.want();
      const [presets] = await Promise.all([this.#client.presets(), loadScripts(this.#scripts.filter(isVtk))]);
      if (run !== this.#run) return;
      this.#build(presets);
    } catch (error) {
      if (run === this.#run) this.#broke(error);
    }
  }

  #build(presets) {
    const { segmentations = null } = this.#context;
    this.#window?.delete();
    const picture = this.#element.querySelector("[data-scene-picture]");
    this.#window = new SceneWindow(picture, globalThis.vtk);
    this.#window.addEventListener("drawn", ({ detail }) => this.#drawn(detail));
    this.#window.addEventListener("lost", () => this.#lost());
    this.#drawing = new SceneDrawing({
      state: this.#state,
      window: this.#window,
      grids: this.#grids,
      maker: this.#maker,
      client: this.#client,
      presets,
      take: (item) => takenFrom(item, this.#scripts, this.#element),
      savesData: this.#context.device.savesData || this.#context.device.isPhone,
      segmentations,
    });
    this.#drawing.addEventListener("changed", () => this.#redraw());
    this.#drawing.addEventListener("fault", ({ detail }) => this.#fault(detail.error));
    fetchColormaps().then((tables) => this.#drawing.setColormaps(tables), () => {});
    this.dispatchEvent(new Event("built"));
    this.#gridCame();
  }

  /** A grid is here, or the volume never comes: then the server draws. */
  #gridCame() {
    if (!this.#drawing) return;
    if (this.#grids.isLocal && !this.#grids.grid) {
      this.#progress();
      return;
    }
    this.#drawing.draw();
  }

  /** Something to see is there for the first time. */
  #appear() {
    if (this.isReady) return;
    this.#element.dataset.sceneState = "ready";
    const { width, height } = this.#element.getBoundingClientRect();
    const kept = this.#state.scene.camera;
    this.#camera = isCamera(kept) ? kept : viewOf("A", this.#drawing.bounds, width / height);
    this.#window.setCamera(this.#camera);
    this.#overlay.look(this.#camera);
    this.dispatchEvent(new Event("ready"));
  }

  #redraw() {
    if (!this.#isSeen) return;
    const hasPicture = this.#drawing.mode === "surface" ? this.#window.meshes.length : this.#window.grid;
    if (!hasPicture && !this.isReady) return;
    this.#appear();
    this.#element.classList.toggle("is-light", this.#drawing.mode === "mip_inverted");
    this.#element.dataset.scenePicture = "coarse";
    this.#window.render();
    this.#mark();
  }

  #drawn({ isFine }) {
    const finer = this.#grids.isLocal && !this.#grids.grid?.isFine;
    const isDone = isFine && !finer && this.#drawing.isWhole;
    this.#say(isDone ? "" : this.#drawing.isWhole ? _("Coarse picture, a finer one follows") : _("Making the surface"));
    this.#element.dataset.scenePicture = isDone ? "fine" : "coarse";
    this.dispatchEvent(new Event("drawn"));
  }

  #progress() {
    if (this.#element.dataset.sceneState !== "loading" || !this.#grids.isLocal) return;
    const percent = Math.round(100 * this.#grids.fraction);
    const bar = this.#element.querySelector("[data-scene-note] progress");
    bar.hidden = percent >= 100;
    bar.value = percent;
    this.#text.textContent = percent < 100 ? _("The volume is on its way: %(percent)s %", { percent }) : _("Preparing the 3D view");
  }

  // --- what it says

  get #ask() {
    return this.#element.querySelector("[data-scene-ask]");
  }

  get #text() {
    return this.#element.querySelector("[data-scene-text]");
  }

  #note(state, { symbol, title = "", text, ask = "" }) {
    this.#element.dataset.sceneState = state;
    const note = this.#element.querySelector("[data-scene-note]");
    note.querySelector("svg").replaceWith(icon(this.#context.sprite, symbol));
    const heading = note.querySelector("[data-scene-title]");
    heading.textContent = title;
    heading.hidden = !title;
    this.#text.textContent = text;
    note.querySelector("progress").hidden = true;
    this.#ask.textContent = ask;
    this.#ask.hidden = !ask;
    this.#say("");
  }

  #fail(title, text, ask = "") {
    this.#note("failed", { symbol: "exclamation-triangle", title, text, ask });
  }

  #broke(error) {
    const text = error.status === undefined ? _("What draws it did not arrive. The planes go on working.") : error.message;
    this.#fail(_("The 3D view could not be shown"), text, _("Try again"));
  }

  #lost() {
    this.#run += 1;
    this.#fail(_("The graphics of this computer stopped"), _("The planes go on working."), _("Try again"));
  }

  /** What goes wrong beside a picture that is there is told in its corner. */
  #fault(error) {
    if (!this.isReady) this.#broke(error);
    else this.#say(error.message);
  }

  #say(text) {
    const line = this.#element.querySelector("[data-scene-progress]");
    if (line.textContent !== text) line.textContent = text;
  }

  // --- looking

  view(letter) {
    if (!this.isReady) return;
    const { width, height } = this.#element.getBoundingClientRect();
    this.#look({ ...viewOf(letter, this.#drawing.box, width / height) });
  }

  reset() {
    this.view("A");
  }

  get #pixelMm() {
    return this.#camera.height_mm / this.#element.clientHeight;
  }

  #fromMiddle(at) {
    const { clientWidth: width, clientHeight: height } = this.#element;
    return at ? [(at[0] - width / 2) / height, (at[1] - height / 2) / height] : [0, 0];
  }

  #look(camera) {
    this.#camera = camera;
    this.#window.setCamera(camera);
    this.#window.render({ isMoving: true });
    this.#overlay.look(camera);
    this.#drawMark();
    clearTimeout(this.#timers.camera);
    this.#timers.camera = setTimeout(() => this.#state.setScene({ camera }), KEEP_MS);
  }

  #pick(at) {
    const { clientWidth: width, clientHeight: height } = this.#element;
    const place = this.#drawing.placeUnder(rayAt(this.#camera, { width, height }, at));
    if (place) this.#state.moveToLps(place);
    else this.#context.say(_("Nothing lies there."));
  }

  #resized() {
    if (!this.#isSeen) return;
    if (this.isReady) {
      this.#window.render();
      this.#drawMark();
    } else if (this.#context.isBegun?.()) {
      this.wake();
      if (this.#drawing && this.#element.dataset.sceneState === "loading") this.#gridCame();
    }
  }

  /** Scrolling moves the mark, when there is time for it; the picture stays. */
  #mark() {
    if (this.#timers.mark) return;
    const soon = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 30));
    this.#timers.mark = soon(() => {
      this.#timers.mark = 0;
      this.#drawMark();
    }, { timeout: 200 });
  }

  #drawMark() {
    if (!this.isReady || !this.#isSeen) return;
    const { clientWidth: width, clientHeight: height } = this.#element;
    this.#overlay.mark(this.#camera, { width, height }, this.#state.scene.marker ? this.#state.pointLps : null);
  }

  #watch() {
    const state = this.#state;
    let before = state.scene;
    let shown = JSON.stringify(state.window);
    state.addEventListener("point", () => this.#mark());
    state.addEventListener("planes", () => this.#mark());
    // Alone, it is drawn finer.
    state.addEventListener("layout", () => this.isReady && this.#drawing.mode === "surface" && this.#drawing.draw());
    state.addEventListener("window", () => {
      if (!this.#drawing?.mode.startsWith("mip")) return;
      // Whoever sets a window while he looks at a projection means it too.
      const isSet = shown !== JSON.stringify(state.window);
      shown = JSON.stringify(state.window);
      if (isSet && state.scene.window !== "images") state.setScene({ window: "images" });
      clearTimeout(this.#timers.window);
      this.#timers.window = setTimeout(() => this.#drawing.draw(), 120);
    });
    state.addEventListener("scene", () => {
      const { scene } = state;
      const other = (names) => names.some((name) => scene[name] !== before[name]);
      const [isDrawn, isCut, isMarked] = [other(["mode", "preset", "surfaces", "density", "shift", "window"]), other(["box"]), other(["marker"])];
      const isCamera = other(["camera"]) && scene.camera && JSON.stringify(scene.camera) !== JSON.stringify(this.#camera);
      before = scene;
      if (!this.#drawing) return;
      if (isDrawn) this.#drawing.draw();
      else if (isCut) this.#drawing.clip();
      if (isMarked) this.#mark();
      if (isCamera && this.isReady) this.#look(scene.camera);
    });
  }
}
