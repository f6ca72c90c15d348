"""Names out of bytes: the examples of PS3.5 annexes H to K, real files, and what no set holds."""

from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from app.imaging.charsets import character_sets, decode_text, decode_values, sets_of, stored_text
from app.imaging.dicomfile import inspect_file, list_elements, read_dataset
from app.imaging.structure import read_structure
from app.imaging.values import decode_elements, text, texts
from tests.shared_data import shared

NAME = 0x00100010

# The names that the standard's annexes and the files' own list give, as Unicode.
NAMES = {
    "chrArab": "قباني^لنزار",
    "chrFren": "Buc^Jérôme",
    "chrFrenMulti": "Buc^Jérôme",
    "chrGB2312": "Zhang^XiaoDong=张^小东",  # PS3.5 K.2
    "chrGerm": "Äneas^Rüdiger",
    "chrGreek": "Διονυσιος",
    "chrH31": "Yamada^Tarou=山田^太郎=やまだ^たろう",  # H.3.1
    "chrH32": "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",  # H.3.2
    "chrHbrw": "שרון^דבורה",
    "chrI2": "Hong^Gildong=洪^吉洞=홍^길동",  # I.2
    "chrJapMulti": "やまだ^たろう",
    "chrJapMultiExplicitIR6": "やまだ^たろう",
    "chrKoreanMulti": "김희중",
    "chrRuss": "Люкceмбypг",
    "chrX1": "Wang^XiaoDong=王^小東",  # J.1
    "chrX2": "Wang^XiaoDong=王^小东",  # J.2
    "GH1301": "Wang^XiaoDong=王^小东",
}


def _header(name: str) -> Dataset:
    structure = read_structure(shared(f"data/zoo/charsets/{name}.dcm"))
    return decode_elements(structure, structure.elements)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_patient_name_reads_as_the_standard_writes_it(name: str) -> None:
    assert text(_header(name), "PatientName") == NAMES[name]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_listing_shows_the_same_name(name: str) -> None:
    rows = {row.keyword: row.value for row in list_elements(shared(f"data/zoo/charsets/{name}.dcm"))}
    assert rows["PatientName"].rstrip("=") == NAMES[name]


@pytest.mark.parametrize(
    ("name", "keyword", "expected"),
    [
        ("chrFrenMulti", "OtherPatientNames", ("Buc^Jérôme", "Buc^Jérôme")),
        ("chrJapMulti", "OtherPatientNames", ("やまだ^たろう", "やまだ^たろう")),
        ("chrJapMultiExplicitIR6", "OtherPatientNames", ("やまだ^たろう", "やまだ^たろう")),
        ("chrKoreanMulti", "OtherPatientNames", ("김희중", "김희중")),
    ],
)
def test_each_of_several_values_begins_with_the_first_sets(
    name: str, keyword: str, expected: tuple[str, ...]
) -> None:
    assert texts(_header(name), keyword) == expected


def test_an_empty_character_set_is_ascii() -> None:
    header = _header("empty_charset_LEI")
    assert sets_of(header) == character_sets(())
    assert texts(header, "ImageType") == ("ORIGINAL", "PRIMARY", "SINGLE PLANE")


@pytest.mark.parametrize("name", ["chrSQEncoding", "chrSQEncoding1"])
def test_an_item_reads_by_its_own_sets_else_by_those_around_it(name: str) -> None:
    dataset = read_dataset(shared(f"data/zoo/charsets/{name}.dcm"))
    item = dataset[0x00321064].value[0]
    expected = "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"
    assert text(item, "PatientName") == expected
    assert stored_text(item, NAME, sets_of(dataset)) == [expected]
    listed = list_elements(shared(f"data/zoo/charsets/{name}.dcm"))
    assert [row.value for row in listed if row.keyword == "PatientName"] == [expected]


# The bytes of the standard's examples, typed from its annexes.
EXAMPLES = [
    (("", "ISO 2022 IR 87"), b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "Yamada^Tarou=山田^太郎"),
    (("ISO 2022 IR 13", "ISO 2022 IR 87"), b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    (("", "ISO 2022 IR 149"), b"Hong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong=洪^吉洞"),
    (("", "ISO 2022 IR 58"), b"Z=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab", "Z=张^小东"),
    (("ISO_IR 192",), b"=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1", "=王^小東"),
    # JIS X 0212 knows 亜's rarer neighbours: row 16, cell 1 is U+4E02.
    (("", "ISO 2022 IR 159"), b"\x1b$(D\x30\x21\x1b(B^A", "丂^A"),
    # Latin-1 and Cyrillic in one value, by escapes into G1.
    (("ISO 2022 IR 100", "ISO 2022 IR 144"), b"J\xe9r\xf4me^\x1b-L\xb2\xd0\xdd\xef", "Jérôme^Ваня"),
    # The delimiter puts Latin-1 back.
    (("ISO 2022 IR 100", "ISO 2022 IR 144"), b"\x1b-L\xb2\xd0\xdd\xef^\xe9", "Ваня^é"),
    (("ISO_IR 203",), b"\xa4\xbd", "€œ"),
    (("ISO_IR 166",), b"\xa1\xa2", "กข"),
    (("ISO_IR 101",), b"\xa3\xf3d\xbc", "Łódź"),
    (("ISO_IR 109",), b"\xa6\xb1", "Ĥħ"),
    (("ISO_IR 110",), b"\xa2", "ĸ"),
    (("ISO_IR 148",), b"\xdd\xfe", "İş"),
    (("GBK",), b"\x81\x5c^a", "乗^a"),
]


@pytest.mark.parametrize(("terms", "data", "expected"), EXAMPLES)
def test_examples(terms: tuple[str, ...], data: bytes, expected: str) -> None:
    assert decode_text(data, character_sets(terms), is_name=True) == expected


@pytest.mark.parametrize(
    ("terms", "data", "expected"),
    [
        # No set is stated: Latin-1 is what the scanners around us leave unsaid.
        ((), b"PE\xd1A^Jos\xe9", "PEÑA^José"),
        (("",), b"PE\xd1A", "PEÑA"),
        ((), b"PE\x91A\xd1", "PE\ufffdA\ufffd"),
        # A set that is stated and unknown: nobody can tell Ñ from Ń or С.
        (("ISO_IR 4711",), b"PE\xd1A", "PE\ufffdA"),
        (("nonsense",), b"PE\xd1A^JUAN", "PE\ufffdA^JUAN"),
        # …but what is UTF-8 throughout is nothing else.
        ((), "PEÑA^José".encode(), "PEÑA^José"),
        # C1 controls are in no set; half a character is none.
        (("ISO_IR 100",), b"A\x85B\xe9", "A\ufffdBé"),
        (("", "ISO 2022 IR 87"), b"\x1b$B;3E", "山\ufffd"),
        (("", "ISO 2022 IR 149"), b"\x1b$)C\xfb", "\ufffd"),
        # Hebrew has holes; UTF-8 has rules.
        (("ISO_IR 138",), b"\xe0\xc0", "א\ufffd"),
        (("ISO_IR 192",), b"A\xff\xc3", "A\ufffd\ufffd"),
        (("GB18030",), b"A\xff", "A\ufffd"),
        # An escape nobody knows makes its side unreadable: G0 to the end (there are no delimiters in it),
        # G1 until the next delimiter.
        (("", "ISO 2022 IR 87"), b"\x1b$(QAB^C", "\ufffd" * 5),
        ((), b"\x1b)Z\xe9^A", "\ufffd\ufffd^A"),
        (("ISO_IR 192",), "\x1b$)A王".encode(), "\ufffd$)A王"),
        ((), b"\x1b", "\ufffd"),
        ((), b"A\x1bB^C", "A\ufffd^C"),
    ],
)
def test_what_no_set_holds_is_seen_as_such(terms: tuple[str, ...], data: bytes, expected: str) -> None:
    assert decode_text(data, character_sets(terms), is_name=True) == expected


@pytest.mark.parametrize(
    "terms",
    [
        ("ISO-IR 100",),
        ("ISO IR 100",),
        ("iso_ir_100",),
        ("ISO_IR100 ",),
        ("ISO_2022_IR_100",),
        ("ISO2022 IR 100",),
    ],
)
def test_misspelt_terms_are_understood(terms: tuple[str, ...]) -> None:
    assert decode_text(b"Pe\xf1a", character_sets(terms)) == "Peña"


def test_a_writer_that_forgets_to_repeat_its_escape_is_understood() -> None:
    sets = character_sets(("", "ISO 2022 IR 149"))
    assert decode_text(b"\x1b$)C\xb1\xe8^\xc8\xf1\xc1\xdf", sets, is_name=True) == "김^희중"


def test_two_candidates_are_no_guess() -> None:
    sets = character_sets(("", "ISO 2022 IR 149", "ISO 2022 IR 58"))
    assert set(decode_text(b"\xc8\xf1", sets)) == {"\ufffd"}


def test_shift_jis_where_its_subset_is_stated() -> None:
    assert decode_text("山田^太郎".encode("shift_jis"), character_sets(("ISO_IR 13",))) == "山田^太郎"


def test_backslash_inside_a_character_parts_no_values() -> None:
    # 0x5C is the second byte of 乗 in GBK and GB18030, and of 移 in JIS X 0208.
    sets = character_sets(("GB18030",))
    assert decode_values(b"\x81\x5c\\B", "LO", sets) == ["乗", "B"]
    sets = character_sets(("", "ISO 2022 IR 87"))
    assert decode_values(b"\x1b$B\x30\x5c\x1b(B\\B", "LO", sets) == ["移", "B"]


def test_single_valued_text_keeps_its_backslash_and_lines() -> None:
    assert decode_values(b"a\\b\r\nc ", "LT", character_sets(())) == ["a\\b\r\nc"]


def test_a_line_break_puts_the_first_sets_back() -> None:
    sets = character_sets(("", "ISO 2022 IR 87"))
    assert decode_text(b"\x1b$B;3\r\nED", sets) == "山\r\nED"


def test_yen_and_overline_of_jis_roman() -> None:
    sets = character_sets(("ISO_IR 13",))
    assert decode_values(b"~1", "LO", sets) == ["‾1"]
    assert decode_values(b"100\\", "ST", sets) == ["100¥"]


@pytest.mark.parametrize("seed", range(8))
def test_any_bytes_give_text_in_bounded_size(seed: int) -> None:
    import random

    chance = random.Random(seed)
    escapes = [b"\x1b$B", b"\x1b(B", b"\x1b$)A", b"\x1b$)C", b"\x1b", b"\x1b-L", b"^", b"\\", b"="]
    terms = ["", "ISO 2022 IR 87", "ISO_IR 192", "GB18030", "ISO 2022 IR 149", "x" * 60, "ISO_IR 13"]
    for _ in range(60):
        data = b"".join(
            chance.choice(escapes) if chance.random() < 0.3 else chance.randbytes(3) for _ in range(30)
        )
        sets = character_sets(tuple(chance.choices(terms, k=3)))
        for vr in ("PN", "LO", "LT"):
            assert sum(map(len, decode_values(data, vr, sets))) <= len(data)


def _written(dataset: Dataset) -> BytesIO:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset("", dataset, preamble=b"\0" * 128, file_meta=meta)
    found = BytesIO()
    file.save_as(found, enforce_file_format=True)
    return found


def test_three_levels_of_items_inherit(tmp_path: Path) -> None:
    deepest, middle, outer, root = (Dataset() for _ in range(4))
    for dataset, given in ((deepest, "小东"), (middle, "小东"), (outer, "Jérôme"), (root, "Jérôme")):
        dataset.PatientName = given
    root.SOPClassUID = root.SOPInstanceUID = "1.2.3"
    root.SpecificCharacterSet = "ISO_IR 100"
    middle.SpecificCharacterSet = "GB18030"
    middle.ReferencedImageSequence = Sequence([deepest])
    outer.ReferencedSeriesSequence = Sequence([middle])
    root.ReferencedStudySequence = Sequence([outer])
    path = tmp_path / "nested.dcm"
    path.write_bytes(_written(root).getvalue())
    rows = [row for row in list_elements(path) if row.keyword == "PatientName"]
    assert {(row.depth, row.value) for row in rows} == {
        (0, "Jérôme"),
        (1, "Jérôme"),
        (2, "小东"),
        (3, "小东"),
    }


def test_an_unknown_set_in_a_file_costs_no_more_than_its_letters(tmp_path: Path) -> None:
    root = Dataset()
    root.SOPClassUID = root.SOPInstanceUID = "1.2.3"
    root.PatientName = "Buc^Jerome"
    path = tmp_path / "odd.dcm"
    data = _written(root).getvalue()
    charset = b"\x08\x00\x05\x00CS\x08\x00ISO_XX_9"
    at = data.index(b"\x08\x00\x16\x00UI")
    path.write_bytes(data[:at] + charset + data[at:].replace(b"Jerome", b"J\xe9r\xf4me"))
    structure = read_structure(path)
    header = decode_elements(structure, structure.elements)
    assert text(header, "PatientName") == "Buc^J\ufffdr\ufffdme"
    assert {row.keyword: row.value for row in list_elements(path)}["PatientName"] == "Buc^J\ufffdr\ufffdme"


@pytest.mark.parametrize(
    "name", sorted(set(NAMES) - {"chrJapMulti", "chrJapMultiExplicitIR6", "chrKoreanMulti"})
)
def test_what_the_archive_keeps_is_the_name(name: str) -> None:
    facts = inspect_file(shared(f"data/zoo/charsets/{name}.dcm"))
    assert facts.patient_name == NAMES[name]
