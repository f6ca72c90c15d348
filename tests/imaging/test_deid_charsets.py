"""Names in every character set are known as identifiers, found in bytes, and gone from a copy."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import dcmread
from pydicom.sequence import Sequence

from app.imaging.deid_identifiers import identifiers_of
from app.imaging.deid_scan import all_codecs_of, scan_bytes, searchable_bytes
from app.imaging.deid_search import SearchTerms
from app.imaging.deidentify import Deidentifier
from app.imaging.dicomfile import read_dataset
from app.imaging.values import text
from tests.imaging.deid_samples import KEY, ct, saved
from tests.shared_data import shared

# What must be searched for: parts that count alone, or the whole.
PARTS = {
    "chrArab": {"قباني", "لنزار"},
    "chrFren": {"jérôme", "buc"},
    "chrGB2312": {"小东", "zhang"},  # 张 alone is one character
    "chrGerm": {"äneas", "rüdiger"},
    "chrGreek": {"διονυσιος"},
    "chrH31": {"yamada", "tarou", "山田", "太郎", "やまだ", "たろう"},
    "chrH32": {"ﾔﾏﾀﾞ", "ﾀﾛｳ", "山田", "太郎", "やまだ", "たろう"},
    "chrHbrw": {"שרון", "דבורה"},
    "chrI2": {"hong", "gildong", "吉洞", "길동"},
    "chrJapMulti": {"やまだ", "たろう"},
    "chrKoreanMulti": {"김희중"},
    "chrRuss": {"люкceмбypг"},
    "chrX1": {"wang", "xiaodong", "小東"},
    "chrX2": {"wang", "xiaodong", "小东"},
}


@pytest.mark.parametrize("name", sorted(PARTS))
def test_parts_of_the_name_are_identifiers(name: str) -> None:
    found = identifiers_of(read_dataset(shared(f"data/zoo/charsets/{name}.dcm")))
    assert PARTS[name] <= found


@pytest.mark.parametrize("name", sorted(PARTS))
def test_the_scan_finds_them_in_the_bytes_of_the_original(name: str) -> None:
    path = shared(f"data/zoo/charsets/{name}.dcm")
    assert {finding.identifier for finding in scan_bytes(path, PARTS[name])} == PARTS[name]


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_copy_holds_none_of_them(name: str, tmp_path: Path) -> None:
    original = read_dataset(shared(f"data/zoo/charsets/{name}.dcm"), stop_before_pixels=True)
    dataset = ct(PatientName="X")
    for tag in (0x00080005, 0x00100010):
        dataset[tag] = original.get_item(tag, keep_deferred=True)
    # The same bytes where no rule expects a name: the scan alone can know them.
    stored = original.get_item(0x00100010, keep_deferred=True)
    dataset[0x00080008] = stored._replace(tag=0x00080008, VR="CS")
    dataset[0x00181030] = stored._replace(tag=0x00181030, VR="LO")
    source = saved(tmp_path / "original.dcm", dataset)
    report = Deidentifier(KEY).file(source, tmp_path / "copy.dcm")
    assert PARTS[name] <= report.identifiers
    assert scan_bytes(tmp_path / "copy.dcm", report.identifiers, encodings=report.encodings) == []


def test_an_items_own_set_is_searched_in(tmp_path: Path) -> None:
    item = Dataset()
    item.SpecificCharacterSet = ["", "ISO 2022 IR 149"]
    item.PatientName = "Hong^Gildong=洪^吉洞=홍^길동"
    root = ct(SpecificCharacterSet="ISO_IR 192", ReferencedPatientSequence=Sequence([item]))
    path = saved(tmp_path / "nested.dcm", root)
    dataset = read_dataset(path)
    assert {"길동", "吉洞"} <= identifiers_of(dataset)
    assert "euc_kr" in all_codecs_of(dataset)
    found = scan_bytes(path, {"길동"}, encodings=all_codecs_of(dataset))
    assert [finding.identifier for finding in found] == ["길동"]
    assert searchable_bytes(path)[0].count("길동".encode("euc_kr")) == 1


def test_a_kept_chinese_text_is_readable_by_others_in_the_copy(tmp_path: Path) -> None:
    dataset = ct(SpecificCharacterSet=["", "ISO 2022 IR 58"])
    dataset.SeriesDescription = "CT"
    source = saved(tmp_path / "original.dcm", dataset)
    data = source.read_bytes()
    at = data.index(b"\x08\x00\x3e\x10LO\x02\x00CT")
    source.write_bytes(data[:at] + b"\x08\x00\x3e\x10LO\x08\x00\x1b$)A\xd0\xd8\xb2\xbf" + data[at + 10 :])
    assert text(read_dataset(source), "SeriesDescription") == "胸部"
    Deidentifier(KEY, overrides={"SeriesDescription": "胸部"}).file(source, tmp_path / "copy.dcm")
    copy = dcmread(tmp_path / "copy.dcm")
    assert (copy.SpecificCharacterSet, copy.SeriesDescription) == ("ISO_IR 192", "胸部")


# Specific Character Set, the name, and how it stands again in a text that stays.
AGAIN = {
    "dotted capital": ("ISO_IR 192", "İrem^Ay".encode(), "İrem".encode()),
    "Greek capitals": ("ISO_IR 126", "Παπαδόπουλος".encode("iso8859_7"), "ΠΑΠΑΔΟΠΟΥΛΟΣ".encode("iso8859_7")),
    "Greek accents": ("ISO_IR 126", "ΠΑΠΑΔΟΠΟΥΛΟΣ^Α".encode("iso8859_7"), "Παπαδόπουλος".encode("iso8859_7")),
    "two capitals": ("ISO_IR 100", "DeÁngélis".encode("latin_1"), "DeÁngélis".encode("latin_1")),
    "misspelt set": ("ISO_IR144", "Петров".encode("iso8859_5"), "ПЕТРОВ".encode("iso8859_5")),
    "unknown set": ("ISO_IR 999", "Петров".encode("iso8859_5"), "Петров".encode("iso8859_5")),
    "escape unstated": ("ISO_IR 100", b"\x1b-L" + "Петров".encode("iso8859_5"), "Петров".encode("iso8859_5")),
    "kanji unstated": ("", b"A^B=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", b"\x1b$B;3ED\x1b(B"),
    "Hangul unstated": (
        "",
        b"A^B=\x1b$)C" + "김희중".encode("euc_kr"),
        b"\x1b$)C" + "김희중".encode("euc_kr"),
    ),
}


@pytest.mark.parametrize("case", AGAIN)
def test_a_name_that_stands_again_in_another_writing_is_gone(case: str, tmp_path: Path) -> None:
    """The case is asked in the bytes: pydicom would write the names anew."""
    term, name, again = AGAIN[case]
    marks = {"term": "Q" * len(_even(term.encode())), "name": "P" * len(_even(name))}
    dataset = ct(SpecificCharacterSet=marks["term"], PatientName=marks["name"])
    dataset.LUTExplanation = "T" * len(_even(again))
    source = saved(tmp_path / "original.dcm", dataset)
    written = source.read_bytes()
    for letter, stored in ((b"Q", term.encode()), (b"P", name), (b"T", again)):
        if stored:
            written = written.replace(letter * len(_even(stored)), _even(stored))
    source.write_bytes(written)
    assert again in written

    Deidentifier(KEY).file(source, tmp_path / "copy.dcm")

    assert again not in (tmp_path / "copy.dcm").read_bytes()


def _even(stored: bytes) -> bytes:
    return stored + b" " * (len(stored) % 2)


def test_few_bytes_of_an_unstated_set_are_no_name() -> None:
    assert not SearchTerms({"ок"}).stand_in("ок".encode("iso8859_5"))
    assert SearchTerms({"ок"}, ["iso8859_5"]).stand_in("ок".encode("iso8859_5"))
