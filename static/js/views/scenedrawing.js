// What stands in the 3D picture: the surfaces or the volume of the series as the settings say, and the surfaces of
// segments. Keeps what was made until something else is wanted; asks the server only for what is not here.
// Events: "changed" (the picture is another one) · "fault" (detail: { error }).

import { paletteOf, turnedPalette } from "../lib/greys.js";
import { boxIn } from "../lib/scenesettings.js";
import { brightest, firstAtLevel, firstOnMesh, firstOpaque, nearestOf } from "../lib/sceneray.js";
import { opacityFunction, projectionCurves, rgbOfHex, shifted, storedCurves } from "../lib/scenetransfer.js";
import { boxOf } from "../lib/scenevolume.js";
import { maskRevision } from "../state/labelsource.js";

const SEGMENT = "segment:";
const SURFACE = "surface:";
const VOLUME = "volume";
const FINE = "fine surfaces";
const LEAST_OPAQUE = 0.6; // a click goes through what is less than this to what lies behind
const SUV_WINDOW = { center: 5, width: 10, function: "linear_exact" }; // the bladder's 60 would leave nothing else

export class SceneDrawing extends EventTarget {
  #state;
  #window;
  #grids;
  #maker;
  #client;
  #presets;
  #segmentations = null;
  #tables = {}; // name → 256 × 3 bytes
  #surfaces = new Map(); // name → { key, mesh }
  #segments = new Map(); // name → { key, mesh }
  #asked = new Map(); // name → key of what is being made
  #served = null; // { key, grid }: the volume of the server's scene
  #fine = ""; // which surfaces the server made
  #take;
  #savesData;

  /**
   * @param window   SceneWindow
   * @param grids    SceneGrids
   * @param maker    SurfaceMaker
   * @param client   SceneClient
   * @param presets  what the server proposes: SceneClient.presets()
   * @param take     (item of a scene) → { meshes, image }: views/bokehscene.js
   */
  constructor({ state, window, grids, maker, client, presets, take, savesData = false, segmentations = null }) {
    super();
    this.#state = state;
    this.#window = window;
    this.#grids = grids;
    this.#maker = maker;
    this.#client = client;
    this.#presets = presets;
    this.#take = take;
    this.#savesData = savesData;
    this.#segmentations = segmentations;
    for (const news of ["segmentations", "display"]) segmentations?.addEventListener(news, () => this.drawSegments());
  }

  setColormaps(tables) {
    this.#tables = tables;
    this.draw();
  }

  // --- what is set, with what the server proposes in the place of what is not

  get mode() {
    return this.#state.scene.mode ?? this.#presets.default?.mode ?? "surface";
  }

  get preset() {
    const { composite, default: usual } = this.#presets;
    const { preset } = this.#state.scene;
    return composite[preset] ? preset : composite[usual?.preset] ? usual.preset : Object.keys(composite)[0];
  }

  get surfaces() {
    return this.#state.scene.surfaces ?? this.#presets.surfaces.map((one) => ({ isShown: true, ...one }));
  }

  get levelRange() {
    return this.#presets.level_range ?? this.#state.series.value_range;
  }

  /** The box of the whole volume, LPS mm. */
  get bounds() {
    return boxOf(this.#state.series);
  }

  /** What clipping leaves of it. */
  get box() {
    return boxIn(this.#state.scene.box, this.bounds) ?? this.bounds;
  }

  /** Whether the surface of that name is here as it is wanted. */
  get isWhole() {
    return this.#asked.size === 0;
  }

  // --- drawing

  draw() {
    const { mode } = this;
    const { grid } = this;
    this.#window.setBackground(mode === "mip_inverted" ? [1, 1, 1] : [0, 0, 0]);
    if (mode === "surface") this.#drawSurfaces(this.#grids.grid);
    else this.#drawVolume(grid, mode);
    this.clip();
    this.drawSegments();
  }

  clip() {
    this.#window.setBox(boxIn(this.#state.scene.box, this.bounds));
    this.#changed();
  }

  get curves() {
    const { mode } = this;
    const { window, colormap, scene } = this.#state;
    if (mode === "composite") return shifted(this.#presets.composite[this.preset], scene.shift, 2 ** Math.log2(scene.density));
    const palette = paletteOf(colormap === "gray" ? null : (this.#tables[colormap] ?? null));
    const shown = scene.window === "images" ? window : this.#wideWindow;
    // PET's planes are inverted from the start: what is on white here is told by the mode alone, as its ground is.
    return projectionCurves(shown, turnedPalette(palette, mode === "mip_inverted"));
  }

  /** What is brightest along a ray is brighter than most of a slice: from the middle of the values to nearly the last. */
  get #wideWindow() {
    const { series } = this.#state;
    if (/^SUV/.test(series.unit ?? "")) return SUV_WINDOW;
    const [low, high] = series.percentiles ?? series.value_range;
    const top = this.#grids.grid?.range[1] ?? series.value_range[1];
    const from = series.modality === "CT" ? Math.max(low, Math.min(-100, high)) : low;
    const to = series.modality === "CT" ? Math.max(from + 100, Math.min(top, 1100)) : Math.max(high, low + (top - low) * 0.7);
    return { center: (from + to) / 2, width: Math.max(to - from, 1e-6), function: "linear_exact" };
  }

  /** The grid that is drawn: the page's own, or what the server made for the mode. */
  get grid() {
    return this.#grids.grid ?? this.#served?.grid ?? null;
  }

  /** What the server is to draw for the mode as it is set. */
  #order() {
    const { mode } = this;
    const common = { mode, detail: "coarse" };
    if (mode === "composite") return { ...common, preset: this.preset };
    const { center, width } = this.#state.scene.window === "images" ? this.#state.window : this.#wideWindow;
    return { ...common, window: { center, width } };
  }

  /** Where the volume does not come to the page, that of the server's scene. */
  async #serve() {
    const order = this.#order();
    const key = JSON.stringify([order, this.#state.phase]);
    if (this.#served?.key === key || this.#asked.get(VOLUME) === key) return;
    this.#asked.set(VOLUME, key);
    try {
      const item = await this.#client.scene(order, { phase: this.#state.phase });
      const { image } = await this.#take(item);
      if (this.#asked.get(VOLUME) !== key) return;
      this.#asked.delete(VOLUME);
      this.#served = { key, grid: { ...image, ...storedScale(order, this.#presets.composite) } };
      if (this.mode === order.mode) this.draw();
    } catch (error) {
      if (this.#asked.get(VOLUME) === key) this.#asked.delete(VOLUME);
      this.#fault(error);
    }
  }

  /** Surfaces at the thresholds that the server proposes, from its scene: finer than those of the page. */
  async #serveSurfaces() {
    const surfaces = this.surfaces.map(({ level, color, opacity, largest }) => ({ level, color, opacity: opacity || 1, largest }));
    const key = JSON.stringify([surfaces.map(({ level, largest }) => [level, largest]), this.#state.phase]);
    if (this.#fine === key || this.#asked.get(FINE) === key) return;
    this.#asked.set(FINE, key);
    try {
      const item = await this.#client.scene({ mode: "surface", detail: "fine", surfaces }, { phase: this.#state.phase });
      const { meshes } = await this.#take(item);
      if (this.#asked.get(FINE) !== key) return;
      this.#asked.delete(FINE);
      if (meshes.length !== surfaces.length) return; // one of them is empty: which, the document does not say
      this.#fine = key;
      meshes.forEach((mesh, n) => this.#surfaces.set(`${SURFACE}${n}`, { key: this.#keyOf(this.surfaces[n], true), mesh }));
      if (this.mode === "surface") this.draw();
    } catch (error) {
      if (this.#asked.get(FINE) === key) this.#asked.delete(FINE);
      this.#fine = key; // the page's own stay
      this.#fault(error);
    }
  }

  #drawVolume(grid, mode) {
    for (const name of this.#surfaces.keys()) this.#window.removeSurface(name);
    if (!this.#grids.isLocal) this.#serve();
    if (!grid) return;
    this.#window.setGrid(grid);
    this.#window.showVolume(true);
    const { curves } = this;
    this.#window.setCurves(grid.stored ? storedCurves(curves, grid.stored) : curves, mode === "composite" ? "composite" : "mip");
  }

  #drawSurfaces(grid) {
    this.#window.showVolume(false);
    const wanted = this.surfaces.map((one, n) => ({ ...one, name: `${SURFACE}${n}` }));
    for (const name of [...this.#surfaces.keys()]) {
      if (wanted.some((one) => one.name === name)) continue;
      this.#surfaces.delete(name);
      this.#window.removeSurface(name);
    }
    for (const one of wanted) {
      this.#showSurface(one);
      if (one.isShown) this.#makeSurface(one, grid);
    }
    if (this.#mayServe && grid && wanted.every((one) => this.#surfaces.has(one.name))) this.#serveSurfaces();
  }

  /** Whether the server's surfaces are worth their megabytes: seen large, and as long as nobody moves a threshold. */
  get #mayServe() {
    const { layout, main } = this.#state;
    if (layout !== "1" || main !== "scene") return false;
    const usual = this.#presets.surfaces.map(({ level }) => level);
    return this.#grids.isLocal && !this.#savesData && String(this.surfaces.map(({ level }) => level)) === String(usual);
  }

  #keyOf({ level, largest }, isServed = false) {
    const { phase } = this.#state;
    const { grid } = this.#grids;
    return `${isServed || !grid ? `server ${phase}` : grid.serial} ${level} ${largest}`;
  }

  #showSurface({ name, color, opacity, isShown }) {
    const known = this.#surfaces.get(name);
    if (known) this.#window.setSurface(name, known.mesh, { color: rgbOfHex(color), opacity, isShown });
  }

  async #makeSurface({ name, level, largest }, grid) {
    const phase = this.#state.phase;
    if (this.#grids.isLocal && !grid) return;
    const key = this.#keyOf({ level, largest });
    const known = this.#surfaces.get(name)?.key;
    if ([key, this.#keyOf({ level, largest }, true)].includes(known) || this.#asked.get(name) === key) return;
    this.#asked.set(name, key);
    try {
      if (grid) this.#maker.take(grid);
      const mesh = grid
        ? await this.#maker.make(name, level, largest)
        : await this.#client.surface(level, { phase, largest });
      if (!mesh || this.#asked.get(name) !== key) return;
      this.#surfaces.set(name, { key, mesh });
      this.#asked.delete(name);
      const settings = this.surfaces[Number(name.slice(SURFACE.length))];
      if (this.mode === "surface" && settings) this.#showSurface({ ...settings, name });
      this.#changed();
      if (this.mode === "surface" && this.isWhole) this.draw();
    } catch (error) {
      if (this.#asked.get(name) === key) this.#asked.delete(name);
      this.#fault(error);
    }
  }

  // --- segments

  drawSegments() {
    const all = this.#segmentations?.all ?? [];
    const names = new Set();
    for (const segmentation of all) {
      const { opacity } = this.#segmentations.display(segmentation.id);
      for (const segment of segmentation.segments) {
        const name = `${SEGMENT}${segmentation.id}:${segment.number}`;
        names.add(name);
        const isShown = this.#segmentations.isShown(segmentation.id, segment.number);
        // Filled at a third on the pictures, a surface of that would hardly be seen: it is solid at two thirds.
        const isOver = this.mode.startsWith("mip");
        const how = { color: rgbOfHex(segment.color), opacity: Math.min(1, opacity * 1.6), isShown, isOver };
        const known = this.#segments.get(name);
        if (known) this.#window.setSurface(name, known.mesh, how);
        if (isShown && segment.voxels !== 0) this.#makeSegment(name, segmentation, segment);
      }
    }
    for (const name of [...this.#segments.keys()]) {
      if (names.has(name)) continue;
      this.#segments.delete(name);
      this.#window.removeSurface(name);
    }
    this.#changed();
  }

  async #makeSegment(name, segmentation, { number }) {
    const revision = maskRevision(segmentation);
    const key = String(revision);
    if (this.#segments.get(name)?.key === key || this.#asked.get(name) === key) return;
    this.#asked.set(name, key);
    try {
      const mesh = await this.#client.segment(segmentation.id, number, { revision });
      if (this.#asked.get(name) !== key) return;
      this.#segments.set(name, { key, mesh });
      this.#asked.delete(name);
      this.drawSegments();
    } catch (error) {
      if (this.#asked.get(name) === key) this.#asked.delete(name);
      if (error.status !== 409) this.#fault(error); // its next revision is on its way
    }
  }

  /** What is exported: [{ label, segmentation?, number? , level?, largest? }] is told by these. */
  get segmentList() {
    return (this.#segmentations?.all ?? []).flatMap(({ id, segments }) => segments.map((one) => ({ ...one, id })));
  }

  // --- a click

  /** The place that is seen under a ray, LPS mm, or null. */
  placeUnder(ray) {
    const { box } = this;
    const places = [...this.#segments]
      .filter(([name]) => this.#isSeen(name))
      .map(([, { mesh }]) => firstOnMesh(mesh, ray, box));
    const { grid } = this;
    if (this.mode === "surface") places.push(this.#onSurfaces(ray, box, grid));
    else if (grid && this.mode === "composite") {
      places.push(firstOpaque(grid, ray, box, opacityFunction((grid.stored ? storedCurves(this.curves, grid.stored) : this.curves).opacities)));
    } else if (grid && !nearestOf(ray, places)) places.push(brightest(grid, ray, box));
    return nearestOf(ray, places);
  }

  #onSurfaces(ray, box, grid) {
    const shown = this.surfaces.filter(({ isShown, opacity }) => isShown && opacity > 0);
    const hit = (one) => {
      if (grid && !grid.stored && !one.largest) return firstAtLevel(grid, ray, box, one.level);
      const known = this.#surfaces.get(`${SURFACE}${this.surfaces.indexOf(one)}`);
      return known ? firstOnMesh(known.mesh, ray, box) : null;
    };
    const solid = shown.filter(({ opacity }) => opacity >= LEAST_OPAQUE).map(hit);
    return nearestOf(ray, solid) ?? nearestOf(ray, shown.map(hit));
  }

  #isSeen(name) {
    const [, id, number] = name.match(/^segment:(.*):(\d+)$/);
    return this.#segmentations.isShown(id, Number(number)) && this.#segmentations.display(id).opacity > 0;
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }

  #fault(error) {
    this.dispatchEvent(new CustomEvent("fault", { detail: { error } }));
  }
}

/** How the server keeps values as bytes (app/imaging/scenebuild.py): from the least to the largest of its curves. */
function storedScale({ mode, preset, window }, composite) {
  const curves = composite[preset];
  const values = mode === "composite" ? [...curves.colors, ...curves.opacities].map(([value]) => value) : edgesOf(window);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { stored: (value) => ((value - low) / (high - low)) * 255, range: [0, 255], isFine: true };
}

const MARGIN = 0.25; // of a window's width, that its bytes reach beyond it
const edgesOf = ({ center, width }) => [center - (0.5 + MARGIN) * width, center + (0.5 + MARGIN) * width];
