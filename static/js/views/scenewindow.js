// The picture of the 3D view, drawn by vtk.js: one volume, surfaces by name, one camera. It draws when it is asked to
// and never by itself; while a hand moves it draws as coarsely as keeps it quick, and finely once that rests.
// Events: "drawn" (detail: { isFine, ms }), "lost" (the graphics went away), "found".

import { UNIT_MM } from "../lib/scenetransfer.js";
import { placeOfGrid } from "../lib/scenevolume.js";

const QUICK_MS = 45; // a picture while a hand moves
const SETTLE_MS = 160;
const LEAST_SCALE = 0.3;
const MOST_PIXELS = 3_000_000;
const COARSE = 2.2; // voxels from sample to sample while a hand moves
const FINE = 0.8;
const PATIENCE_MS = 1200; // a fine picture is as fine as comes in this time
const BLENDS = { composite: 0, mip: 1 };

export class SceneWindow extends EventTarget {
  #vtk;
  #container;
  #renderer;
  #over; // what a projection would cover, drawn over it
  #window;
  #gl;
  #interactor;
  #volume = null; // { actor, mapper, spacing }
  #grid = null;
  #surfaces = new Map(); // name → { actor, mapper, mesh }
  #planes = [];
  #camera = null;
  #frame = 0;
  #timer = 0;
  #scale = LEAST_SCALE; // of the canvas, while a hand moves
  #cost = 0; // of a volume: ms for each pixel and sample of a voxel
  #isMoving = false;
  #size = { width: 0, height: 0 };

  /**
   * @param container  the element that is filled with the canvas
   * @param vtk        what the bundle of vtk.js defines
   */
  constructor(container, vtk) {
    super();
    this.#vtk = vtk;
    this.#container = container;
    const { Core, OpenGL } = vtk.Rendering;
    this.#window = Core.vtkRenderWindow.newInstance();
    this.#renderer = Core.vtkRenderer.newInstance({ background: [0, 0, 0] });
    this.#over = Core.vtkRenderer.newInstance({ layer: 1, preserveColorBuffer: true, interactive: false });
    this.#over.setActiveCamera(this.#renderer.getActiveCamera());
    for (const renderer of [this.#renderer, this.#over]) this.#window.addRenderer(renderer);
    this.#window.setNumberOfLayers(2);
    this.#gl = OpenGL.vtkRenderWindow.newInstance();
    this.#gl.setContainer(container);
    this.#window.addView(this.#gl);
    // Mappers ask it how quick the pictures come; no event of the page goes to it.
    this.#interactor = Core.vtkRenderWindowInteractor.newInstance();
    this.#interactor.setView(this.#gl);
    this.#renderer.getActiveCamera().setParallelProjection(true);
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.dispatchEvent(new Event("lost"));
    });
    this.canvas.addEventListener("webglcontextrestored", () => this.dispatchEvent(new Event("found")));
  }

  get canvas() {
    return this.#gl.getCanvas();
  }

  /** In CSS pixels. */
  get size() {
    return this.#size;
  }

  /** What a click may meet: { name: { vertices, faces } } of the surfaces that are shown. */
  get meshes() {
    return [...this.#surfaces.values()].filter(({ actor }) => actor.getVisibility()).map(({ mesh }) => mesh);
  }

  get grid() {
    return this.#grid;
  }

  // --- what is shown

  /** Take a grid (lib/scenevolume.js) as the volume, or none. */
  setGrid(grid) {
    if (grid === this.#grid) return;
    if (this.#volume) {
      this.#renderer.removeVolume(this.#volume.actor);
      for (const part of [this.#volume.actor, this.#volume.mapper, this.#volume.image]) part.delete();
    }
    this.#volume = null;
    [this.#cost, this.#scale] = [0, LEAST_SCALE];
    this.#grid = grid;
    if (!grid) return;
    const { Core } = this.#vtk.Rendering;
    const { origin, spacing, direction } = placeOfGrid(grid);
    const image = this.#vtk.Common.DataModel.vtkImageData.newInstance();
    image.setDimensions(...grid.shape_ijk);
    image.setOrigin(...origin);
    image.setSpacing(...spacing);
    image.setDirection(...direction);
    const scalars = this.#vtk.Common.Core.vtkDataArray.newInstance({ name: "values", numberOfComponents: 1, values: grid.data });
    image.getPointData().setScalars(scalars);
    const mapper = Core.vtkVolumeMapper.newInstance({ autoAdjustSampleDistances: false, maximumSamplesPerRay: 4000 });
    mapper.setInputData(image);
    const actor = Core.vtkVolume.newInstance();
    actor.setMapper(mapper);
    actor.getProperty().setInterpolationTypeToLinear();
    this.#volume = { actor, mapper, image, spacing: Math.min(...spacing) };
    this.#clip(mapper);
    this.#renderer.addVolume(actor);
  }

  /**
   * How the volume is drawn.
   * @param curves { colors, opacities, shade } of lib/scenetransfer.js
   * @param blend  "mip" or "composite"
   */
  setCurves({ colors, opacities, shade = false }, blend) {
    if (!this.#volume) return;
    const { actor, mapper } = this.#volume;
    const color = this.#vtk.Rendering.Core.vtkColorTransferFunction.newInstance();
    for (const [value, ...rgb] of colors) color.addRGBPoint(value, ...rgb);
    const opacity = this.#vtk.Common.DataModel.vtkPiecewiseFunction.newInstance();
    for (const [value, alpha] of opacities) opacity.addPoint(value, alpha);
    const property = actor.getProperty();
    property.setRGBTransferFunction(0, color);
    property.setScalarOpacity(0, opacity);
    property.setScalarOpacityUnitDistance(0, UNIT_MM);
    property.setUseGradientOpacity(0, false); // a projection would have black holes
    property.setShade(shade);
    property.setAmbient(0.25);
    property.setDiffuse(0.75);
    property.setSpecular(0.25);
    property.setSpecularPower(12);
    if (this.#volume.how !== `${blend} ${shade}`) [this.#cost, this.#scale] = [0, LEAST_SCALE];
    this.#volume.how = `${blend} ${shade}`;
    mapper.setBlendMode(BLENDS[blend]);
  }

  showVolume(isShown) {
    this.#volume?.actor.setVisibility(isShown);
  }

  /**
   * Show a surface, or change how it is shown; with isOver before all else, as a maximum projection has no depth.
   * @param mesh  { vertices, normals, faces }; the same one again is not sent to the graphics anew
   */
  setSurface(name, mesh, { color, opacity = 1, isShown = true, isOver = false }) {
    const known = this.#surfaces.get(name);
    const one = known?.mesh === mesh ? known : this.#made(name, mesh, known);
    this.#put(one, isOver ? this.#over : this.#renderer);
    const property = one.actor.getProperty();
    property.setColor(...color);
    property.setOpacity(opacity);
    one.actor.setVisibility(isShown && opacity > 0);
    if (opacity < 1) one.actor.setForceTranslucent(true);
    else one.actor.setForceTranslucent(false);
  }

  #made(name, mesh, before) {
    if (before) this.removeSurface(name);
    const { Core } = this.#vtk.Rendering;
    const data = this.#vtk.Common.DataModel.vtkPolyData.newInstance();
    data.getPoints().setData(mesh.vertices, 3);
    const cells = new Uint32Array((mesh.faces.length / 3) * 4);
    for (let from = 0, to = 0; from < mesh.faces.length; from += 3, to += 4) {
      cells[to] = 3;
      cells[to + 1] = mesh.faces[from];
      cells[to + 2] = mesh.faces[from + 1];
      cells[to + 3] = mesh.faces[from + 2];
    }
    data.getPolys().setData(cells, 1);
    const normals = this.#vtk.Common.Core.vtkDataArray.newInstance({ name: "Normals", numberOfComponents: 3, values: mesh.normals });
    data.getPointData().setNormals(normals);
    const mapper = Core.vtkMapper.newInstance({ scalarVisibility: false });
    mapper.setInputData(data);
    const actor = Core.vtkActor.newInstance();
    actor.setMapper(mapper);
    const property = actor.getProperty();
    property.setInterpolationToPhong();
    property.setAmbient(0.12);
    property.setDiffuse(0.88);
    property.setSpecular(0.18);
    property.setSpecularPower(18);
    this.#clip(mapper);
    const one = { actor, mapper, data, mesh, renderer: null };
    this.#surfaces.set(name, one);
    return one;
  }

  #put(one, renderer) {
    if (one.renderer === renderer) return;
    one.renderer?.removeActor(one.actor);
    renderer.addActor(one.actor);
    one.renderer = renderer;
  }

  removeSurface(name) {
    const one = this.#surfaces.get(name);
    if (!one) return;
    this.#surfaces.delete(name);
    one.renderer?.removeActor(one.actor);
    for (const part of [one.actor, one.mapper, one.data]) part.delete();
  }

  /** Take away every surface whose name is not among these. */
  keepSurfaces(names) {
    for (const name of [...this.#surfaces.keys()]) if (!names.has(name)) this.removeSurface(name);
  }

  setBackground([red, green, blue]) {
    this.#renderer.setBackground(red, green, blue);
  }

  /** Show only what lies in a box [[low], [high]], LPS mm; null shows all. */
  setBox(box) {
    const { vtkPlane } = this.#vtk.Common.DataModel;
    const sides = box ? [0, 1, 2].flatMap((axis) => [[axis, 1, box[0]], [axis, -1, box[1]]]) : [];
    this.#planes = sides.map(([axis, sense, origin]) =>
      vtkPlane.newInstance({ origin: [...origin], normal: [0, 1, 2].map((one) => (one === axis ? sense : 0)) }),
    );
    for (const { mapper } of [...this.#surfaces.values(), this.#volume].filter(Boolean)) this.#clip(mapper);
  }

  #clip(mapper) {
    mapper.removeAllClippingPlanes();
    for (const plane of this.#planes) mapper.addClippingPlane(plane);
  }

  /** @param camera  of lib/scenecamera.js */
  setCamera(camera) {
    this.#camera = camera;
  }

  // --- when it is drawn

  /** Draw in the next frame; while a hand moves, quickly first. */
  render({ isMoving = false } = {}) {
    // How long a volume takes is known once it was drawn coarsely.
    const isNew = this.#hasVolume && !this.#cost;
    if (!isMoving && !isNew && this.#isMoving && this.#frame) return; // the fine one follows by itself
    clearTimeout(this.#timer);
    this.#isMoving = isMoving || isNew;
    if (this.#isMoving) this.#timer = setTimeout(() => this.#rest(), SETTLE_MS);
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** The fine picture; not before the coarse one, which may take longer than the hand rests. */
  #rest() {
    if (this.#frame) this.#timer = setTimeout(() => this.#rest(), SETTLE_MS);
    else this.render();
  }

  /** Draw at once, and finely. */
  renderNow() {
    clearTimeout(this.#timer);
    this.#isMoving = false;
    this.#draw();
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { width, height } = this.#container.getBoundingClientRect();
    if (!this.#camera || width < 2 || height < 2) return;
    this.#size = { width, height };
    this.#fit(this.#isMoving ? this.#scale : this.#hasVolume ? this.#fineScale(width * height) : 1);
    this.#look();
    this.#volume?.mapper.setSampleDistance(this.#volume.spacing * (this.#isMoving ? COARSE : FINE));
    const begun = performance.now();
    this.#gl.traverseAllPasses(); // the window would ask its interactor, which listens to nothing
    if (this.#isMoving) this.#pace(begun);
    this.dispatchEvent(new CustomEvent("drawn", { detail: { isFine: !this.#isMoving, ms: performance.now() - begun } }));
  }

  get #hasVolume() {
    return Boolean(this.#volume?.actor.getVisibility());
  }

  /** Learn how coarse a picture must be to be quick. */
  #pace(begun) {
    const gl = this.#gl.getContext();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits for the picture
    const ms = performance.now() - begun;
    const [width, height] = this.#gl.getSize();
    if (this.#hasVolume) this.#cost = ((ms * COARSE) / (width * height) + this.#cost) / (this.#cost ? 2 : 1);
    const wanted = this.#scale * Math.sqrt(QUICK_MS / Math.max(1, ms));
    this.#scale = Math.min(1, Math.max(LEAST_SCALE, wanted > this.#scale ? Math.min(wanted, this.#scale * 1.15) : wanted));
  }

  /** How large a fine picture may be where the processor draws it. */
  #fineScale(pixels) {
    const ms = (this.#cost * pixels * this.#ratio ** 2) / FINE;
    return Math.max(LEAST_SCALE, Math.min(1, Math.sqrt(PATIENCE_MS / Math.max(1, ms))));
  }

  get #ratio() {
    const { width, height } = this.#size;
    return Math.min(devicePixelRatio || 1, 2, Math.sqrt(MOST_PIXELS / (width * height)));
  }

  #fit(scale) {
    const { width, height } = this.#size;
    const size = [width, height].map((side) => Math.max(1, Math.round(side * this.#ratio * scale)));
    if (String(size) !== String(this.#gl.getSize())) this.#gl.setSize(...size);
  }

  #look() {
    const { focal_lps: focal, back, up, height_mm: height } = this.#camera;
    const camera = this.#renderer.getActiveCamera();
    camera.setFocalPoint(...focal);
    camera.setPosition(...focal.map((value, axis) => value + 1000 * back[axis]));
    camera.setViewUp(...up);
    camera.setParallelScale(height / 2);
    this.#renderer.resetCameraClippingRange();
  }

  delete() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.keepSurfaces(new Set());
    this.setGrid(null);
    this.#interactor.delete();
    this.#window.removeView(this.#gl);
    this.#gl.setContainer(null);
    this.#gl.delete();
    this.#window.delete();
  }
}
