"""PyVista scenes as Bokeh documents: what a browser needs to draw a volume or its surfaces with vtk.js.

For child processes alone: PyVista, VTK and Panel take a second and 300 MB, and VTK ends its process rather
than raise. World of every scene is LPS mm; the first camera looks from the front.

Panel's pane draws each scene once before it describes it, for which the server would need OpenGL. Nothing of
that picture is used, so :func:`_still_pane` describes without drawing: no EGL, no OSMesa, and less time. It
also sets two of Panel's faults right, see there.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.imaging.colormap import colormap_table
from app.imaging.scene import MOST_PER_AXIS, SceneOrder, Source, SurfaceStyle
from app.imaging.scenemesh import isosurface_mesh
from app.imaging.scenepresets import COMPOSITES, UNIT_MM
from app.imaging.scenevolume import ByteVolume, byte_volume
from app.imaging.segments import Grid
from app.imaging.surface import Mesh, block_mean

PANEL_ROOT = "/static/vendor/panel/"
ENVIRONMENT = {
    # Without it VTK looks for an X server, and ends the process where its libraries are missing.
    "VTK_DEFAULT_OPENGL_WINDOW": "vtkOSOpenGLRenderWindow",
    # Panel names its style sheets by this address (app.vendor).
    "PANEL_CDN_ROOT": PANEL_ROOT,
    "BOKEH_RESOURCES": "cdn",
    "BOKEH_COMPRESSION_LEVEL": "1",
}
"""What a process needs before it imports PyVista and Panel: they read it then, once."""
# Farther than any window a reader sets in 3D, and still 8 HU a step where it is a whole CT.
_MARGIN = 0.25
_LIGHT = {"ambient": 0.15, "diffuse": 0.85, "specular": 0.2, "specular_power": 20.0}


def scene_json(array_kji: NDArray[Any], source: Source, order: SceneOrder) -> bytes:
    """The scene as JSON for ``Bokeh.embed.embed_item``.

    Raises
    ------
    ImagingError
        It would be too large, or cannot be drawn.
    """
    pyvista: Any = import_module("pyvista")
    grid = Grid.of(array_kji.shape[::-1], source.affine)
    plotter = pyvista.Plotter(off_screen=True, window_size=[64, 64])
    try:
        if order.mode == "surface":
            small, small_grid = block_mean(array_kji, grid, MOST_PER_AXIS[order.detail])  # once for all
            for style in order.surfaces:
                mesh = isosurface_mesh(small, small_grid, style.level, order.detail, largest=style.largest)
                _add_surface(plotter, mesh if mesh.faces.size else _nothing_at(grid), style)
        else:
            plotter.add_actor(_volume_actor(array_kji, grid, source, order), render=False)
        plotter.set_background("white" if order.mode == "mip_inverted" else "black")
        _look_from_the_front(plotter, grid)
        return _document(plotter)
    finally:
        plotter.close()
        plotter.deep_clean()


def _nothing_at(grid: Grid) -> Mesh:
    """A triangle without area in a corner of *grid*: a surface of nothing keeps its place among others."""
    corner = np.repeat(grid.matrix[None, :3, 3], 3, axis=0)
    return Mesh(corner.astype(np.float32), np.array([[0, 1, 2]], np.int32))


def _add_surface(plotter: Any, mesh: Mesh, style: SurfaceStyle) -> None:
    pyvista: Any = import_module("pyvista")
    surface = pyvista.PolyData.from_regular_faces(mesh.vertices_lps, mesh.faces)
    # Triangles already turn the right way; only their normals are missed.
    surface = surface.compute_normals(
        cell_normals=False, split_vertices=False, consistent_normals=False, auto_orient_normals=False
    )
    plotter.add_mesh(
        surface,
        color=tuple(part / 255 for part in style.color_rgb),
        opacity=style.opacity,
        smooth_shading=False,  # PyVista's way computes the normals again
        show_scalar_bar=False,
        render=False,
        **_LIGHT,
    ).prop.interpolation = "Phong"


def _volume_actor(array_kji: NDArray[Any], grid: Grid, source: Source, order: SceneOrder) -> Any:
    from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction
    from vtkmodules.vtkRenderingCore import vtkColorTransferFunction, vtkVolume, vtkVolumeProperty
    from vtkmodules.vtkRenderingVolumeOpenGL2 import vtkSmartVolumeMapper

    is_projection = order.mode != "composite"
    colors, opacities, shade = _projection(order, source) if is_projection else _composite(order, source)
    values = [value for value, *_rgb in colors] + [value for value, _opacity in opacities]
    volume = byte_volume(
        array_kji,
        grid,
        MOST_PER_AXIS[order.detail],
        low=min(values),
        high=max(values),
        keeps_highest=is_projection,
    )
    color, opacity = vtkColorTransferFunction(), vtkPiecewiseFunction()
    for value, *rgb in colors:
        color.AddRGBPoint(volume.byte_of(value), *rgb)
    for value, part in opacities:
        opacity.AddPoint(volume.byte_of(value), part)
    looks = vtkVolumeProperty()
    looks.SetColor(color)
    looks.SetScalarOpacity(opacity)
    looks.SetScalarOpacityUnitDistance(UNIT_MM)
    looks.SetDisableGradientOpacity(1)  # Panel switches it on otherwise: black holes
    looks.SetInterpolationTypeToLinear()
    looks.SetShade(int(shade))
    looks.SetAmbient(0.3)
    looks.SetDiffuse(0.7)
    looks.SetSpecular(0.1)
    mapper = vtkSmartVolumeMapper()
    if is_projection:
        mapper.SetBlendModeToMaximumIntensity()
    mapper.SetAutoAdjustSampleDistances(0)
    mapper.SetSampleDistance(0.7 * min(volume.spacing_mm))
    mapper.SetInputData(_image(volume))
    actor = vtkVolume()
    actor.SetMapper(mapper)
    actor.SetProperty(looks)
    return actor


def _image(volume: ByteVolume) -> Any:
    pyvista: Any = import_module("pyvista")
    image = pyvista.ImageData(
        dimensions=volume.grid.shape_ijk,
        spacing=volume.spacing_mm,
        origin=tuple(volume.grid.matrix[:3, 3]),
        direction_matrix=volume.direction,
    )
    image.point_data["values"] = volume.array.reshape(-1)  # (k, j, i) in C order is VTK's order
    image.set_active_scalars("values")
    return image


def _composite(order: SceneOrder, source: Source) -> tuple[Sequence[Any], Sequence[Any], bool]:
    curves = COMPOSITES[order.preset].absolute(source.percentiles)
    return curves.colors, curves.opacities, curves.shade


def _projection(order: SceneOrder, source: Source) -> tuple[Sequence[Any], Sequence[Any], bool]:
    """The window through the colour map; opaque everywhere, since the highest value alone is seen."""
    if order.window:
        center, width = order.window
    else:
        low, high = source.percentiles
        center, width = (low + high) / 2, high - low
    width = max(width, 1e-6)
    table = colormap_table(order.colormap) / 255
    if order.mode == "mip_inverted":
        table = table[::-1]
    steps = np.linspace(0, 255, 33).astype(int)
    low = center - width / 2
    colors = [(low + width * step / 255, *table[step]) for step in steps]
    # The bytes reach beyond the window, so that it can be moved in the browser.
    lowest, highest = low - _MARGIN * width, low + (1 + _MARGIN) * width
    colors = [(lowest, *table[0]), *colors, (highest, *table[-1])]
    return colors, [(lowest, 1.0), (highest, 1.0)], False


def _look_from_the_front(plotter: Any, grid: Grid) -> None:
    """Patient's right on screen left, head up, the whole grid in sight, whatever is drawn of it."""
    corners = np.array([(i, j, k, 1) for i in (0, 1) for j in (0, 1) for k in (0, 1)], np.float64)
    corners[:, :3] *= np.array(grid.shape_ijk) - 1
    placed = (grid.matrix @ corners.T)[:3].T
    middle, size = (placed.min(axis=0) + placed.max(axis=0)) / 2, np.ptp(placed, axis=0)
    # VTK's angle is 30 degrees from bottom to top; the near face of the box has to fit, with a little air.
    distance = 1.1 * max(size[0], size[2]) / 2 / np.tan(np.radians(15)) + size[1] / 2
    camera = plotter.camera
    camera.focal_point = tuple(middle)
    camera.position = (middle[0], middle[1] - float(distance), middle[2])
    camera.up = (0.0, 0.0, 1.0)
    camera.clipping_range = (float(distance) / 100, float(distance) * 4)


def _document(plotter: Any) -> bytes:
    from bokeh.embed import json_item

    pane = _still_pane()(
        plotter.ren_win,
        serialize_on_instantiation=True,
        orientation_widget=False,
        enable_keybindings=False,
        sizing_mode="stretch_both",
        margin=0,
    )
    return json.dumps(json_item(pane.get_root()), separators=(",", ":")).encode()


@lru_cache(maxsize=1)
def _still_pane() -> type:
    """``pn.pane.VTK`` of a whole scene, without its drawing and with two faults of it set right.

    Panel turns whole numbers to 32 bits one by one, which takes longer than all else; and it gives the
    direction of an image by rows where vtk.js reads columns, so that oblique volumes would lie elsewhere
    than their surfaces.
    """
    import panel
    from bokeh.util.serialization import make_globally_unique_id
    from panel.pane.vtk.vtk import VTKRenderWindow

    # By name: what these modules define has no types.
    serializer: Any = import_module("panel.pane.vtk.synchronizable_serializer")
    to_numpy: Any = import_module("vtkmodules.util.numpy_support").vtk_to_numpy
    panel.extension("vtk")

    class StillScene(VTKRenderWindow):  # type: ignore[misc]
        def _update(self, _ref: object, _model: object) -> None:
            context = serializer.SynchronizationContext(id_root=make_globally_unique_id())
            window = self.object
            name = context.getReferenceId(window)
            scene = serializer.serializeInstance(None, window, name, context, 0)
            scene["properties"]["numberOfLayers"] = 2  # the second is the browser's, for its orientation cube
            _turn_directions(scene)
            self._scene = scene
            self._arrays = {
                name: _bytes_of(to_numpy(held["array"])) for name, held in context.dataArrayCache.items()
            }
            self._annotations = context.getAnnotations()

    return StillScene


def _bytes_of(values: NDArray[Any]) -> bytes:
    """As the browser reads them: what has 64 bits here has 32 there."""
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        values = values.astype(np.uint32)
    return values.tobytes()


def _turn_directions(instance: dict[str, Any]) -> None:
    properties = instance.get("properties", {})
    if "direction" in properties:
        properties["direction"] = np.reshape(properties["direction"], (3, 3)).T.ravel().tolist()
    for dependency in instance.get("dependencies", ()):
        _turn_directions(dependency)
