"""Discs as uploads: the index says what is there and what is missing, and keeps nothing out."""

from pathlib import Path

import pytest

from app.archive import ingest as ingest_module
from app.archive.directories import MAX_DIRECTORIES
from tests.archive.conftest import Archive, series_of, zip_of
from tests.imaging.test_dicomdir import record, written
from tests.shared_data import shared

SET = "data/zoo/dicomdir"
VARIANTS = ["DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-implicit", "DICOMDIR-reordered", "DICOMDIR-nopatient"]


def disc(index: str = "DICOMDIR", prefix: str = "disc/") -> dict[str, bytes]:
    """The real file set with one of its indexes, as a folder upload names it."""
    root = shared(SET)
    files = {
        prefix + path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("77654033", "98892001", "98892003")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }
    return {prefix + "DICOMDIR": (root / index).read_bytes(), **files}


def test_a_whole_disc_as_a_folder(archive: Archive) -> None:
    report = archive.take(disc())
    (line,) = report.directories
    assert (line.name, line.records, line.files, line.missing) == ("disc/DICOMDIR", 52, 31, ())
    assert str(line.messages[0]) == "Index of a disc with 52 records. Files it names: 31, all in the upload."
    assert (report.accepted, report.refused) == (31, ())
    assert archive.left_over() == []


@pytest.mark.parametrize("index", [*VARIANTS, "DICOMDIR-nooffset"])
def test_each_variant_in_a_zip_with_files_missing(archive: Archive, index: str) -> None:
    files = disc(index)
    for name in ("77654033/CR1/6154", "98892003/MR700/4678", "98892001/CT2N/6293"):
        del files[f"disc/{name}"]
    (line,) = archive.take({"a disc.zip": zip_of(files)}).directories
    assert line.name == "a disc.zip/disc/DICOMDIR"
    assert (line.files, line.missing_count) == (31, 3)
    assert set(line.missing) == {"77654033/CR1/6154", "98892003/MR700/4678", "98892001/CT2N/6293"}
    texts = [str(message) for message in line.messages]
    assert texts[0].startswith(
        "Index of a disc with 52 records. Files it names: 31; not in the upload: 3 (77654033/CR1/6154, "
    )
    assert ("The index is damaged: it may have named more." in texts) == (index == "DICOMDIR-nooffset")


def test_names_compare_without_case_and_version(archive: Archive) -> None:
    files = {
        name if name.endswith("DICOMDIR") else f"{name.lower()}.;1": data for name, data in disc().items()
    }
    files["DISC/dicomdir;1"] = files.pop("disc/DICOMDIR")
    assert archive.take(files).directories[0].missing_count == 0


def test_files_that_the_index_does_not_name_are_taken_in(archive: Archive, tmp_path: Path) -> None:
    index = written(tmp_path / "x", record("IMAGE", file=b"CT\\IM0.DCM")).read_bytes()
    report = archive.take({"DICOMDIR": index, **series_of(3)})
    assert (report.accepted, report.refused) == (3, ())
    assert (report.directories[0].files, report.directories[0].missing_count) == (1, 0)
    assert archive.instance_count == 3


def test_several_discs_each_with_the_same_index(archive: Archive, tmp_path: Path) -> None:
    index = written(tmp_path / "x", record("IMAGE", file=b"CT\\IM0.DCM")).read_bytes()
    first, second = series_of(1), series_of(2)
    report = archive.take(
        {
            "one/DICOMDIR": index,
            "two/DICOMDIR": index,
            "one/CT/im0.dcm": first["CT/im0.dcm"],
            "two/CT/im1.dcm": second["CT/im1.dcm"],
        }
    )
    assert [(line.name, line.missing) for line in report.directories] == [
        ("one/DICOMDIR", ()),
        ("two/DICOMDIR", ("CT/IM0.DCM",)),
    ]
    assert (report.accepted, report.duplicates) == (2, ())


def test_files_of_other_requests_are_there(archive: Archive, tmp_path: Path) -> None:
    index = written(
        tmp_path / "x", record("IMAGE", file=b"CT\\IM0"), record("IMAGE", file=b"CT\\IM1")
    ).read_bytes()
    (line,) = archive.take({"cd/DICOMDIR": index}, other_names=["cd/CT/IM0"]).directories
    assert line.missing == ("CT/IM1",)


def test_an_empty_index_and_unsafe_names_have_words(archive: Archive, tmp_path: Path) -> None:
    empty = shared(f"{SET}/DICOMDIR-empty.dcm").read_bytes()
    bad = written(tmp_path / "x", record("IMAGE", file=b"..\\..\\A"), record("IMAGE", file=b"B")).read_bytes()
    lines = archive.take({"a/DICOMDIR": empty, "b/DICOMDIR": bad}).directories
    assert [[str(message) for message in line.messages] for line in lines] == [
        ["Index of a disc, empty: it names no file."],
        [
            "Index of a disc with 2 records. Files it names: 1; not in the upload: 1 (B). "
            "Upload the whole disc to have them.",
            "Names that lead out of the disc or are no names, left aside: 1.",
        ],
    ]


def test_a_broken_index_is_refused_with_its_reason(archive: Archive) -> None:
    data = shared(f"{SET}/DICOMDIR").read_bytes()[:400]
    report = archive.take({"DICOMDIR": data})
    assert report.directories == ()
    assert str(report.refused[0].reason).startswith("Truncated: the file ends inside element")


def test_indexes_beyond_the_limit_are_refused(archive: Archive, tmp_path: Path) -> None:
    files = {
        f"{n}/DICOMDIR": written(tmp_path / "x", record("IMAGE", file=b"A%d" % n)).read_bytes()
        for n in range(MAX_DIRECTORIES + 2)
    }
    report = archive.take(files)
    assert (len(report.directories), len(report.refused)) == (MAX_DIRECTORIES, 2)
    assert ingest_module.MAX_DIRECTORIES == MAX_DIRECTORIES
