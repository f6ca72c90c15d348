"""What a film is to show, from the JSON of a request, checked: which pictures, their looks, their pace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from app.archive import volumes
from app.archive.errors import BadParameter
from app.archive.volumes import Shown
from app.imaging.errors import N_
from app.imaging.film import (
    FORMATS,
    LEAST_FPS,
    MAX_FRAMES,
    MAX_SIDE,
    MOST_FPS,
    FilmStyle,
    check_film,
    film_size,
)
from app.imaging.reslice import PlaneName, plane_geometry
from app.storage.store import Store
from app.viewer.images import stack_images
from app.viewer.parameters import read_rendering
from app.viewer.planes import read_slab

PLANES: tuple[PlaneName, ...] = get_args(PlaneName)
STACK, PHASES = "stack", "phases"
# Passed on to the address of a picture as they are (:func:`app.viewer.parameters.read_rendering`).
_LOOKS = ("ww", "wc", "fn", "lut", "curve", "cmap", "invert", "overlays", "slab_mm", "projection")
PARAMETERS = ("plane", "over", "format", "fps", "width", "first", "last", "index", *_LOOKS)
"""What a film follows from, in the JSON of a request: nothing else of it is kept."""
_NUMBER = N_("%(field)s is “%(found)s”; a number from %(least)s to %(most)s is wanted.")
_LONGEST = 4000


@dataclass(frozen=True)
class FilmOrder:
    """A film of slices *first* to *last* of a plane, or of the images of a stack; or of the phases
    *first* to *last* of one slice of a plane, which is then *index*."""

    plane: str
    over: str
    first: int
    last: int
    index: int
    size: tuple[int, int]
    style: FilmStyle
    looks: Mapping[str, str]

    @property
    def count(self) -> int:
        """Frames."""
        return abs(self.last - self.first) + 1

    def steps(self) -> range:
        """The slices, images or phases in the order of the film; from a later one to an earlier one too."""
        step = 1 if self.last >= self.first else -1
        return range(self.first, self.last + step, step)


def read_film(body: object, shown: Shown, store: Store) -> FilmOrder:
    """The film of *shown* that the JSON of a request asks for.

    Raises
    ------
    BadParameter
        The message says what is wanted, ``field`` where.
    LimitExceeded
        It would be too large.
    """
    if not isinstance(body, dict):
        raise BadParameter("", N_("A JSON object is wanted."), "")
    looks = _looks(body)
    read_rendering(looks)
    plane = _one_of(body, "plane", PLANES if shown.is_volume else (STACK,))
    over = _one_of(body, "over", ("slices", PHASES) if shown.is_volume else ("slices",))
    pixels, spacing_mm, slices, samples = _extent(shown, store, plane)
    if looks["overlays"] == "1":
        samples = 3
    count = shown.summary.phase_count if over == PHASES else slices
    style = FilmStyle(_one_of(body, "format", FORMATS), _number(body, "fps", LEAST_FPS, MOST_FPS, 10))
    width = body.get("width")
    size = film_size(pixels, spacing_mm, None if width is None else _whole(body, "width", 1, MAX_SIDE, 0))
    order = FilmOrder(
        plane=plane,
        over=over,
        first=_whole(body, "first", 0, count - 1, 0),
        last=_whole(body, "last", 0, count - 1, count - 1),
        index=_whole(body, "index", 0, slices - 1, slices // 2),
        size=size,
        style=style,
        looks=looks,
    )
    if order.count > MAX_FRAMES:
        template = N_("The film would have %(found)s frames; at most %(most)s are made.")
        raise BadParameter("last", template, str(order.count), most=MAX_FRAMES)
    check_film(order.count, size, samples)
    return order


def _extent(shown: Shown, store: Store, plane: str) -> tuple[tuple[int, int], tuple[float, float], int, int]:
    """Pixels, spacing, number and samples per pixel of the pictures; of a stack the first image's."""
    if shown.is_volume:
        volume = volumes.load(shown, store)
        geometry = plane_geometry(volume.header.shape_ijk, volume.affine, plane_name(plane))
        spacing = (geometry.spacing_x_mm, geometry.spacing_y_mm)
        return (geometry.width, geometry.height), spacing, geometry.count, 1
    images = stack_images(shown, store)
    first = images[0].as_json()
    samples = 3 if any(image.is_colour for image in images) else 1
    spacing = (first["spacing_x_mm"], first["spacing_y_mm"])
    return (first["width"], first["height"]), spacing, len(images), samples


def plane_name(plane: str) -> PlaneName:
    """A plane's name that was checked before."""
    return next(name for name in PLANES if name == plane)


def _looks(body: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a picture's address; switches may be true and false."""
    looks = {"overlays": "0"}
    for name in _LOOKS:
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool):
            value = int(value)
        if not isinstance(value, int | float | str) or len(str(value)) > _LONGEST:
            raise BadParameter(
                name, N_("%(field)s is “%(found)s”; a number or a text is wanted."), str(value)
            )
        looks[name] = str(value)
    read_slab(looks)
    return looks


def _one_of(body: Mapping[str, Any], field: str, known: tuple[Any, ...]) -> Any:
    found = body.get(field, known[0])
    if found not in known:
        template = N_("%(field)s is %(found)s; one of %(known)s is wanted.")
        raise BadParameter(field, template, str(found), known=", ".join(known))
    return found


def _number(body: Mapping[str, Any], field: str, least: float, most: float, default: float) -> float:
    found = body.get(field, default)
    if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
        raise BadParameter(field, _NUMBER, str(found), least=f"{least:g}", most=f"{most:g}")
    return float(found)


def _whole(body: Mapping[str, Any], field: str, least: int, most: int, default: int) -> int:
    found = body.get(field, default)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        template = N_("%(field)s is “%(found)s”; a whole number from %(least)s to %(most)s is wanted.")
        raise BadParameter(field, template, str(found), least=least, most=most)
    return found
