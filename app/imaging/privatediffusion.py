"""What makers of MR scanners say of diffusion in elements of their own.

A private element lies in the block that its maker has reserved in the group, wherever that is.

References
----------
PS3.5 7.8.1 (private elements). GE (0043,xx39) holds the b-value first, in newer programs with 10⁹ added;
Siemens (0019,xx0C) and (0019,xx0E) hold b-value and direction; Philips (2001,xx03) and (2005,xxB0 … B2).
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from app.imaging.spans import Span
from app.imaging.structure import FileStructure

_GE, _GE_ACQUISITION = "GEMS_PARM_01", "GEMS_ACQU_01"
_SIEMENS = "SIEMENS MR HEADER"
_PHILIPS, _PHILIPS_MR = "Philips Imaging DD 001", "Philips MR Imaging DD 001"
# Makers use the first blocks of a group.
_BLOCKS = range(0x10, 0x30)
_GE_MARK = 100_000
_MOST_B = 1e5
_MOST_BYTES = 256


@dataclass(frozen=True, slots=True)
class PrivateDiffusion:
    """b-value in s/mm², direction (GE's in axes of its own) and GE's number of the complex component."""

    b_value: float | None = None
    gradient: tuple[float, ...] = ()
    component: int | None = None


NO_PRIVATE = PrivateDiffusion()


def read_private_diffusion(structure: FileStructure) -> PrivateDiffusion:
    """The private elements of the file, for those of its makers that are known here."""
    siemens = _numbers(structure, 0x0019, _SIEMENS, 0x0C)
    if siemens:
        return PrivateDiffusion(_b_value(siemens[0]), _three(_numbers(structure, 0x0019, _SIEMENS, 0x0E)))
    philips = _numbers(structure, 0x2001, _PHILIPS, 0x03)
    if philips:
        axes = [_numbers(structure, 0x2005, _PHILIPS_MR, element) for element in (0xB0, 0xB1, 0xB2)]
        return PrivateDiffusion(_b_value(philips[0]), _three(tuple(axis[0] for axis in axes if axis)))
    component = _numbers(structure, 0x0043, _GE, 0x2F)
    b_value = _numbers(structure, 0x0043, _GE, 0x39)
    if not component and not b_value:
        return NO_PRIVATE
    axes = [_numbers(structure, 0x0019, _GE_ACQUISITION, element) for element in (0xBB, 0xBC, 0xBD)]
    return PrivateDiffusion(
        _b_value(b_value[0] % _GE_MARK if b_value[0] >= _GE_MARK else b_value[0]) if b_value else None,
        _three(tuple(axis[0] for axis in axes if axis)),
        int(component[0]) if component else None,
    )


def _b_value(found: float) -> float | None:
    return found if 0 <= found <= _MOST_B else None


def _three(found: tuple[float, ...]) -> tuple[float, ...]:
    return found if len(found) == 3 and any(found) and max(map(abs, found)) <= 2 else ()


def _numbers(structure: FileStructure, group: int, creator: str, element: int) -> tuple[float, ...]:
    """The numbers of a private element; () where its maker has no block or it holds no numbers."""
    for block in _BLOCKS:
        owner = structure.elements.get(group << 16 | block)
        if owner is not None and _bytes(structure, owner).strip(b"\0 ") == creator.encode("ascii"):
            span = structure.elements.get(group << 16 | block << 8 | element)
            return () if span is None else _decoded(structure, span)
    return ()


def _bytes(structure: FileStructure, span: Span) -> bytes:
    return bytes(structure.data[span.value : min(span.end, span.value + _MOST_BYTES)])


def _decoded(structure: FileStructure, span: Span) -> tuple[float, ...]:
    """By the written VR; without one, a text of numbers is one, and other bytes are floats or doubles."""
    raw = _bytes(structure, span)
    form = {"FL": "f", "FD": "d", "SS": "h", "US": "H", "SL": "i", "UL": "I"}.get(span.vr)
    if form is None:
        try:
            return _finite(float(part) for part in raw.strip(b"\0 ").split(b"\\"))
        except ValueError:
            form = {4: "f", 2: "h"}.get(len(raw), "d")
    size = struct.calcsize(form)
    order = "<" if structure.little_endian else ">"
    whole = raw[: len(raw) // size * size]
    return _finite(value for (value,) in struct.iter_unpack(order + form, whole))


def _finite(numbers: Iterable[float]) -> tuple[float, ...]:
    found = tuple(map(float, numbers))
    return found if all(map(math.isfinite, found)) else ()
