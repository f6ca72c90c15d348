"""The bad files, by name: what was damaged how. The names are the same in each process."""

import re
import struct
from collections.abc import Callable, Iterator, Sequence

from tests.imaging.bad_input.damage import (
    ABSURD,
    Found,
    elements_of,
    nested,
    retyped,
    revalued,
    without,
    wrong_types,
)
from tests.imaging.bad_input.sound import MARK, VOLUME_FILES, series

Case = tuple[str, list[bytes]]
Edit = Callable[[bytes, Found], bytes]
_TYPES = tuple(wrong_types(MARK))
_NIFTI_HEADER = 352
_WILD_WORDS = (
    b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\x28\x6b\x6e\x4e",
    b"\xff\x7f\xff\x7f", b"\0\0\x80\xbf", b"\1\0\0\0",
)  # fmt: skip
_WILD_LINES = (
    b"", b"0", b"-1", b"nan nan nan", b"1e9 1e9 1e9", b"99999999999 9 9", b"(0,0,0) (0,0,0) (0,0,0)",
    b"(nan,0,0) (0,1,0) (0,0,1)", b"(1e9,0,0) (0,1e9,0) (0,0,1e9)", b"(1,0,0) (1,0,0) (0,0,1)", b"none",
    MARK.encode(), b"../../secret.raw",
)  # fmt: skip
_BY_PIXELS = ("float", "jpeg-ls", "jpeg-2000", "jpeg-lossless", "jpeg", "rle")


def _telling(kind: str, every: bool) -> Sequence[Found]:
    """The elements of a kind's first file that are worth damaging, or all.

    Of frames the first has what the others have, and beside the pixels compressed series are as the CT's.
    """
    found = elements_of(series(kind)[0])
    if every:
        return found
    found = [element for element in found if not re.search(r"\[[1-9]", element.path)]
    if kind in _BY_PIXELS:
        return [element for element in found if element.tag >> 16 in (0x0002, 0x0028, 0x7FE0)]
    return found


def missing(kind: str, every: bool = False) -> Iterator[Case]:
    """Each element missing in turn, in all files of the series."""
    for element in _telling(kind, every):
        yield _edited(kind, element.path, without, f"without {element.keyword}")


def wrong_type(kind: str, every: bool = False) -> Iterator[Case]:
    """Each element as other VRs: two of them in turn, or all."""
    count = len(_TYPES) if every else 1 if kind.startswith("enhanced") else 2
    for number, element in enumerate(_telling(kind, every)):
        for n in range(count):
            vr, value = _TYPES[(2 * number + n) % len(_TYPES)]
            if element.vr == vr and vr != "SQ":
                continue
            yield _edited(kind, element.path, lambda data, at, v=vr, w=value: retyped(data, at, v, w),
                          f"{element.keyword} as {vr} {value[:12]!r}")  # fmt: skip


def absurd(kind: str, every: bool = False) -> Iterator[Case]:
    """Values that cannot be meant, in all files of the series; of CT and PET in the last one alone, too."""
    files = series(kind)
    for element in _telling(kind, every):
        for value in ABSURD.get(element.keyword, ()):
            name = f"{element.keyword} = {value[:24]!r}"
            yield _edited(kind, element.path, lambda data, at, v=value: revalued(data, at, v), name)
            if len(files) > 1 and (every or kind in ("ct", "pet")):
                changed = _at_path(files[-1], element.path, lambda data, at, v=value: revalued(data, at, v))
                yield f"{name} in one", [*files[:-1], changed]


def cut(kind: str) -> Iterator[Case]:
    """The last file truncated at every tenth of it."""
    *others, last = series(kind)
    for tenth in range(10):
        yield f"cut at {tenth}/10", [*others, last[: len(last) * tenth // 10]]


def deep(kind: str) -> Iterator[Case]:
    """Sequences 400 and 100,000 deep: at the top, in each sequence that is there, and behind the pixels."""
    *others, last = series(kind)
    found = elements_of(last)
    places = {"the top": next(one.start for one in found if one.tag >= 0x00080121)}
    places |= {one.path: one.value + 8 for one in found if one.vr == "SQ"}
    places["the end"] = len(last)
    for depth in (400, 100_000):
        for name, place in places.items():
            yield f"{depth} deep at {name}", [*others, last[:place] + nested(depth) + last[place:]]


def giant(kind: str) -> Iterator[Case]:
    """Rows × Columns × Frames beyond the limit, and claims of length beyond the file."""
    files = series(kind)
    top = [element for element in elements_of(files[0]) if element.path.count("/") == 1]
    paths = {element.keyword: element.path for element in top}
    big = struct.pack("<H", 65535)
    for rows, columns, frames in ((big, big, None), (big, big, b"20000"), (None, None, b"2147483647")):
        changed = files
        for keyword, value in (("Rows", rows), ("Columns", columns), ("NumberOfFrames", frames)):
            if value is not None and keyword in paths:
                changed = [_at_path(data, paths[keyword], _setting(value)) for data in changed]
        yield f"{'65535 × 65535' if rows else 'small'} × {frames!r}", changed
    for element in elements_of(files[-1]):
        at = element.value - 4
        data = files[-1]
        for length in (0xFFFFFFFE, 0x7FFFFFFF):
            if element.vr in ("SQ", "OB", "OW"):
                changed = [*files[:-1], data[:at] + struct.pack("<I", length) + data[at + 4 :]]
                yield f"{element.keyword} of {length} bytes", changed


def wild_headers(kind: str) -> Iterator[Case]:
    """NIfTI: each field of the header overwritten; NRRD: each line left out or made absurd."""
    (whole,) = series(kind)
    if kind == "nifti":
        for at in range(0, _NIFTI_HEADER - 4, 4):
            for value in _WILD_WORDS:
                yield f"byte {at} = {value.hex()}", [whole[:at] + value + whole[at + 4 :]]
        return
    head, body = whole.split(b"\n\n", 1)
    lines = head.split(b"\n")
    for n, line in enumerate(lines):
        name = line.partition(b":")[0]
        for line_value in (None, *_WILD_LINES):
            made = [] if line_value is None else [name + b": " + line_value]
            changed = b"\n".join([*lines[:n], *made, *lines[n + 1 :]])
            yield f"{name.decode()}: {line_value!r}", [changed + b"\n\n" + body]


def all_cases(kind: str, every: bool = False) -> Iterator[Case]:
    """Every case of a kind; with *every* also those that the suite leaves out."""
    if kind in VOLUME_FILES:
        yield from cut(kind)
        if kind != "nifti-gz":
            yield from wild_headers(kind)
        return
    for make in (cut, deep, giant):
        yield from make(kind)
    for make_some in (missing, absurd, wrong_type):
        yield from make_some(kind, every)


def _setting(value: bytes) -> Edit:
    return lambda data, at: revalued(data, at, value)


def edited(kind: str, path: str, edit: Edit) -> list[bytes]:
    """All files of the series with the element at *path* edited."""
    return [_at_path(data, path, edit) for data in series(kind)]


def _edited(kind: str, path: str, edit: Edit, name: str) -> Case:
    return name, edited(kind, path, edit)


def _at_path(data: bytes, path: str, edit: Edit) -> bytes:
    element = next(one for one in elements_of(data) if one.path == path)
    return edit(data, element)
