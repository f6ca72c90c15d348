"""Oblique planes and slabs as PNG, and what their addresses say, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, get_args

from app.archive import volumes
from app.archive.errors import BadParameter
from app.archive.volumes import Shown
from app.imaging.errors import N_
from app.imaging.geometry import spacing_from_affine
from app.imaging.lattice import Interpolation, Projection
from app.imaging.oblique import InvalidPlane, ObliquePlane, diagonal_mm, extract_oblique
from app.imaging.reslice import PlaneName, plane_geometry
from app.imaging.slab import project_slab, slab_range
from app.storage.store import Store
from app.viewer.display import with_volume_lut
from app.viewer.parameters import NoSuchImage, Rendering, read_numbers
from app.viewer.pictures import volume_picture

_INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
_PROJECTIONS: tuple[Projection, ...] = get_args(Projection)
Name = TypeVar("Name", bound=str)


@dataclass(frozen=True)
class Slab:
    """How thick a slab is to be, in mm, and what is made of it."""

    thickness_mm: float
    projection: Projection

    @property
    def key(self) -> str:
        """The same text for the same slab."""
        return f"{self.thickness_mm!r},{self.projection}"


@dataclass(frozen=True)
class PlaneRequest:
    """A plane as its address asks for it."""

    plane: ObliquePlane
    interpolation: Interpolation
    slab: Slab | None

    @property
    def key(self) -> str:
        """The same text for the same plane."""
        numbers = (*self.plane.origin_lps, *self.plane.row_lps, *self.plane.column_lps, *self.plane.size_px)
        place = ",".join(repr(number) for number in (*numbers, self.plane.spacing_mm))
        return f"{place},{self.interpolation},{self.slab.key if self.slab else ''}"


def read_slab(arguments: Mapping[str, str]) -> Slab | None:
    """``slab_mm`` and ``projection`` (a maximum, unless it says otherwise); None without a thickness.

    Raises
    ------
    BadParameter
    """
    projection = _one_of(arguments, "projection", _PROJECTIONS)
    if "slab_mm" not in arguments:
        return None
    (thickness_mm,) = read_numbers(arguments, "slab_mm", 1)
    if thickness_mm < 0:
        template = N_("%(field)s is %(found)s; a number of at least 0 is wanted.")
        raise BadParameter("slab_mm", template, f"{thickness_mm:g}")
    return Slab(thickness_mm, projection) if thickness_mm else None


def read_plane(arguments: Mapping[str, str]) -> PlaneRequest:
    """``origin``, ``row``, ``col`` (x,y,z in LPS mm), ``size`` (width,height), ``spacing`` and the rest.

    Raises
    ------
    BadParameter
    """
    origin, row, column = (read_numbers(arguments, field, 3) for field in ("origin", "row", "col"))
    width, height = read_numbers(arguments, "size", 2)
    if width != int(width) or height != int(height):
        raise BadParameter(
            "size", N_("%(field)s is “%(found)s”; whole numbers are wanted."), arguments["size"]
        )
    (spacing_mm,) = read_numbers(arguments, "spacing", 1)
    interpolation: Interpolation = _one_of(arguments, "interpolation", _INTERPOLATIONS)
    slab = read_slab(arguments)
    try:
        plane = ObliquePlane(
            (origin[0], origin[1], origin[2]),
            (row[0], row[1], row[2]),
            (column[0], column[1], column[2]),
            (int(width), int(height)),
            spacing_mm,
        )
    except InvalidPlane as fault:
        raise named_fault(fault) from None
    return PlaneRequest(plane, interpolation, slab)


def plane_picture(shown: Shown, store: Store, wanted: PlaneRequest, rendering: Rendering) -> bytes:
    """Any plane of a volume as PNG; what lies outside the volume is black."""
    volume = volumes.load(shown, store)
    slab = wanted.slab or Slab(0.0, "mip")
    try:
        sampled = extract_oblique(
            volume.array,
            volume.affine,
            wanted.plane,
            interpolation=wanted.interpolation,
            slab_mm=slab.thickness_mm,
            projection=slab.projection,
        )
    except InvalidPlane as fault:
        raise named_fault(fault) from None
    return volume_picture(sampled.values, volume.header, with_volume_lut(rendering, shown, store, volume))


def slab_picture(
    shown: Shown, store: Store, plane: PlaneName, index: int, slab: Slab, rendering: Rendering
) -> bytes:
    """A slab of whole slices around slice *index* of a plane as PNG."""
    volume = volumes.load(shown, store)
    geometry = plane_geometry(volume.header.shape_ijk, volume.affine, plane)
    if index >= geometry.count:
        raise NoSuchImage(index, geometry.count)
    most = diagonal_mm(volume.array.shape, volume.affine)
    if slab.thickness_mm > most:
        template = N_("%(field)s is %(found)s; 0 to %(most)s mm are wanted, the diagonal of the volume.")
        raise BadParameter("slab_mm", template, f"{slab.thickness_mm:g}", most=f"{most:.0f}")
    spacing_mm = spacing_from_affine(volume.affine)[geometry.axes_ijk[2]]
    slices = slab_range(index, geometry.count, spacing_mm, slab.thickness_mm)
    values = project_slab(volume.array, geometry, slices, slab.projection)
    return volume_picture(values, volume.header, with_volume_lut(rendering, shown, store, volume))


def named_fault(fault: InvalidPlane) -> BadParameter:
    """A plane that cannot be meant, as a fault of the address and not of the data."""
    values = {"found": "", **fault.message.values}
    values.pop("field")
    return BadParameter(fault.field, fault.message.template, **values)


def _one_of(arguments: Mapping[str, str], field: str, known: tuple[Name, ...]) -> Name:
    """A name that *field* may have; the first where it is absent."""
    text = arguments.get(field, known[0])
    for name in known:
        if text == name:
            return name
    template = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
    raise BadParameter(field, template, text, known=", ".join(known))
