"""Making the files of a series' parts: arrays and headers of its volumes, lists of images, thumbnails."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.archive.parts import PartSummary, Phases, summary_of
from app.archive.room import check_disk
from app.archive.thumbnails import frame_thumbnail, volume_thumbnail
from app.imaging.errors import N_, ImagingError, LimitExceeded, Message, NotAVolume
from app.imaging.limits import ReadLimits
from app.imaging.parts import Part
from app.imaging.pixels import read_frame
from app.imaging.plan import VolumePlan, plan_volume
from app.imaging.sliceheader import SliceHeader, stack_order
from app.imaging.suv import SuvResult, to_suv
from app.imaging.volume import build_volume, load_volume
from app.imaging.volumeheader import VolumeHeader
from app.storage.store import Store

_UNLIKE_PHASES = N_("The volumes of the series do not lie on one grid.")
_SAME_PLACE_MM = 0.05  # positions of one place are written with other last digits from phase to phase
_MOST_ALIKE = 10  # warnings of one text with other numbers: there may be one for each of 10,000 images
_BYTES = 4  # a voxel, if it comes to float32


@dataclass(frozen=True)
class PlannedPart:
    """A part and what is to be made of it: a volume for each phase, or a stack for *reason*."""

    part: Part
    plans: tuple[VolumePlan, ...]
    reason: Message | None
    warnings: tuple[Message, ...] = ()
    suv: dict[str, Any] | None = None

    @property
    def voxels(self) -> int:
        """Voxels of all phases."""
        return sum(plan.shape_ijk[0] * plan.shape_ijk[1] * plan.shape_ijk[2] for plan in self.plans)


def in_suv(
    headers: Sequence[SliceHeader], limits: ReadLimits
) -> tuple[Sequence[SliceHeader], SuvResult | None]:
    """The headers of a series, those of PET in SUV where that can be computed; None for what is no PET.

    All images of the series go together: the earliest one decides to when the activity decayed.
    """
    if not headers or headers[0].modality != "PT":
        return headers, None
    return to_suv(headers, limits)


def plan_part(part: Part, suv: SuvResult | None, limits: ReadLimits) -> PlannedPart:
    """What is to be made of *part* of a series with these standardised uptake values."""
    remarks = () if suv is None else (*((suv.reason,) if suv.reason else ()), *suv.warnings)
    warnings = (*part.warnings, *remarks)
    try:
        plans = tuple(plan_volume(phase, limits) for phase in part.phases)
        if not all(_share_a_grid(plans[0], plan) for plan in plans):
            raise NotAVolume(_UNLIKE_PHASES)
    except (NotAVolume, LimitExceeded) as fault:
        return PlannedPart(part, (), fault.message, warnings)
    if not part.may_be_volume:  # a localizer is none, however evenly its images lie
        return PlannedPart(part, (), None, warnings)
    return PlannedPart(part, plans, None, warnings, suv.as_json() if suv else None)


def _share_a_grid(one: VolumePlan, other: VolumePlan) -> bool:
    near = np.allclose(one.affine, other.affine, rtol=0, atol=_SAME_PLACE_MM)
    return one.shape_ijk == other.shape_ijk and near


class PartMaker:
    """Writes the files of one revision of a series. *originals* names the stored file behind a path."""

    def __init__(
        self,
        store: Store,
        settings: Mapping[str, Any],
        limits: ReadLimits,
        series_id: str,
        revision: int,
        originals: Mapping[Path, str],
    ) -> None:
        self._store = store
        self._settings = settings
        self._limits = limits
        self._place = (series_id, revision)
        self._originals = originals

    def make(self, number: int, planned: PlannedPart, on_progress: Callable[[float], None]) -> PartSummary:
        """Part *number*: its volumes, or its stack where there are none or one cannot be built."""
        if planned.plans:
            try:
                return self._make_volumes(number, planned, on_progress)
            except ImagingError as fault:
                # One damaged slice must not hide the others: they are shown one by one.
                planned = replace(planned, plans=(), reason=fault.message)
        return self._make_stack(number, planned)

    def _make_volumes(
        self, number: int, planned: PlannedPart, on_progress: Callable[[float], None]
    ) -> PartSummary:
        check_disk(planned.voxels * _BYTES, self._store, self._settings)
        count = len(planned.plans)
        headers = []
        for phase, plan in enumerate(planned.plans):
            path = self._store.volume_array(*self._place, number, phase)
            header = build_volume(plan, path, _share(on_progress, phase, count), self._limits)
            header = replace(header, suv=planned.suv)
            self.write_header(number, phase, header)
            headers.append(header)
        self._write_stack(number, [slice_ for plan in planned.plans for slice_ in plan.slices])
        middle = count // 2
        self.write_thumbnail(number, middle, headers[middle])
        warnings = [Message.from_json(warning) for header in headers for warning in header.warnings]
        return self._summary(planned, "volume", [*planned.warnings, *warnings], summary_of(headers[0]))

    def _make_stack(self, number: int, planned: PlannedPart) -> PartSummary:
        ordered = stack_order(planned.part.headers)
        self._write_stack(number, ordered)
        middle = ordered[len(ordered) // 2]
        try:
            picture = frame_thumbnail(read_frame(middle.path, middle.frame, self._limits), middle)
            self._store.write(self._store.thumbnail(*self._place, number), picture)
        except ImagingError:
            pass  # the viewer says of each image why it cannot be shown
        remarks = [remark for header in ordered for remark in header.remarks]
        return self._summary(planned, "stack", [*planned.warnings, *remarks], None)

    def write_header(self, number: int, phase: int, header: VolumeHeader) -> None:
        """The header of one phase, beside its array."""
        path = self._store.volume_header(*self._place, number, phase)
        self._store.write(path, json.dumps(header.as_json()).encode())

    def write_thumbnail(self, number: int, phase: int, header: VolumeHeader) -> None:
        """The part's picture, of one of its phases."""
        array_path = self._store.volume_array(*self._place, number, phase)
        picture = volume_thumbnail(load_volume(array_path, header))
        self._store.write(self._store.thumbnail(*self._place, number), picture)

    def _write_stack(self, number: int, ordered: Sequence[SliceHeader]) -> None:
        frames = [
            {
                "sha256": self._originals[header.path],
                "frame": header.frame,
                "rows": header.rows,
                "columns": header.columns,
            }
            for header in ordered
        ]
        self._store.write(self._store.stack(*self._place, number), json.dumps({"frames": frames}).encode())

    @staticmethod
    def _summary(
        planned: PlannedPart, kind: Any, warnings: Sequence[Message], volume: dict[str, Any] | None
    ) -> PartSummary:
        part = planned.part
        return PartSummary(
            kind=kind,
            role=part.role,
            label=part.label,
            reason=planned.reason,
            warnings=_each_once(warnings),
            image_count=len(planned.part.headers),
            phases=_phases(part),
            volume=volume,
        )


def _phases(part: Part) -> Phases | None:
    if part.dimension is None:
        return None
    counts = tuple(len(phase) for phase in part.phases)
    return Phases(part.dimension.kind, part.dimension.unit, tuple(part.dimension.values), counts)


def _share(on_progress: Callable[[float], None], done: int, count: int) -> Callable[[float], None]:
    """The progress of number *done* of *count* equal steps."""
    return lambda fraction: on_progress((done + fraction) / count)


def _each_once(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Phases share most of their warnings; of those with other numbers in each image, the first few."""
    alike: Counter[str] = Counter()
    kept = []
    for message in {str(message): message for message in messages}.values():
        alike[message.template] += 1
        if alike[message.template] <= _MOST_ALIKE:
            kept.append(message)
    return tuple(kept)
