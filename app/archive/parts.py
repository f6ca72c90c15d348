"""What the images of a series make: volumes, one for each phase, or stacks that say why not.

A part is what a student opens. The row of a series keeps a summary of each; the long headers lie beside
the arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from app.archive.errors import NotFound
from app.imaging.errors import Message
from app.imaging.volumeheader import VolumeHeader
from app.models import Series

Kind = Literal["volume", "stack", "failed"]
# What lists and the REST answer tell of a volume; the rest of its header is long and stays in its file.
_SUMMARY = (
    "shape_ijk", "spacing_mm", "affine", "orientation", "dtype", "unit", "windows", "value_range",
    "spacing_source", "resampling", "suv",
)  # fmt: skip


@dataclass(frozen=True)
class Phases:
    """What sets the volumes of a part apart: time, b-value, echo, …

    ``values`` has one for each volume, in their order; ``image_counts`` says how many original images each
    was made of.
    """

    kind: str
    unit: str
    values: tuple[float | str, ...]
    image_counts: tuple[int, ...]


@dataclass(frozen=True)
class PartSummary:
    """One part of a series.

    Attributes
    ----------
    kind : "volume", "stack" or "failed"
    role : str
        What the images are: "images", "localizer", "dose_page", …
    label : Message
        What it is, in words.
    reason : Message or None
        Why it is no volume.
    warnings : Messages
        What was done to the images, or must not be measured on them.
    image_count : int
        Original images.
    phases : Phases or None
        None where there is one volume, or none.
    volume : mapping or None
        The summary of the first volume's header.
    """

    kind: Kind
    role: str
    label: Message
    reason: Message | None
    warnings: tuple[Message, ...]
    image_count: int
    phases: Phases | None = None
    volume: Mapping[str, Any] | None = None

    @property
    def phase_count(self) -> int:
        """Volumes: 0 in a stack."""
        if self.kind != "volume":
            return 0
        return len(self.phases.values) if self.phases else 1

    def as_json(self) -> dict[str, Any]:
        """The form in which a series keeps it."""
        return {
            "kind": self.kind,
            "role": self.role,
            "label": self.label.as_json(),
            "reason": self.reason.as_json() if self.reason else None,
            "warnings": [warning.as_json() for warning in self.warnings],
            "image_count": self.image_count,
            "phases": asdict(self.phases) if self.phases else None,
            "volume": dict(self.volume) if self.volume else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "PartSummary":
        """The summary that :meth:`as_json` wrote."""
        phases = stored["phases"]
        return cls(
            kind=stored["kind"],
            role=stored["role"],
            label=Message.from_json(stored["label"]),
            reason=Message.from_json(stored["reason"]) if stored["reason"] else None,
            warnings=tuple(Message.from_json(warning) for warning in stored["warnings"]),
            image_count=stored["image_count"],
            phases=_phases(phases) if phases else None,
            volume=stored["volume"],
        )


def _phases(stored: Mapping[str, Any]) -> Phases:
    return Phases(stored["kind"], stored["unit"], tuple(stored["values"]), tuple(stored["image_counts"]))


def summary_of(header: VolumeHeader) -> dict[str, Any]:
    """What a part's summary keeps of its volume's header."""
    everything = header.as_json()
    return {name: everything[name] for name in _SUMMARY if name in everything}


def parts_of(series: Series) -> list[PartSummary]:
    """The parts of a prepared series, the one that opens first; none before."""
    return [PartSummary.from_json(stored) for stored in series.parts or ()]


def part_of(series: Series, part: int) -> PartSummary:
    """Part number *part*, from 0.

    Raises
    ------
    NotFound
        The series has no such part.
    """
    parts = series.parts or ()
    if not 0 <= part < len(parts):
        raise NotFound
    return PartSummary.from_json(parts[part])


def main_part(series: Series) -> int:
    """The number of the part that opens first: the first volume, else the first part."""
    kinds = [stored["kind"] for stored in series.parts or ()]
    return kinds.index("volume") if "volume" in kinds else 0


def main_volume(series: Series) -> Mapping[str, Any] | None:
    """The summary of the volume that opens first; None where the series makes none."""
    volumes = (stored["volume"] for stored in series.parts or () if stored["kind"] == "volume")
    return next(volumes, None)


def state_of(parts: Sequence[PartSummary]) -> tuple[str, Message | None]:
    """State and reason of a series of *parts*: "ready" as soon as one is a volume."""
    if any(part.kind == "volume" for part in parts):
        return "ready", None
    shown = next((part for part in parts if part.kind == "stack"), None)
    if shown is not None:
        return "stack", shown.reason
    return "failed", parts[0].reason if parts else None
