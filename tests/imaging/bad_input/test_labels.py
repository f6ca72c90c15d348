"""Masks made to hurt: each file ends in segments or in a named refusal, fast, small, and quoting nobody."""

import random
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from app.imaging.errors import ImagingError, LimitExceeded, UnsupportedData
from app.imaging.formats.labelfile import read_labels
from app.imaging.labellayers import pack_layers
from app.imaging.limits import ReadLimits
from app.imaging.placement import place
from app.imaging.segments import Grid
from tests.imaging.bad_input.cases import _WILD_LINES
from tests.imaging.bad_input.damage import (
    ABSURD_NUMBERS,
    Found,
    elements_of,
    nested,
    retyped,
    revalued,
    without,
    wrong_types,
)
from tests.imaging.bad_input.sound import MARK, as_bytes
from tests.imaging.formats.samples import gz, nifti1, nrrd, written
from tests.imaging.formats.segsamples import COLUMNS, ROWS, described, frame, seg, shape
from tests.imaging.measuring import bounded

MIB = 1024 * 1024
# Around all of the samples.
AROUND = np.array([[2.0, 0, 0, -20], [0, 2, 0, -40], [0, 0, 2, 20], [0, 0, 0, 1]])
TARGET = Grid.of((30, 40, 20), AROUND, "1.2.3")
LABELS = np.zeros((3, 4, 5), np.uint8)
LABELS[1, 1, 1:4], LABELS[2, 3, 4] = 1, 2
KEYS = "".join(
    f"Segment{n}_{key}:={text}\n"
    for n in range(2)
    for key, text in (
        ("Name", MARK), ("Color", "0.5 0.1 1"), ("LabelValue", n + 1), ("Layer", "0"),
        ("Extent", "0 4 0 3 0 2"), ("Tags", f"TerminologyEntry:{MARK}~SCT^1^A~SCT^2^{MARK}~^^|"),
    )
)  # fmt: skip


def slicer() -> bytes:
    head, body = nrrd(LABELS).split(b"\n\n", 1)
    return head + b"\n" + KEYS.encode() + b"\n" + body


@cache
def segmentation(kind: str) -> bytes:
    """A sound segmentation of 3 frames of two segments, with a name in each free text."""
    masks = np.array([shape(k) for k in range(3)]) * (1 if kind != "FRACTIONAL" else 200)
    places = [((10, -20, 30 + 3 * k), None if kind == "LABELMAP" else 1 + k % 2) for k in range(3)]
    code = {"CodeValue": "1", "CodingSchemeDesignator": "SCT", "CodeMeaning": MARK}
    texts = {"SegmentedPropertyTypeCodeSequence": code, "RecommendedDisplayCIELabValue": [1, 2, 3]}
    dataset = seg(
        masks,
        [frame(position, number) for position, number in places],
        [described(1, MARK, **texts), described(2, MARK, **texts)],
        kind=kind,
        PatientName=f"{MARK}^Quill",
        ContentDescription=MARK,
    )
    return as_bytes(dataset)


@pytest.fixture
def watched() -> Iterator[None]:
    """Fails the test when it takes more than 64 MiB."""
    with bounded(64 * MIB, seconds=60):
        yield


def ends_well(folder: Path, content: bytes) -> bool:
    """Whether the file holds segments that a volume can show; an error without a name fails the test."""
    path = folder / "upload"
    path.unlink(missing_ok=True)  # an earlier one may still be mapped
    path.write_bytes(content)
    try:
        image = read_labels(path)
        assert np.all(np.isfinite(image.grid.matrix))
        assert abs(np.linalg.det(image.grid.matrix[:3, :3])) > 0
        for segment in image.segments:
            assert segment.number >= 1
            assert all(a <= b for a, b in zip(segment.mask.box_ijk[1], image.grid.shape_ijk, strict=True))
            assert len(segment.name) <= 256
            assert not any(unicodedata.category(letter) == "Cc" for letter in segment.name)
        assert MARK not in " ".join(map(str, image.warnings))
        placed = place(image, TARGET, assume_same_place=True)
        pack_layers(placed.segments, TARGET.shape_kji)
    except ImagingError as fault:
        assert MARK not in str(fault)  # noqa: PT017 - a refusal is one of the two good ends
        return False
    return True


def damaged(data: bytes, element: Found) -> Iterator[bytes]:
    """The file with *element* missing, as other things, and with absurd numbers."""
    yield without(data, element)
    for vr, value in wrong_types(MARK):
        yield retyped(data, element, vr, value)
    if element.vr in ("DS", "IS"):
        for number in ABSURD_NUMBERS:
            yield revalued(data, element, number.encode())
    if element.vr == "US":
        for value in (0, 1, 2, 65535):
            yield revalued(data, element, struct.pack("<H", value))


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_any_element_of_a_segmentation_missing_or_absurd(tmp_path, watched, kind):
    whole = segmentation(kind)
    path = written(tmp_path, whole, "sound")
    assert len(read_labels(path).segments) == 2
    # Of segments and frames the first has what the others have.
    groups = (0x08, 0x20, 0x28, 0x62, 0x5200)
    told = [
        one for one in elements_of(whole) if one.tag >> 16 in groups and not re.search(r"\[[1-9]", one.path)
    ]
    ended = [ends_well(tmp_path, content) for element in told for content in damaged(whole, element)]
    assert len(ended) > 500


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_nested_cut_and_giant_segmentations(tmp_path, watched, kind):
    whole = segmentation(kind)
    for tenth in range(10):
        assert not ends_well(tmp_path, whole[: len(whole) * tenth // 10])
    for element in elements_of(whole):
        if element.vr == "SQ":
            at = element.value + 8
            ends_well(tmp_path, whole[:at] + nested(10_000) + whole[at:])
            for length in (0xFFFFFFFE, 0x7FFFFFFF):
                claim = struct.pack("<I", length)
                ends_well(tmp_path, whole[: element.value - 4] + claim + whole[element.value :])
        if element.keyword in ("Rows", "Columns"):
            assert not ends_well(tmp_path, revalued(whole, element, b"\xff\xff"))
        if element.keyword == "NumberOfFrames":
            for frames in (b"4", b"20001", b"2147483647"):
                assert not ends_well(tmp_path, revalued(whole, element, frames))


@pytest.mark.parametrize("make", [lambda: nrrd(LABELS), slicer], ids=["nrrd", "seg.nrrd"])
def test_any_line_of_an_nrrd_header_missing_or_wild(tmp_path, watched, make: Callable[[], bytes]):
    head, body = make().split(b"\n\n", 1)
    lines = head.split(b"\n")
    ended = []
    for n, line in enumerate(lines):
        mark = b":=" if b":=" in line else b": "
        name = line.partition(mark)[0]
        for value in (None, *_WILD_LINES, b"1e400", b"9" * 400, b"0 0 0", b"-3", b"\x1b[2J<b>", b"~" * 4000):
            put = [] if value is None else [name + mark + value]
            ended.append(
                ends_well(tmp_path, b"\n".join([*lines[:n], *put, *lines[n + 1 :]]) + b"\n\n" + body)
            )
    assert set(ended) == {True, False}


@pytest.mark.parametrize("seed", range(4))
def test_bytes_changed_by_chance(tmp_path, watched, seed):
    dice = random.Random(seed)
    files = [segmentation("BINARY"), segmentation("LABELMAP"), slicer(), gz(nifti1(LABELS)), nifti1(LABELS)]
    ended = []
    for n in range(150):
        raw = bytearray(files[n % len(files)])
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(raw))
            raw[at : at + dice.randint(1, 4)] = dice.choice(
                (b"\xff\xff", b"\0", b"-1", b"nan", dice.randbytes(3))
            )
        ended.append(ends_well(tmp_path, bytes(raw)))
    assert set(ended) == {True, False}


@pytest.mark.parametrize("line", ["data file: /etc/passwd", "datafile: LIST", "data file:=../../secret.raw"])
def test_a_detached_header_reads_no_file_of_the_server(tmp_path, line):
    head, body = slicer().split(b"\n\n", 1)
    path = written(tmp_path, head + b"\n" + line.encode() + b"\n\n" + body)
    with pytest.raises(UnsupportedData, match="points to another file"):
        read_labels(path)
    with pytest.raises(UnsupportedData, match="points to another file"):
        read_labels(written(tmp_path, nifti1(LABELS, magic=b"ni1\0")))


def bomb(header: bytes, size: int, lead: bytes = b"") -> bytes:
    """*lead*, then gzip of *header* and *size* zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    zeros = bytes(8 * MIB)
    parts = [lead, packer.compress(header), *(packer.compress(zeros) for _ in range(size // len(zeros)))]
    return b"".join([*parts, packer.flush()])


def test_a_bomb_is_refused_by_its_claim(tmp_path):
    # 3.9 GB of zeros deflate to 3.9 MB at the best; of so many voxels one volume is beyond the limit.
    claim = (3, 1000, 1000, 3900, 1, 1, 1, 1)
    with bounded(8 * MIB, seconds=1), pytest.raises(LimitExceeded):
        read_labels(written(tmp_path, gz(nifti1(LABELS, dim=claim))))
    head = nrrd(LABELS, sizes="1000 1000 3900", encoding="gzip", body=b"")
    with bounded(8 * MIB, seconds=1), pytest.raises(LimitExceeded):
        read_labels(written(tmp_path, head + gz(b"\0" * 1000)))
    # 1 GB, from a file of 1 MB: within the limit of a volume, but not of what deflates to so little.
    claim = (3, 1000, 1000, 1000, 1, 1, 1, 1)
    with bounded(8 * MIB, seconds=1), pytest.raises(LimitExceeded, match="bomb"):
        read_labels(written(tmp_path, gz(nifti1(LABELS, dim=claim))))


def test_a_bomb_that_is_allowed_is_read_slab_by_slab(tmp_path):
    claim = (3, 400, 400, 400, 1, 1, 1, 1)  # 64 MB of zeros
    path = written(tmp_path, bomb(nifti1(LABELS[:0], dim=claim)[:352], 64_000_000 + 8 * MIB))
    with bounded(24 * MIB, seconds=10), pytest.raises(UnsupportedData, match="no segment"):
        read_labels(path)


def test_labels_strewn_over_a_volume_do_not_fill_the_memory(tmp_path):
    # 200 labels, each with a voxel in two corners: 200 boxes of 128 × 128 × 57 voxels out of a few kB.
    voxels = np.zeros((128, 128, 256), np.uint8)
    voxels[0, 0, :200] = voxels[-1, -1, -200:] = np.arange(1, 201)
    path = written(tmp_path, nrrd(voxels, encoding="gzip", body=gz(voxels.tobytes())))
    limits = ReadLimits(max_pixels_bytes=100 * MIB)
    with bounded(32 * MIB, seconds=10), pytest.raises(LimitExceeded, match="take 186777600 bytes"):
        read_labels(path, limits)


def test_segments_of_one_voxel_in_huge_frames_take_their_boxes_alone(tmp_path):
    masks = np.zeros((2, 4096, 4096), np.uint8)
    masks[0, 7, 9] = masks[1, 4000, 4000] = 1
    frames = [frame((0, 0, 0), 1), frame((0, 0, 3), 2)]
    path = written(tmp_path, as_bytes(seg(masks, frames, [described(1), described(2)])))
    with bounded(40 * MIB, seconds=10):
        image = read_labels(path)
    assert [one.mask.voxels.size for one in image.segments] == [1, 1]
    assert image.grid.shape_ijk == (4096, 4096, 2)
    assert (ROWS, COLUMNS) == (6, 8)
