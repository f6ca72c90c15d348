"""Which detector, energy window, phase and time each frame of a nuclear medicine image belongs to.

References
----------
PS3.3 C.8.4.8 (NM Multi-frame: the vectors), C.8.4.12 (NM Multi-gated), C.8.4.14 (NM Phase).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from pydicom.datadict import keyword_dict

from app.imaging import values
from app.imaging.dimensions import FrameDimensions
from app.imaging.framevectors import read_integers
from app.imaging.items import ItemReader
from app.imaging.structure import FileStructure

# Frames that differ in one of these are no neighbours in space or in time.
_APART = {
    "EnergyWindowVector": "energy",
    "DetectorVector": "detector",
    "RotationVector": "rotation",
    "RRIntervalVector": "R-R",
}
_PHASES = keyword_dict["PhaseInformationSequence"]
_PHASE_TAGS = tuple(
    keyword_dict[keyword]
    for keyword in ("PhaseDelay", "ActualFrameDuration", "PauseBetweenFrames", "NumberOfFramesInPhase")
)
_MOST_PHASES = 1000


def nuclear_dimensions(
    structure: FileStructure, reader: ItemReader, common: FrameDimensions, frames: int
) -> list[FrameDimensions]:
    """The dimensions of each frame: those *common* to the file, and what the vectors say."""
    apart = {name: read_integers(structure, vector, frames) for vector, name in _APART.items()}
    apart = {name: vector for name, vector in apart.items() if len(set(vector)) > 1}
    slots = read_integers(structure, "TimeSlotVector", frames)
    phases = read_integers(structure, "PhaseVector", frames)
    steps = read_integers(structure, "TimeSliceVector", frames)
    # A time slice counts within its phase: over the phases the pairs are in order of time.
    pairs = list(zip(phases or (1,) * len(steps), steps, strict=True)) if steps else []
    order = {pair: number for number, pair in enumerate(sorted(set(pairs)), 1)}
    starts = _starts(reader, order)
    found = []
    for frame in range(frames):
        dimensions = replace(
            common, stack_id=", ".join(f"{name} {vector[frame]}" for name, vector in apart.items())
        )
        if pairs:
            dimensions = replace(
                dimensions,
                temporal_position=order[pairs[frame]],
                acquisition_seconds=starts.get(pairs[frame], common.acquisition_seconds),
            )
        if slots and max(slots) > 1:
            dimensions = replace(dimensions, cardiac_percent=_percent(slots, frame))
        found.append(dimensions)
    return found


def _percent(slots: Sequence[int], frame: int) -> float | None:
    """Where in the R-R interval a time slot begins; they divide it evenly."""
    percent = 100.0 * (slots[frame] - 1) / max(slots)
    return percent if 0 <= percent <= 100 else None


def _starts(reader: ItemReader, order: dict[tuple[int, int], int]) -> dict[tuple[int, int], float]:
    """Seconds from the first phase to the start of each (phase, time slice), where durations are given."""
    begins: list[tuple[float, float]] = []
    clock_ms = 0.0
    for item in islice(reader.items(reader.top, _PHASES), _MOST_PHASES):
        phase = reader.decode(item, _PHASE_TAGS)
        duration = values.number(phase, "ActualFrameDuration")
        count = values.integer(phase, "NumberOfFramesInPhase")
        if duration is None or duration <= 0 or count is None or count < 1:
            return {}
        clock_ms += values.number(phase, "PhaseDelay") or 0.0
        step = duration + (values.number(phase, "PauseBetweenFrames") or 0.0)
        begins.append((clock_ms, step))
        clock_ms += count * step
    if not begins or any(not 1 <= phase <= len(begins) for phase, _ in order):
        return {}
    return {
        (phase, number): (begins[phase - 1][0] + (number - 1) * begins[phase - 1][1]) / 1000
        for phase, number in order
    }
