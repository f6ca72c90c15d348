"""Where marks of a structured report lie in what is shown: in its space, on its planes, on its images."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from app.archive import volumes
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.imaging.errors import N_, Message
from app.imaging.formats.measurementreading import ReadMark
from app.imaging.reslice import PlaneName, plane_geometry
from app.imaging.sliceheader import SliceHeader
from app.models import Instance, db
from app.storage.store import Store

Points = NDArray[np.float64]

OTHER_SPACE = N_("A measurement lies in another frame of reference than this series.")
OTHER_IMAGE = N_("A measurement was made on an image that is not part of this series.")
NO_IMAGE = N_("A measurement lies on none of these images.")
NO_SUCH_PHASE = N_("A measurement belongs to a volume that is not part of this series.")
PLANES: tuple[PlaneName, ...] = get_args(PlaneName)
_COLOR = "#7fd4ff"  # as the viewer draws what is new
_WITHIN = 0.5  # of a step, or mm of an image
_FLAT_MM = 0.05  # so much may points lie apart along a plane's normal: seen along it nothing gets shorter
_LEAST = 1e-6


class Misplaced(Exception):
    """Why a mark has no place in what is shown."""

    def __init__(self, template: str) -> None:
        self.message = Message(template)


@dataclass
class Placing:
    """Finds the places of the marks of one report in *shown*."""

    shown: Shown
    store: Store
    _images: dict[tuple[str, int], int] = field(default_factory=dict)

    def mark(self, read: ReadMark) -> dict[str, Any]:
        """The mark as a browser would send it.

        Raises
        ------
        Misplaced
        """
        count = self.shown.summary.phase_count if self.shown.is_volume else 1
        if read.phase >= max(count, 1):
            raise Misplaced(NO_SUCH_PHASE)
        common = {"kind": read.kind, "label": read.label, "phase": read.phase, "color": _COLOR}
        if read.image is not None:
            return common | self._on_image(read)
        if not self._is_same_space(read.frame_of_reference_uid):
            raise Misplaced(OTHER_SPACE)
        points = np.array(read.points)
        return common | (self._in_patient(points) if self.shown.is_volume else self._in_stack(points))

    def _is_same_space(self, uid: str | None) -> bool:
        if self.shown.is_volume:
            own = volumes.load(self.shown, self.store).header.frame_of_reference_uid
        else:
            header = self._stack_header(0)
            own = header.frame_of_reference_uid if header else None
        return bool(uid) and uid == own

    def _in_patient(self, points: Points) -> dict[str, Any]:
        """On the plane of the volume that holds all points; else on the one that they span."""
        plane = self._volume_plane(points) or _spanned_plane(points)
        return {"space": "patient", "points": points.tolist(), "plane": plane}

    def _volume_plane(self, points: Points) -> dict[str, Any] | None:
        volume = volumes.load(self.shown, self.store)
        best: tuple[float, dict[str, Any]] | None = None
        for name in PLANES:
            geometry = plane_geometry(volume.header.shape_ijk, volume.affine, name)
            to_lps = volume.affine @ np.vstack((geometry.to_ijk, (0, 0, 0, 1)))
            away = _pixels_of(to_lps, points)[:, 2]
            if float(np.ptp(away)) * float(np.linalg.norm(to_lps[:3, 2])) > _FLAT_MM:
                continue
            index = min(max(round(float(away.mean())), 0), geometry.count - 1)
            off = float(np.abs(away - index).max())
            # A point lies on all planes: then the acquired one is meant.
            off += 0.0 if geometry.is_acquired else _LEAST
            if off <= _WITHIN and (best is None or off < best[0]):
                best = off, _plane(name, index, to_lps)
        return best[1] if best else None

    def _in_stack(self, points: Points) -> dict[str, Any]:
        """On the nearest image: a stack is measured in pixels, each image on its own."""
        best: tuple[float, int, Points] | None = None
        for index in range(len(volumes.stack_of(self.shown, self.store).frames)):
            to_lps = _image_map(self._stack_header(index))
            if to_lps is None:
                continue
            there = _pixels_of(to_lps, points)
            off = float(np.abs(there[:, 2]).max())
            if np.ptp(there[:, 2]) <= _FLAT_MM and off <= _WITHIN and (best is None or off < best[0]):
                best = off, index, there[:, :2]
        if best is None:
            raise Misplaced(NO_IMAGE)
        return self._on_pixels(best[1], best[2])

    def _on_image(self, read: ReadMark) -> dict[str, Any]:
        """Of a volume in the patient, as the image says where it lies; of a stack on the image."""
        assert read.image is not None
        uid, frame = read.image
        header = self._series_header(uid, frame)
        if header is None:
            raise Misplaced(OTHER_IMAGE)
        points = np.array(read.points)
        if not self.shown.is_volume:
            index = self._stack_index(header)
            if index is None:
                raise Misplaced(OTHER_IMAGE)
            return self._on_pixels(index, points)
        to_lps = _image_map(header)
        if to_lps is None:
            raise Misplaced(OTHER_IMAGE)
        flat = np.column_stack((points, np.zeros(len(points)), np.ones(len(points))))
        return self._in_patient((to_lps @ flat.T)[:3].T)

    def _on_pixels(self, index: int, points: Points) -> dict[str, Any]:
        return {
            "space": "image",
            "points": points.tolist(),
            "image": index,
            "spacing_mm": _spacing_at(self._stack_header(index), points),
            "plane": {"name": "stack", "index": index},
        }

    def _series_header(self, uid: str, frame: int) -> SliceHeader | None:
        """The header of frame *frame* of the instance *uid* of the series."""
        series = self.shown.series
        sha256 = db.session.scalar(
            select(Instance.sha256).where(
                Instance.series_row_id == series.id, Instance.sop_instance_uid == uid
            )
        )
        if sha256 is None or frame < 0:
            return None
        return slice_header(self.store.original(series.owner_id, sha256), frame)

    def _stack_header(self, index: int) -> SliceHeader | None:
        frames = volumes.stack_of(self.shown, self.store).frames
        return slice_header(frames[index].path, frames[index].frame) if index < len(frames) else None

    def _stack_index(self, header: SliceHeader) -> int | None:
        if not self._images:
            frames = volumes.stack_of(self.shown, self.store).frames
            self._images = {(str(one.path), one.frame): n for n, one in enumerate(frames)}
        return self._images.get((str(header.path), header.frame))


def _image_map(header: SliceHeader | None) -> Points | None:
    """(4, 4) of (x, y, mm along the normal, 1) → LPS mm; None of an image without a place."""
    if header is None or header.position is None or header.orientation is None or not header.spacing:
        return None
    right, down = (np.array(header.orientation[n : n + 3], np.float64) for n in (0, 3))
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1] = right * header.spacing[1], down * header.spacing[0]
    matrix[:3, 2], matrix[:3, 3] = np.cross(right, down), header.position
    return matrix


def _pixels_of(to_lps: Points, points_lps: Points) -> Points:
    """(n, 3): column, row, and steps along the normal."""
    there = np.linalg.inv(to_lps) @ np.column_stack((points_lps, np.ones(len(points_lps)))).T
    return np.asarray(there[:3].T, np.float64)


def _spacing_at(header: SliceHeader | None, points: Points) -> list[float] | None:
    """Millimetres between columns, then rows, at pixels of an image; None where they are not known.

    An ultrasound image tells them for its regions: a line that leaves the region has no length. The same as
    ``spacingAt`` in static/js/lib/markplane.js.
    """
    if header is None or header.spacing is None:
        return None
    regions = [(region, found) for region in header.regions if (found := region.mm_per_pixel)]
    if not regions:
        return [header.spacing[1], header.spacing[0]]
    for region, (between_rows, between_columns) in regions:
        low, high = (region.min_x - 0.5, region.min_y - 0.5), (region.max_x + 0.5, region.max_y + 0.5)
        if bool(np.all((points >= low) & (points <= high))):
            return [between_columns, between_rows]
    return None


def _plane(name: str, index: int, to_lps: Points) -> dict[str, Any]:
    """A plane of a volume as marks keep it; *to_lps* maps (x, y, index)."""
    right, down, normal = (to_lps[:3, n] for n in range(3))
    origin = to_lps[:3, 3] + index * normal
    return {
        "name": name,
        "index": index,
        "origin_lps": origin.tolist(),
        "right_lps": _unit(right),
        "down_lps": _unit(down),
        "normal_lps": _unit(normal),
        "thickness_mm": float(np.linalg.norm(normal)),
    }


def _spanned_plane(points: Points) -> dict[str, Any]:
    """The plane through points that lie on no plane of the volume; of a line one of those that hold it."""
    origin = points.mean(axis=0)
    _, _, axes = np.linalg.svd(np.vstack((points - origin, np.zeros((3, 3)))))
    right, down = axes[0], axes[1]
    return {
        "name": "oblique",
        "index": None,
        "origin_lps": origin.tolist(),
        "right_lps": _unit(right),
        "down_lps": _unit(down),
        "normal_lps": _unit(np.cross(right, down)),
        "thickness_mm": None,
    }


def _unit(vector: Sequence[float] | Points) -> list[float]:
    length = math.hypot(*vector)
    return [float(one) / length for one in vector]
