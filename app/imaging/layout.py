"""How the pixels of one instance are laid out, checked before any pixel is read.

References
----------
PS3.3 C.7.6.3 (Image Pixel), C.7.6.6 (Multi-frame); PS3.5 8.
"""

from dataclasses import dataclass
from functools import lru_cache

from pydicom.dataset import Dataset
from pydicom.uid import UID

from app.imaging import values
from app.imaging.errors import N_, InvalidElement, LimitExceeded, NoPixelData, TruncatedFile
from app.imaging.limits import ReadLimits
from app.imaging.spans import Span, tag_text
from app.imaging.structure import FileStructure

LAYOUT_TAGS = (
    0x00280002,  # Samples per Pixel
    0x00280004,  # Photometric Interpretation
    0x00280006,  # Planar Configuration
    0x00280008,  # Number of Frames
    0x00280010,  # Rows
    0x00280011,  # Columns
    0x00280100,  # Bits Allocated
    0x00280101,  # Bits Stored
    0x00280102,  # High Bit
    0x00280103,  # Pixel Representation
    0x20500020,  # Presentation LUT Shape
)
_INTEGER_PIXELS = 0x7FE00010
_FLOAT_BITS = {0x7FE00008: 32, 0x7FE00009: 64}
# The defined terms (PS3.3 C.7.6.3.1.2), retired ones too.
PHOTOMETRIC_TERMS = frozenset(
    (
        *("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "HSV", "ARGB", "CMYK", "XYB"),
        *("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT"),
    )
)
_OF_ONE_SAMPLE = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")


@dataclass(frozen=True)
class PixelLayout:
    """Shape, sample format and place of an instance's pixels.

    ``offset`` and ``length`` are bytes of ``FileStructure.data``: native pixels, or all fragments.
    ``is_inverse``: Presentation LUT Shape (2050,0020).
    """

    rows: int
    columns: int
    frames: int
    samples: int
    photometric: str
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    is_float: bool
    transfer_syntax_uid: str
    is_native: bool
    offset: int
    length: int
    is_inverse: bool = False

    @property
    def is_inverted(self) -> bool:
        """Whether the lowest value is to be shown white.

        MONOCHROME1 says so; Presentation LUT Shape INVERSE, which goes with it, says it once more and not the
        contrary (PS3.3 C.7.6.1, C.8.11.3). On MONOCHROME2, where it has no place, it can only mean this.
        """
        return not self.is_colour and (self.photometric == "MONOCHROME1" or self.is_inverse)

    @property
    def is_colour(self) -> bool:
        """Whether a pixel is a colour: three samples, or an index into a palette."""
        return self.samples > 1 or self.photometric == "PALETTE COLOR"

    @property
    def frame_bytes(self) -> int:
        """Bytes of one decoded frame, bit-packed ones counted as bytes."""
        return self.rows * self.columns * self.samples * max(1, self.bits_allocated // 8)

    @property
    def native_bytes(self) -> int:
        """Bytes that all frames take when they are not compressed (PS3.5 8.1.1, A.4.11)."""
        samples = self.rows * self.columns * self.frames * self.samples
        if self.bits_allocated == 1:
            return (samples + 7) // 8
        if self.photometric == "YBR_FULL_422" and self.samples == 3:
            return samples // 3 * 2 * (self.bits_allocated // 8)
        return samples * self.bits_allocated // 8


def read_layout(structure: FileStructure, header: Dataset, limits: ReadLimits) -> PixelLayout:
    """The layout of the instance's pixels, compared with the limits and the bytes that are there.

    Raises
    ------
    MissingElement, InvalidElement
        Rows, Columns, Bits Allocated and their like are absent or cannot be meant.
    LimitExceeded
        The pixels would take more than the limits once decoded.
    NoPixelData, TruncatedFile
        No pixels, or fewer bytes than rows × columns × … need.
    """
    span = structure.pixels()
    if span is None or span.claimed == 0 or (span.claimed is None and not span.fragments):
        raise NoPixelData(N_("The image has no Pixel Data (7FE0,0010)."))
    rows = values.require_integer(header, "Rows", 1, 65535)
    columns = values.require_integer(header, "Columns", 1, 65535)
    is_float = span.tag != _INTEGER_PIXELS
    bits = values.require_integer(header, "BitsAllocated", 1, 64)
    if bits not in (1, 8, 16, 32, 64) or _FLOAT_BITS.get(span.tag, bits) != bits:
        raise InvalidElement(N_("Bits Allocated (0028,0100) is %(found)s."), found=bits)
    stored = bits if is_float else _optional(header, "BitsStored", bits, 1, bits)
    syntax = structure.transfer_syntax_uid
    layout = PixelLayout(
        rows=rows,
        columns=columns,
        frames=_optional(header, "NumberOfFrames", 1, 1, 2**31 - 1),
        samples=_optional(header, "SamplesPerPixel", 1, 1, 4),
        photometric=values.text(header, "PhotometricInterpretation") or "MONOCHROME2",
        planar=_optional(header, "PlanarConfiguration", 0, 0, 1),
        bits_allocated=bits,
        bits_stored=stored,
        high_bit=bits - 1 if is_float else _optional(header, "HighBit", stored - 1, stored - 1, bits - 1),
        signed=_optional(header, "PixelRepresentation", 0, 0, 1) == 1,
        is_float=is_float,
        transfer_syntax_uid=syntax,
        is_native=span.claimed is not None and not _is_compressed(syntax),
        offset=span.value,
        length=min(span.end, len(structure.data)) - span.value,
        is_inverse=values.text(header, "PresentationLUTShape") == "INVERSE",
    )
    if layout.samples == 1 and layout.photometric not in _OF_ONE_SAMPLE:
        raise _unlike_one_sample(layout.photometric)
    _check_size(layout, limits)
    if span.claimed is not None:
        _check_length(layout, span, len(structure.data))
    return layout


def _unlike_one_sample(photometric: str) -> InvalidElement:
    if photometric in PHOTOMETRIC_TERMS:
        return InvalidElement(
            N_(
                "Photometric Interpretation (0028,0004) is %(photometric)s, "
                "but Samples per Pixel (0028,0002) is 1."
            ),
            photometric=photometric,
        )
    # What stands there may be anything, a name too, and is not to be quoted.
    return InvalidElement(N_("Photometric Interpretation (0028,0004) is none that is known."))


def _optional(header: Dataset, keyword: str, default: int, low: int, high: int) -> int:
    """An integer with a default when absent; a value that cannot be meant is still an error."""
    if not values.has_bytes(header, keyword):
        return default
    return values.require_integer(header, keyword, low, high)


def _check_size(layout: PixelLayout, limits: ReadLimits) -> None:
    claimed = layout.frame_bytes * layout.frames
    if layout.frame_bytes > limits.max_frame_bytes or claimed > limits.max_pixels_bytes:
        raise LimitExceeded(
            N_(
                "The image claims %(columns)s × %(rows)s pixels in %(frames)s frames: %(wanted)s bytes, "
                "more than the %(limit)s that are read."
            ),
            columns=layout.columns,
            rows=layout.rows,
            frames=layout.frames,
            wanted=claimed,
            limit=limits.max_frame_bytes if claimed <= limits.max_pixels_bytes else limits.max_pixels_bytes,
        )


def _check_length(layout: PixelLayout, span: Span, size: int) -> None:
    """Native pixels must all be there; compressed ones of a stated length must end within the file."""
    found = min(span.end, size) - span.value
    wanted = layout.native_bytes if layout.is_native else span.claimed or 0
    if found < wanted:
        raise TruncatedFile(
            N_(
                "Truncated: Pixel Data %(tag)s has %(found)s of %(wanted)s bytes. "
                "Copy it again from its source."
            ),
            tag=tag_text(span.tag),
            found=found,
            wanted=wanted,
        )


@lru_cache(maxsize=64)
def _is_compressed(transfer_syntax_uid: str) -> bool:
    syntax = UID(transfer_syntax_uid)
    return (
        syntax.is_transfer_syntax
        and not syntax.is_private
        and syntax.is_compressed
        and not syntax.is_deflated
    )
