"""What can be done to the bytes of a sound file: elements cut out, retyped, given other values."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydicom.datadict import dictionary_keyword

_LONG = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV"))
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


@dataclass(frozen=True)
class Found:
    """One element: where it lies in the file, from its tag to its end."""

    tag: int
    vr: str
    start: int
    value: int
    end: int
    path: str

    @property
    def keyword(self) -> str:
        """Its name, or its tag where it has none."""
        try:
            return dictionary_keyword(self.tag) or f"{self.tag:08x}"
        except KeyError:
            return f"{self.tag:08x}"


@lru_cache(maxsize=64)
def elements_of(data: bytes) -> tuple[Found, ...]:
    """All elements of a sound explicit little endian file, file meta information and nested ones too."""
    found: list[Found] = []
    _walk(data, 132, len(data), "", found)
    return tuple(found)


def _walk(data: bytes, at: int, end: int, path: str, found: list[Found]) -> int:
    while at < end:
        group, number = struct.unpack_from("<HH", data, at)
        tag = group << 16 | number
        if tag in (_ITEM_END, _SEQUENCE_END):
            return at + 8
        vr = data[at + 4 : at + 6]
        if vr in _LONG:
            (length,), value = struct.unpack_from("<I", data, at + 8), at + 12
        else:
            (length,), value = struct.unpack_from("<H", data, at + 6), at + 8
        index, name = len(found), f"{path}/{tag:08x}"
        stop = value + length
        found.append(Found(tag, vr.decode(), at, value, stop, name))
        if length == _UNDEFINED:
            stop = _sequence(data, value, name, found) if vr == b"SQ" else _fragments(data, value)
            found[index] = Found(tag, vr.decode(), at, value, stop, name)
        at = stop
    return at


def _sequence(data: bytes, at: int, path: str, found: list[Found]) -> int:
    number = 0
    while struct.unpack_from("<HH", data, at) == (0xFFFE, 0xE000):
        at = _walk(data, at + 8, len(data), f"{path}[{number}]", found)
        number += 1
    return at + 8


def _fragments(data: bytes, at: int) -> int:
    while struct.unpack_from("<HH", data, at) == (0xFFFE, 0xE000):
        at += 8 + int(struct.unpack_from("<I", data, at + 4)[0])
    return at + 8


def encoded(tag: int, vr: str, value: bytes) -> bytes:
    """An explicit little endian element; its value is padded to an even length."""
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB", "UN") else b" "
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    if vr.encode() in _LONG:
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def without(data: bytes, element: Found) -> bytes:
    """The file without the element."""
    return data[: element.start] + data[element.end :]


def retyped(data: bytes, element: Found, vr: str, value: bytes) -> bytes:
    """The file with the element as another VR with another value."""
    return data[: element.start] + encoded(element.tag, vr, value) + data[element.end :]


def revalued(data: bytes, element: Found, value: bytes) -> bytes:
    """The file with another value in the element."""
    return retyped(data, element, element.vr, value)


def wrong_types(mark: str) -> Iterator[tuple[str, bytes]]:
    """VRs and values that an element may be found with although it should not."""
    yield "LO", f"{mark}^Quill".encode()
    yield "DS", b"NaN"
    yield "US", b"\xff\xff"
    yield "SQ", b""
    yield "UN", struct.pack("<f", float("nan"))
    yield "FD", struct.pack("<d", float("inf"))
    yield "UI", mark.encode() + b".1"
    yield "PN", f"{mark}^Quill=\\{mark}".encode()
    yield "OB", b""
    yield "IS", b"-99999999999"
    yield "SQ", struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    yield "AT", b"\x28\x00\x10\x00"
    yield "UT", b"\\" * 200


def nested(depth: int, tag: int = 0x00080121) -> bytes:
    """Sequences of undefined length in each other."""
    opened = struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, b"SQ", 0, _UNDEFINED)
    opened += struct.pack("<HHI", 0xFFFE, 0xE000, _UNDEFINED)
    closed = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return opened * depth + closed * depth


def text(*values: object) -> bytes:
    """Values of a DS, IS or CS."""
    return "\\".join(map(str, values)).encode()


ABSURD_NUMBERS = (
    "0",
    "-1",
    "NaN",
    "inf",
    "1e9",
    "1e300",
    "1e-320",
    "1e400",
    "",
    "abc",
    "1\\2\\3\\4\\5\\6\\7",
)
_SIZES = [text(a, a) for a in (0, -1, "NaN", 1e9, "inf", "1e-320", "abc")] + [b"", b"1", text(1, 2, 3)]
_US = [struct.pack("<H", n) for n in (0, 2, 3, 7, 9, 17, 32767, 65535)] + [b"", b"\1\0\2\0\3\0"]
_DISTANCES = [text(n) for n in ABSURD_NUMBERS]
ABSURD: dict[str, list[bytes]] = {
    "PixelSpacing": _SIZES,
    "ImagerPixelSpacing": _SIZES,
    "PixelAspectRatio": _SIZES,
    "SliceThickness": _DISTANCES,
    "SpacingBetweenSlices": _DISTANCES,
    "ImageOrientationPatient": [
        text(2, 0, 0, 0, 2, 0),  # not of unit length
        text(1, 0, 0, 0.7071, 0.7071, 0),  # not perpendicular
        text(1, 0, 0, 1, 0, 0),
        text(*[0] * 6),
        text(*["NaN"] * 6),
        text("1e200", 0, 0, 0, "1e200", 0),
        text(1, 0, 0, 0, 1),
        text(1, 0, 0, 0, 1, 0, 0),
        b"",
        b"abc",
    ],
    "ImagePositionPatient": [
        text("inf", 0, 0), text("NaN", "NaN", "NaN"), text(1e9, 0, 0), text("1e400", 0, 0),
        text(0, 0), text(0, 0, 0, 0), b"", b"abc",
    ],
    "RescaleSlope": [text(n) for n in (0, "NaN", "1e300", "-1e300", "1e-300", "inf", "1e400", "", "abc")],
    "RescaleIntercept": [text(n) for n in ("NaN", "1e300", "inf", "", "abc")],
    "DoseGridScaling": [text(n) for n in (0, "NaN", "1e300", "1e-300", "inf", "", "abc")],
    "RescaleType": [b"", b"Zzyzx^Quill", b"US"],
    "WindowWidth": _DISTANCES,
    "WindowCenter": _DISTANCES,
    "Rows": _US,
    "Columns": _US,
    "BitsAllocated": [*_US, *(struct.pack("<H", n) for n in (1, 12, 24, 32, 64))],
    "BitsStored": _US,
    "HighBit": _US,
    "SamplesPerPixel": _US,
    "PlanarConfiguration": _US,
    "PixelRepresentation": _US,
    "NumberOfFrames": [text(n) for n in (0, -1, 2**31, 2**31 - 1, 10**9, 20_001, "1.5", "NaN", "abc", "")],
    "PhotometricInterpretation": [
        b"RGB", b"PALETTE COLOR", b"YBR_FULL", b"YBR_FULL_422", b"YBR_RCT", b"Zzyzx", b"", b"MONOCHROME3",
    ],
    "PixelPaddingValue": _US,
    "GridFrameOffsetVector": [
        text(0, 0, 0), text(0, "NaN", 10), text(0, 1e9, 2e9), text(0, 5), text(7, 9, 20), b"", b"abc",
        text(0, 5, -3e5), text("inf", 0, 0),
    ],
    "SliceVector": [b"", struct.pack("<4H", 0, 0, 0, 0), struct.pack("<4H", 1, 1, 1, 1),
                    struct.pack("<4H", 1, 65535, 2, 3), struct.pack("<2H", 1, 2)],
    "NumberOfSlices": _US,
    "FrameTime": _DISTANCES,
    "PatientWeight": _DISTANCES,
    "RadionuclideTotalDose": _DISTANCES,
    "RadionuclideHalfLife": _DISTANCES,
    "RadiopharmaceuticalStartTime": [b"", b"999999", b"240000", b"abc", b"125959"],
    "RadiopharmaceuticalStartDateTime": [b"", b"99999999999999", b"19000101000000", b"abc"],
    "SeriesTime": [b"", b"999999", b"abc"],
    "SeriesDate": [b"", b"20249999", b"abc", b"00010101"],
    "AcquisitionTime": [b"", b"999999", b"abc"],
    "DecayCorrection": [b"", b"NONE", b"Zzyzx"],
    "CorrectedImage": [b"", b"Zzyzx"],
    "Units": [b"", b"Zzyzx", b"CNTS", b"GML"],
    "EstimatedRadiographicMagnificationFactor": _DISTANCES,
    "DistanceSourceToDetector": _DISTANCES,
    "DistanceSourceToPatient": _DISTANCES,
    "PhysicalDeltaX": [struct.pack("<d", n) for n in (0, float("nan"), float("inf"), 1e9, 1e-300, -1e300)],
    "PhysicalUnitsXDirection": _US,
    "RegionLocationMaxX1": [struct.pack("<I", n) for n in (0, 13, 2**31, 2**32 - 1)],
    "RegionLocationMinX0": [struct.pack("<I", n) for n in (12, 2**31, 2**32 - 1)],
    "DiffusionBValue": [struct.pack("<d", n) for n in (-1, float("nan"), float("inf"), 1e300)],
    "EffectiveEchoTime": [struct.pack("<d", n) for n in (-1, float("nan"), float("inf"), 1e300)],
    "LUTDescriptor": [b"", bytes(6), b"\xff" * 6, b"\1\0"],
    "LUTData": [b"", b"\1", bytes(2)],
    "RedPaletteColorLookupTableDescriptor": [b"", bytes(6), b"\xff" * 6, b"\1\0"],
    "RedPaletteColorLookupTableData": [b"", b"\1\0", bytes(31)],
    "60000010": _US,
    "60000011": _US,
    "60000015": [text(n) for n in (0, -1, 2**31, "abc")],
    "60000050": [struct.pack("<2h", -32768, -32768), struct.pack("<2h", 32767, 32767), b"", b"\1\0"],
    "60000051": _US,
    "60000100": _US,
    "60003000": [b"", b"\1\0"],
    "60020102": _US,
    "SpecificCharacterSet": [b"", b"Zzyzx", b"ISO 2022 IR 87", b"\\" * 64],
    "TransferSyntaxUID": [b"", b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.4.80",
                          b"1.2.840.10008.1.2.1.99", b"1.2.3", b"Zzyzx"],
    "SOPClassUID": [b"", b"Zzyzx", b"1.2.840.10008.1.3.10"],
    "InstanceNumber": [text(n) for n in ("", -1, 2**40, "abc", "1e400")],
}  # fmt: skip
"""By keyword or tag: values that no file can mean."""
