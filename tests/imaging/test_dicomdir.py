"""The index of a disc: real file sets, rewritten ones, and claims that cannot be."""

import struct
from collections import Counter
from pathlib import Path

import pytest

from app.imaging.dicomdir import MAX_DEPTH, Directory, is_directory, read_directory
from app.imaging.errors import ImagingError, UnsupportedData
from tests.shared_data import shared

SET = "data/zoo/dicomdir"
# What pydicom's own FileSet reads: images by patient.
PATIENTS = {"77654033": 7, "98890234": 24}
STUDY = "1.3.6.1.4.1.5962.1.1.0.0.0.1196527414.5534.0.1"


def index(name: str) -> Directory:
    return read_directory(shared(f"{SET}/{name}"))


@pytest.mark.parametrize(
    ("name", "stray", "is_damaged"),
    [
        ("DICOMDIR", 0, False),
        ("DICOMDIR-bigEnd", 0, False),
        ("DICOMDIR-implicit", 0, False),
        ("DICOMDIR-reordered", 0, False),
        # Elements were cut out, and the length around them left: an item ends 24 bytes behind the file.
        ("DICOMDIR-nooffset", 0, True),
        # The two patients have an unknown type, and no offset leads to them.
        ("DICOMDIR-nopatient", 2, False),
    ],
)
def test_each_way_to_write_it_names_the_same_files(name: str, stray: int, is_damaged: bool) -> None:
    found = index(name)
    assert (len(found.records), len(found.files), found.unsafe) == (52, 31, 0)
    assert (found.stray, found.is_damaged) == (stray, is_damaged)
    assert Counter(record.patient_id for record in found.records if record.path) == PATIENTS
    image = next(record for record in found.records if record.path == ("77654033", "CR1", "6154"))
    assert (image.kind, image.sop_class_uid) == ("IMAGE", "1.2.840.10008.5.1.4.1.1.1")
    assert image.sop_instance_uid == STUDY + "1"
    assert (image.study_instance_uid, image.series_instance_uid) == (STUDY, STUDY + "0")


def test_an_empty_index_names_nothing() -> None:
    assert index("DICOMDIR-empty.dcm") == Directory(())


def test_every_named_file_is_on_the_disc() -> None:
    folder = shared(f"{SET}/TINY_ALPHA")
    found = read_directory(folder / "DICOMDIR")
    assert (len(found.records), len(found.files)) == (53, 50)
    assert all(folder.joinpath(*path).is_file() for path in found.files)
    assert found.files[10] == ("PT000000", "ST000000", "SE000000", "IM00000A")


def test_another_dicom_file_is_no_index() -> None:
    path = shared(f"{SET}/77654033/CR1/6154")
    assert not is_directory(path)
    with pytest.raises(UnsupportedData):
        read_directory(path)


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2) if vr == b"UI" else b" " * (len(value) % 2)
    if vr in (b"SQ", b"OB"):
        return struct.pack("<HH2sHI", group, number, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def record(
    kind: str,
    following: int = 0,
    below: int = 0,
    *,
    file: bytes = b"",
    in_use: int = 0xFFFF,
    more: bytes = b"",
) -> bytes:
    body = (
        element(0x0004, 0x1400, b"UL", struct.pack("<I", following))
        + element(0x0004, 0x1410, b"US", struct.pack("<H", in_use))
        + element(0x0004, 0x1420, b"UL", struct.pack("<I", below))
        + element(0x0004, 0x1430, b"CS", kind.encode())
        + (element(0x0004, 0x1500, b"CS", file) if file else b"")
        + more
    )
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(body)) + body


def written(path: Path, *records: bytes, first: int = 0) -> Path:
    meta = element(2, 2, b"UI", b"1.2.840.10008.1.3.10") + element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1")
    path.write_bytes(
        bytes(128) + b"DICM" + meta
        + element(0x0004, 0x1200, b"UL", struct.pack("<I", first))
        + element(0x0004, 0x1220, b"SQ", b"".join(records))
    )  # fmt: skip
    return path


# Preamble, DICM, two UIDs with their heads, the first offset, the head of the sequence.
FIRST = 132 + 8 + 20 + 8 + 20 + 8 + 4 + 12
SIZE = len(record("IMAGE"))


@pytest.mark.parametrize(
    "offsets",
    [
        [(FIRST, FIRST)],  # a record beside and below itself
        [(FIRST + SIZE, FIRST + SIZE), (FIRST, FIRST)],  # two in a ring, both ways
        [(0xFFFFFFFF, 0xFFFFFFFE)],
        [(1, 3)],  # into the middle of nowhere
        [(FIRST + 4, FIRST + 9)],
    ],
)
def test_absurd_offsets_end_somewhere(tmp_path: Path, offsets: list[tuple[int, int]]) -> None:
    records = [record("IMAGE", following, below) for following, below in offsets]
    found = read_directory(written(tmp_path / "DICOMDIR", *records, first=FIRST))
    assert len(found.records) == len(offsets)


def test_a_long_chain_takes_no_stack(tmp_path: Path) -> None:
    size = len(record("IMAGE", file=b"A0000"))
    count = 5000
    records = [
        record("IMAGE", 0, FIRST + (n + 1) * size, file=b"A%04d" % n) for n in range(count)
    ]  # each below the one before
    found = read_directory(written(tmp_path / "DICOMDIR", *records, first=FIRST))
    assert (len(found.files), found.stray) == (count, 0)


@pytest.mark.parametrize(
    "name",
    [
        b"..\\ETC\\PASSWD", b"A\\..\\B", b"\\ETC\\PASSWD", b"/etc/passwd", b"A/../../B", b"C:\\WINDOWS",
        b"A\\\\B", b".\\A", b"A\\" * MAX_DEPTH + b"A", b"A" * 65, b"A\0B", b"A\xffB", b"\x1b(B",
    ],
)  # fmt: skip
def test_a_name_that_leads_astray_is_counted_and_not_followed(tmp_path: Path, name: bytes) -> None:
    path = written(
        tmp_path / "DICOMDIR", record("IMAGE", file=name), record("IMAGE", file=b"A\\B"), first=FIRST
    )
    found = read_directory(path)
    assert (found.files, found.unsafe) == ((("A", "B"),), 1)


def test_records_out_of_use_and_a_file_named_twice(tmp_path: Path) -> None:
    path = written(
        tmp_path / "DICOMDIR",
        record("IMAGE", file=b"OLD", in_use=0),
        record("IMAGE", file=b"NEW"),
        record("PRIVATE", file=b"NEW"),
    )
    found = read_directory(path)
    assert ([one.kind for one in found.records], found.files) == (["IMAGE", "PRIVATE"], (("NEW",),))


def test_without_offsets_the_records_before_say_whose_it_is(tmp_path: Path) -> None:
    def patient(name: bytes) -> bytes:
        return record("PATIENT", more=element(0x0010, 0x0020, b"LO", name))

    def study(uid: bytes) -> bytes:
        return record("STUDY", more=element(0x0020, 0x000D, b"UI", uid))

    path = written(
        tmp_path / "DICOMDIR",
        patient(b"A"), study(b"1.2"), record("IMAGE", file=b"ONE"),
        patient(b"B"), record("IMAGE", file=b"TWO"), study(b"1.3"), record("IMAGE", file=b"THREE"),
    )  # fmt: skip
    found = {
        one.path[0]: (one.patient_id, one.study_instance_uid)
        for one in read_directory(path).records
        if one.path
    }
    assert found == {"ONE": ("A", "1.2"), "TWO": ("B", ""), "THREE": ("B", "1.3")}


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_truncated_index_is_refused_or_marked(tmp_path: Path, tenth: int) -> None:
    data = shared(f"{SET}/DICOMDIR").read_bytes()
    path = tmp_path / "DICOMDIR"
    path.write_bytes(data[: len(data) * tenth // 10])
    try:
        found = read_directory(path)
    except ImagingError:
        return
    assert found.is_damaged
    assert len(found.files) <= 31


def test_items_nested_400_deep_are_refused(tmp_path: Path) -> None:
    nested = b""
    for _ in range(400):
        item = struct.pack("<HHI", 0xFFFE, 0xE000, len(nested)) + nested
        nested = struct.pack("<HH2sHI", 0x0004, 0x1220, b"SQ", 0, len(item)) + item
    path = written(tmp_path / "DICOMDIR", struct.pack("<HHI", 0xFFFE, 0xE000, len(nested)) + nested)
    with pytest.raises(ImagingError):
        read_directory(path)
