"""What sets one frame apart from another at the same place: time, diffusion, echo, heart phase, kind.

References
----------
PS3.3 C.7.6.16.2.2 (Frame Content), C.8.13.5 (MR functional groups), C.8.3.1 (MR Image).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameDimensions:
    """Where a frame stands among others of its series; None, "" or () where the file does not say.

    Attributes
    ----------
    temporal_position : number of the time step, from 1
    acquisition_seconds : float
        When it was acquired. Only differences mean something: the zero is a day long past, or midnight,
        or the start of the acquisition, and the same for all frames of a series.
    trigger_time_ms : after the R wave
    cardiac_percent : of the R-R interval
    b_value : s/mm²
    gradient : 3 floats
        Direction of the diffusion gradient, in the maker's own axes for some: to tell volumes apart only.
    echo_time_ms, echo_number, acquisition_number : as stated
    image_kind : str
        "M", "P", "R", "I", "WATER", "FAT", "ADC", …
    stack_id : str
        Of enhanced images; for nuclear medicine its energy window, detector and rotation, for a
        segmentation the segment.
    dimension_index : integers
        Dimension Index Values (0020,9157).
    """

    temporal_position: int | None = None
    acquisition_seconds: float | None = None
    trigger_time_ms: float | None = None
    cardiac_percent: float | None = None
    b_value: float | None = None
    gradient: tuple[float, ...] = ()
    echo_time_ms: float | None = None
    echo_number: int | None = None
    acquisition_number: int | None = None
    image_kind: str = ""
    stack_id: str = ""
    dimension_index: tuple[int, ...] = ()


NO_DIMENSIONS = FrameDimensions()
