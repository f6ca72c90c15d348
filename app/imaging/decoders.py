"""Which library reads which transfer syntax, and what its samples mean.

One package decodes everything: imagecodecs (BSD-3-Clause) carries libjpeg-turbo, CharLS, OpenJPEG
and its own PackBits, frees the interpreter's lock, and was the quickest or level with it in
each syntax (``benchmarks/decoders.py``). The family is taken from the codestream's own markers, not from
the transfer syntax, which some writers leave as it was. Nothing is kept between calls: threads may decode
at once.

References
----------
PS3.5 8.2 (the codestream controls), 8.2.1 to 8.2.4, A.4, G (RLE).
"""

from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID

from app.imaging.codestream import Codestream, read_codestream
from app.imaging.errors import (
    N_,
    ImagingError,
    InvalidElement,
    LimitExceeded,
    TruncatedFile,
    UnsupportedData,
)
from app.imaging.layout import PixelLayout
from app.imaging.limits import MIB
from app.imaging.samplesign import with_sign
from app.imaging.structure import EXPLICIT_BIG, EXPLICIT_LITTLE, GE_PRIVATE, IMPLICIT_LITTLE

RLE = "1.2.840.10008.1.2.5"
# JPEG .53 and .55 (progressive) are retired, and libjpeg-turbo reads them all the same. Not .52, .54, .56,
# .58 … .66: arithmetic coding and hierarchies, of which there is no sample to be held against.
_STREAMS = frozenset(
    f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55, 57, 70, 80, 81, 90, 91, 201, 202, 203)
)
_VIDEO = tuple(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109))
# Files that were compressed, or fragmented, without their transfer syntax being changed.
_NATIVE = frozenset((IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, GE_PRIVATE))
# Real images shrink to a fiftieth at most, empty ones to nothing: those are read up to this size.
_GROWTH_FREE = 64 * MIB
_GROWTH_RATIO = 1000
_END_OF_IMAGE, _START_OF_SCAN = b"\xff\xd9", b"\xff\xda"
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
# What a JPEG decoder finds where a cut stream should go on; equal pictures need none of it.
_TAILS = (bytes(64), b"\xa5" * 64)


@dataclass(frozen=True)
class Samples:
    """One decoded frame.

    Attributes
    ----------
    values : (rows, columns) or (rows, columns, samples) array
    photometric : str
        What the values are now: "RGB" where the decoder, or the codestream, made it so.
    bits : int
        The bits that a colour sample uses.
    """

    values: NDArray[Any]
    photometric: str
    bits: int


def require_decoder(syntax: str) -> None:
    """Raise :class:`UnsupportedData`, which names the transfer syntax, unless it can be decoded."""
    if syntax in _STREAMS or syntax == RLE or syntax in _NATIVE:
        return
    name = UID(syntax).name
    if syntax.startswith(_VIDEO):
        raise UnsupportedData(
            N_(
                "The transfer syntax %(name)s (%(uid)s) is video, which is not read. "
                "Ask for the images one by one."
            ),
            name=name,
            uid=syntax,
        )
    raise UnsupportedData(
        N_(
            "There is no decoder for the transfer syntax %(name)s (%(uid)s). "
            "Ask for the images uncompressed (Explicit VR Little Endian)."
        ),
        name=name,
        uid=syntax,
    )


def decode(frame: bytes, layout: PixelLayout) -> Samples:
    """The samples of one compressed *frame*.

    Raises
    ------
    UnsupportedData
        No decoder for the transfer syntax.
    LimitExceeded
        The frame would grow as no image does.
    InvalidElement, TruncatedFile
        The bytes cannot be decoded, end early, or state another image than the header.
    """
    require_decoder(layout.transfer_syntax_uid)
    _check_growth(len(frame), layout)
    try:
        if layout.transfer_syntax_uid == RLE:
            return _decode_rle(frame, layout)
        return _decode_stream(frame, layout)
    except (MemoryError, ImagingError):
        raise
    except Exception:
        # Each library raises its own subclasses of RuntimeError, and ValueError and OSError beside them.
        raise _undecodable(layout) from None


def _check_growth(size: int, layout: PixelLayout) -> None:
    """Some hundred bytes of JPEG 2000 or JPEG-LS are enough for any number of equal pixels: a bomb."""
    allowed = max(_GROWTH_FREE, _GROWTH_RATIO * size)
    if layout.frame_bytes > allowed:
        raise LimitExceeded(
            N_(
                "A compressed frame of %(size)s bytes claims %(wanted)s bytes, "
                "more than the %(limit)s allowed."
            ),
            size=size,
            wanted=layout.frame_bytes,
            limit=allowed,
        )


def _decode_stream(frame: bytes, layout: PixelLayout) -> Samples:
    stream = read_codestream(frame)
    if stream is None:
        raise _undecodable(layout)
    _check_stream(stream, layout)
    if stream.kind in ("jpeg", "jpeg_lossless"):
        values, photometric = _decode_jpeg(_whole_jpeg(frame, stream), stream, layout)
    elif stream.kind == "jpeg_ls":
        if not _has_end(frame):
            raise _cut_stream()  # CharLS counts zeros for seconds where bits are missing (2.4.3)
        # Contiguous also where the stream holds one component behind the other.
        values, photometric = np.ascontiguousarray(imagecodecs.jpegls_decode(frame)), layout.photometric
    else:
        values, photometric = _decode_jpeg_2000(frame[stream.start :], stream, layout)
    if values.shape != _shape(layout) or values.dtype.kind not in "iu":
        raise other_size(layout)
    if layout.is_colour and layout.samples > 1:
        return Samples(values, photometric, stream.precision)
    return Samples(with_sign(values, stream, layout), layout.photometric, stream.precision)


def _check_stream(stream: Codestream, layout: PixelLayout) -> None:
    """The stream must state the image that the header announces, before anything is allocated by it."""
    if (stream.rows, stream.columns) != (layout.rows, layout.columns):
        raise other_size(layout)
    if stream.components != layout.samples:
        raise InvalidElement(
            N_(
                "Samples per Pixel (0028,0002) is %(wanted)s, the compressed Pixel Data (7FE0,0010) "
                "has %(found)s components."
            ),
            wanted=layout.samples,
            found=stream.components,
        )
    if stream.precision > max(16, layout.bits_allocated) or stream.precision > 32:
        raise InvalidElement(
            N_(
                "Bits Allocated (0028,0100) is %(wanted)s, the compressed Pixel Data (7FE0,0010) "
                "has samples of %(found)s bits."
            ),
            wanted=layout.bits_allocated,
            found=stream.precision,
        )
    if not stream.is_possible:
        raise _undecodable(layout)


def _decode_jpeg(frame: bytes, stream: Codestream, layout: PixelLayout) -> tuple[NDArray[Any], str]:
    """Samples of a JPEG and their photometric; lossy YBR comes as RGB.

    Who is right about the colour? The stream's Adobe marker, component letters, subsampling and JFIF marker,
    in this order; Photometric Interpretation where they say nothing. Writers leave "RGB" there in error.
    """
    photometric = layout.photometric
    if stream.components != 3:
        return imagecodecs.jpeg8_decode(frame), photometric
    if stream.colour:
        photometric = "RGB" if stream.colour == "RGB" else "YBR_FULL"
    if stream.kind == "jpeg" and photometric in ("YBR_FULL", "YBR_FULL_422"):
        return imagecodecs.jpeg8_decode(frame, colorspace="YCBCR", outcolorspace="RGB"), "RGB"
    if photometric == "YBR_FULL_422":  # thinned-out chroma is filled up by the decoder
        photometric = "YBR_FULL"
    return imagecodecs.jpeg8_decode(frame, colorspace="RGB", outcolorspace="RGB"), photometric


def _decode_jpeg_2000(frame: bytes, stream: Codestream, layout: PixelLayout) -> tuple[NDArray[Any], str]:
    """Samples of a JPEG 2000 codestream and their photometric.

    YBR_RCT and YBR_ICT are transforms of the codestream; the decoder undoes them if it was told so there.
    """
    photometric = layout.photometric
    if stream.colour == "RGB" or photometric in ("YBR_RCT", "YBR_ICT"):
        photometric = "RGB"
    elif photometric == "YBR_FULL_422":  # all components have one size, as was checked
        photometric = "YBR_FULL"
    # High-throughput streams too: imagecodecs' OpenJPH is twice as quick, but runs for ever on damaged bytes,
    # or gives memory as it finds it for a picture (2026.3.6).
    return imagecodecs.jpeg2k_decode(frame, numthreads=1), photometric


def _decode_rle(frame: bytes, layout: PixelLayout) -> Samples:
    if layout.bits_allocated not in (8, 16, 32):
        raise _undecodable(layout)
    kind = np.dtype(f"<u{layout.bits_allocated // 8}")
    # The length of the buffer bounds what the segments may unpack to.
    planes = np.empty((layout.samples, layout.rows, layout.columns), kind)
    written = imagecodecs.dicomrle_decode(frame, kind, out=planes.data.cast("B"))
    if len(written) != planes.nbytes:
        raise _undecodable(layout)
    if layout.signed:
        planes = planes.view(kind.str.replace("u", "i"))
    values = planes[0] if layout.samples == 1 else np.ascontiguousarray(planes.transpose(1, 2, 0))
    photometric = "YBR_FULL" if layout.photometric == "YBR_FULL_422" else layout.photometric
    return Samples(values, photometric, layout.bits_stored)


def _whole_jpeg(frame: bytes, stream: Codestream) -> bytes:
    """*frame*, if nothing of its picture is missing: libjpeg makes up what it does not find.

    Raises
    ------
    TruncatedFile
        The end marker is missing, and the picture depends on what is put in its place.
    """
    if _has_end(frame):
        return frame
    if stream.process in _PROGRESSIVE:
        raise _cut_stream()  # whole scans may be missing
    one, other = (imagecodecs.jpeg8_decode(frame + tail + _END_OF_IMAGE) for tail in _TAILS)
    if not np.array_equal(one, other):
        raise _cut_stream()
    return frame + _END_OF_IMAGE


def _has_end(frame: bytes) -> bool:
    """Whether an end marker follows the last scan; neither marker can occur among coded bits."""
    return frame.rfind(_END_OF_IMAGE) > frame.rfind(_START_OF_SCAN)


def _shape(layout: PixelLayout) -> tuple[int, ...]:
    return (layout.rows, layout.columns, layout.samples)[: 2 if layout.samples == 1 else 3]


def _cut_stream() -> TruncatedFile:
    return TruncatedFile(
        N_("Truncated: a compressed frame of Pixel Data %(tag)s ends early. Copy it again from its source."),
        tag="(7FE0,0010)",
    )


def _undecodable(layout: PixelLayout) -> InvalidElement:
    return InvalidElement(
        N_("Pixel Data (7FE0,0010) cannot be decoded as %(syntax)s."),
        syntax=UID(layout.transfer_syntax_uid).name,
    )


def other_size(layout: PixelLayout) -> InvalidElement:
    """The fault of Pixel Data that is no image of Rows and Columns."""
    return InvalidElement(
        N_("Pixel Data (7FE0,0010) does not decode to %(columns)s × %(rows)s pixels."),
        columns=layout.columns,
        rows=layout.rows,
    )
