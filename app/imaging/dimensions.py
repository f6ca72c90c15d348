"""What sets one frame apart from another at the same place: time, diffusion, echo, heart phase, kind.

References
----------
PS3.3 C.7.6.16.2.2 (Frame Content), C.8.13.5 (MR functional groups), C.8.3.1 (MR Image).
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydicom.datadict import keyword_dict

from app.imaging import values
from app.imaging.functionalgroups import FrameElements
from app.imaging.privatediffusion import NO_PRIVATE, PrivateDiffusion

Number = TypeVar("Number", int, float)


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
    kernel : str
        Convolution Kernel (0018,1210): sharp and soft images of one scan lie at the same places.
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
    kernel: str = ""


NO_DIMENSIONS = FrameDimensions()
DIMENSION_TAGS = tuple(
    keyword_dict[keyword]
    for keyword in (
        "ImageType",
        "TemporalPositionIdentifier",
        "AcquisitionDateTime",
        "AcquisitionDate",
        "AcquisitionTime",
        "TriggerTime",
        "NominalPercentageOfCardiacPhase",
        "DiffusionBValue",
        "DiffusionGradientOrientation",
        "EchoTime",
        "EffectiveEchoTime",
        "EchoNumbers",
        "AcquisitionNumber",
        "StackID",
        "ComplexImageComponent",
        "ConvolutionKernel",
    )
)
_DATETIME = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})?(\d{2}(?:\.\d{1,6})?)?")
_TIME = re.compile(r"(\d{2})(\d{2})?(\d{2}(?:\.\d{1,6})?)?")
_DAY_S = 86400.0
_MOST_B = 1e5
_MOST_MS = 1e7
# The words that makers put into Image Type, and the one that stands for them here. The first group says
# more than the second: a water image is a magnitude image as well.
_SPECIFIC_KINDS = {
    **{word: word for word in ("WATER", "FAT", "IN_PHASE", "OUT_PHASE", "ADC", "FA", "TRACEW", "EXP")},
    **{"W": "WATER", "F": "FAT", "IP": "IN_PHASE", "OP": "OUT_PHASE", "OPP_PHASE": "OUT_PHASE"},
    **{"FF": "FAT_FRACTION", "FAT_FRACTION": "FAT_FRACTION", "TRACE": "TRACEW", "EADC": "EXP"},
    **{"T1_MAP": "T1_MAP", "T2_MAP": "T2_MAP", "T2_STAR_MAP": "T2_STAR_MAP", "R2_STAR_MAP": "R2_STAR_MAP"},
    **{"T1 MAP": "T1_MAP", "T2 MAP": "T2_MAP", "T2* MAP": "T2_STAR_MAP", "R2* MAP": "R2_STAR_MAP"},
}
_COMPONENTS = {
    **{"M": "M", "MAGNITUDE": "M", "P": "P", "PHASE": "P", "PHASE MAP": "P"},
    **{"R": "R", "REAL": "R", "I": "I", "IMAGINARY": "I"},
}
_GE_COMPONENTS = {0: "M", 1: "P", 2: "R", 3: "I"}


def read_dimensions(elements: FrameElements, private: PrivateDiffusion = NO_PRIVATE) -> FrameDimensions:
    """The dimensions of one frame, *private* standing in for what the standard's elements do not say."""
    b_value = _within(elements.number("DiffusionBValue"), 0, _MOST_B)
    gradient = _gradient(elements)
    return FrameDimensions(
        temporal_position=_first(
            elements.integer("TemporalPositionIndex"), elements.integer("TemporalPositionIdentifier")
        ),
        acquisition_seconds=_acquired(elements),
        trigger_time_ms=_first(
            _within(elements.number("NominalCardiacTriggerDelayTime"), 0, _MOST_MS),
            _within(elements.number("ActualCardiacTriggerDelayTime"), 0, _MOST_MS),
            _within(elements.number("TriggerTime"), 0, _MOST_MS),
        ),
        cardiac_percent=_within(elements.number("NominalPercentageOfCardiacPhase"), 0, 100),
        b_value=private.b_value if b_value is None else b_value,
        gradient=gradient or private.gradient,
        echo_time_ms=_first(
            _within(elements.number("EffectiveEchoTime"), 0, _MOST_MS),
            _within(elements.number("EchoTime"), 0, _MOST_MS),
        ),
        echo_number=elements.integer("EchoNumbers"),
        acquisition_number=_first(
            elements.integer("FrameAcquisitionNumber"), elements.integer("AcquisitionNumber")
        ),
        image_kind=_image_kind(elements, private),
        stack_id=_stack(elements),
        dimension_index=tuple(int(number) for number in elements.numbers("DimensionIndexValues")),
        kernel=" ".join(elements.texts("ConvolutionKernel")),
    )


def frame_type(elements: FrameElements) -> tuple[str, ...]:
    """Frame Type (0008,9007), else Image Type (0008,0008)."""
    return elements.texts("FrameType") or elements.texts("ImageType")


def _stack(elements: FrameElements) -> str:
    segment = elements.integer("ReferencedSegmentNumber")
    return elements.text("StackID") if segment is None else str(segment)


def _image_kind(elements: FrameElements, private: PrivateDiffusion) -> str:
    """What kind of image it is, as far as a series may hold several kinds of one place."""
    words = frame_type(elements)[2:]
    specific = next((_SPECIFIC_KINDS[word] for word in words if word in _SPECIFIC_KINDS), "")
    if specific:
        return specific
    derived = elements.texts("FrameType")[3:4]
    if derived and derived[0] not in ("NONE", "MIXED", ""):
        return derived[0]
    component = _COMPONENTS.get(elements.text("ComplexImageComponent"), "")
    if component or values.text(elements.header, "Modality") != "MR":
        return component
    stated = next((_COMPONENTS[word] for word in words if word in _COMPONENTS), "")
    return stated or _GE_COMPONENTS.get(private.component if private.component is not None else -1, "")


def _gradient(elements: FrameElements) -> tuple[float, ...]:
    for item in elements.items("DiffusionGradientDirectionSequence"):
        direction = elements.reader.decode(item, (keyword_dict["DiffusionGradientOrientation"],))
        return _direction(values.numbers(direction, "DiffusionGradientOrientation"))
    return _direction(elements.numbers("DiffusionGradientOrientation"))


def _direction(found: tuple[float, ...]) -> tuple[float, ...]:
    return found if len(found) == 3 and max(map(abs, found)) <= 2 and any(found) else ()


def _acquired(elements: FrameElements) -> float | None:
    """When the frame was acquired, in seconds from a zero that all frames of a series share."""
    for keyword in ("FrameReferenceDateTime", "FrameAcquisitionDateTime"):
        seconds = _datetime_seconds(elements.text(keyword))
        if seconds is not None:
            return seconds
    offset = elements.number("TemporalPositionTimeOffset")
    if offset is not None:
        return offset
    seconds = _datetime_seconds(elements.text("AcquisitionDateTime"))
    if seconds is not None:
        return seconds
    clock = _TIME.match(elements.text("AcquisitionTime").replace(":", ""))
    if clock is None:
        return None
    day = _day(elements.text("AcquisitionDate").replace(".", "").replace("-", ""))
    return day + _of_day(*clock.groups())


def _datetime_seconds(text: str) -> float | None:
    found = _DATETIME.match(text)
    return None if found is None else _day(text[:8]) + _of_day(*found.groups()[3:])


def _day(text: str) -> float:
    """Seconds up to the beginning of a day; 0 of what is none."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).toordinal() * _DAY_S
    except ValueError:
        return 0.0


def _of_day(hour: str, minute: str | None, second: str | None) -> float:
    return int(hour) * 3600 + int(minute or 0) * 60 + float(second or 0)


def _within(value: float | None, low: float, high: float) -> float | None:
    return value if value is not None and low <= value <= high else None


def _first(*found: Number | None) -> Number | None:
    return next((value for value in found if value is not None), None)
