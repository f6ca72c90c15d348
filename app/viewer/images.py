"""The images behind a series, of a volume or of a stack: which file, how large, where in the patient."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from flask_babel import gettext as _

from app.archive import volumes
from app.archive.errors import NotFound
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.imaging.calibration import Region, SpacingSource
from app.imaging.geometry import direction_label
from app.imaging.sliceheader import SliceHeader
from app.imaging.window import Window, stored_windows
from app.storage.store import Store


@dataclass(frozen=True)
class StackImage:
    """One image of a stack as the viewer needs it.

    ``affine`` maps (i, j, 0) to LPS mm, where known; ``window`` is the first that the image brings;
    ``low_is_bright`` of MONOCHROME1.
    """

    columns: int
    rows: int
    spacing_mm: tuple[float, float] | None
    affine: tuple[tuple[float, ...], ...] | None
    letters: dict[str, str] | None
    is_colour: bool
    spacing_source: SpacingSource = "none"
    pixel_aspect: tuple[float, float] | None = None
    regions: tuple[Region, ...] = ()
    window: Window | None = None
    has_lut: bool = False
    low_is_bright: bool = False

    def as_json(self) -> dict[str, Any]:
        """The names that the page's script shares with planes of a volume."""
        # Without millimetres the picture still keeps its shape: height and width of a pixel.
        height, width = self.pixel_aspect or (1.0, 1.0)
        spacing_x, spacing_y = self.spacing_mm or (width / height, 1.0)
        return {
            "width": self.columns,
            "height": self.rows,
            "spacing_x_mm": spacing_x,
            "spacing_y_mm": spacing_y,
            "is_calibrated": self.spacing_mm is not None,
            "mm_note": mm_note(self.spacing_source),
            "regions": [asdict(region) for region in self.regions],
            "affine": self.affine,
            "letters": self.letters,
            "is_colour": self.is_colour,
            "low_is_bright": self.low_is_bright,
        }


def mm_note(source: SpacingSource) -> str:
    """By what right a length on the picture is in millimetres; "" where it is one in the patient."""
    words: dict[SpacingSource, str] = {
        "patient": "",
        "detector": _("at the detector"),
        "magnified": _("magnification corrected"),
        "region": _("in the calibrated region"),
        "none": "",
    }
    return words[source]


def stack_images(shown: Shown, store: Store) -> list[StackImage]:
    """What is known of each image of a stack, in its order."""
    return [stack_image(frame) for frame in volumes.stack_of(shown, store).frames]


def stack_image(frame: volumes.StackFrame) -> StackImage:
    """What is known of one image of a stack."""
    return _described(frame, slice_header(frame.path, frame.frame))


def image_path(shown: Shown, store: Store, index: int) -> Path:
    """The file of original image *index* of the shown part; of a phase, the images of that phase.

    Raises
    ------
    NotFound
        There is no such image.
    """
    frames = images_of(shown, store)
    if not 0 <= index < len(frames):
        raise NotFound
    return frames[index].path


def image_count(shown: Shown, store: Store) -> int:
    """Original images of the shown volume or stack."""
    return len(images_of(shown, store))


def images_of(shown: Shown, store: Store) -> tuple[volumes.StackFrame, ...]:
    """The original images that the shown volume was made of, by k, or those of the shown stack.

    The list of a part holds its phases one after another.
    """
    frames = volumes.stack_of(shown, store).frames
    phases = shown.summary.phases
    if not shown.is_volume or phases is None:
        return frames
    start = sum(phases.image_counts[: shown.phase])
    return frames[start : start + phases.image_counts[shown.phase]]


def _described(frame: volumes.StackFrame, header: SliceHeader | None) -> StackImage:
    if header is None:
        return StackImage(frame.columns, frame.rows, None, None, None, False)
    # Pixel Spacing is between rows, then between columns: y before x (PS3.3 10.7.1.3).
    spacing = (header.spacing[1], header.spacing[0]) if header.spacing else None
    affine = letters = None
    if header.orientation is not None:
        letters = _letters(header.orientation)
        if header.position is not None and spacing is not None:
            right, down = (np.array(header.orientation[n : n + 3]) for n in (0, 3))
            affine = _flat_affine(header.position, right * spacing[0], down * spacing[1])
    return StackImage(
        frame.columns,
        frame.rows,
        spacing,
        affine,
        letters,
        header.layout.is_colour,
        header.spacing_source,
        header.pixel_aspect,
        header.regions,
        next(iter(stored_windows(header.windows)), None),
        bool(header.voi_lut_names),
        header.layout.is_inverted,
    )


@lru_cache(maxsize=256)
def _letters(orientation: tuple[float, ...]) -> dict[str, str]:
    """The patient's directions at the four edges; thousands of images of a file share them."""
    right, down = (np.array(orientation[n : n + 3]) for n in (0, 3))
    return {
        "left": direction_label(-right),
        "right": direction_label(right),
        "top": direction_label(-down),
        "bottom": direction_label(down),
    }


def _flat_affine(origin: tuple[float, float, float], *steps: Any) -> tuple[tuple[float, ...], ...]:
    """(4, 4) rows with a zero third column: an image on its own has no step along k."""
    matrix = np.zeros((4, 4))
    matrix[:3, 0], matrix[:3, 1] = steps
    matrix[:3, 3] = origin
    matrix[3, 3] = 1
    return tuple(tuple(float(value) for value in row) for row in matrix)
