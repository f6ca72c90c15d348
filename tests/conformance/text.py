"""Character sets: names as the standard writes them, or as their bytes stand in the set they state.

Only names of the standard's own examples are shown; the others are compared and not printed.
"""

from functools import partial

import pydicom

from app.imaging import values
from app.imaging.dicomfile import inspect_file, read_dataset
from app.imaging.names import name_groups
from app.imaging.structure import read_structure
from tests.conformance.case import Case, Check, Finding, Work, refusal_of, require_same

FOLDER = "zoo/charsets"
_JAPANESE = "Yamada^Tarou=山田^太郎=やまだ^たろう"
_HALF_WIDTH = "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"
_GB18030 = "Wang^XiaoDong=王^小东"

# The name of an annex of PS3.5 and how a list shows it.
_ANNEXES = {
    "chrH31": ("ISO 2022 IR 87", "H.3.1", _JAPANESE, ("Yamada, Tarou", "山田 太郎")),
    "chrH32": ("ISO 2022 IR 13 and 87", "H.3.2", _HALF_WIDTH, ("ﾔﾏﾀﾞ ﾀﾛｳ", "山田 太郎")),
    "chrI2": ("ISO 2022 IR 149", "I.2", "Hong^Gildong=洪^吉洞=홍^길동", ("Hong, Gildong", "洪 吉洞")),
    "chrX1": ("ISO_IR 192 (UTF-8)", "J.1", "Wang^XiaoDong=王^小東", ("Wang, XiaoDong", "王 小東")),
    "chrX2": ("GB18030", "J.2", _GB18030, ("Wang, XiaoDong", "王 小东")),
    "chrGB2312": ("ISO 2022 IR 58", "K.2", "Zhang^XiaoDong=张^小东", ("Zhang, XiaoDong", "张 小东")),
    "GH1301": ("GB18030", "J.2", _GB18030, ("Wang, XiaoDong", "王 小东")),
}
# The set a file states, and Python's codec for it.
_CODECS = {
    "chrArab": ("ISO_IR 127", "iso8859_6"),
    "chrFren": ("ISO_IR 100", "latin_1"),
    "chrFrenMulti": ("ISO_IR 100, several values", "latin_1"),
    "chrGerm": ("ISO_IR 100", "latin_1"),
    "chrGreek": ("ISO_IR 126", "iso8859_7"),
    "chrHbrw": ("ISO_IR 138", "iso8859_8"),
    "chrRuss": ("ISO_IR 144", "iso8859_5"),
}
_NO_PIXELS = {
    "chrJapMulti": ("ISO 2022 IR 87, several values", "iso2022_jp"),
    "chrJapMultiExplicitIR6": ("ISO 2022 IR 6 and 87, several values", "iso2022_jp"),
    "chrKoreanMulti": ("ISO 2022 IR 149, several values", "iso2022_kr"),
}


def _annex(work: Work, name: str, annex: str, written: str, shown: tuple[str, ...]) -> Finding:
    facts = inspect_file(work.data / FOLDER / f"{name}.dcm")
    require_same("name", facts.patient_name, written)
    require_same("in lists", name_groups(facts.patient_name).written, shown)
    return Finding(f"{written}; in lists {' · '.join(shown)}", f"PS3.5 annex {annex}")


def _stored_name(work: Work, name: str) -> bytes:
    """The name's bytes as they stand in the file."""
    dataset = pydicom.dcmread(work.data / FOLDER / f"{name}.dcm")
    return dataset.get_item(0x00100010).value  # type: ignore[no-any-return, union-attr]


def _by_codec(work: Work, name: str, codec: str) -> Finding:
    facts = inspect_file(work.data / FOLDER / f"{name}.dcm")
    expected = _stored_name(work, name).decode(codec).strip()
    require_same("name as its bytes decode", facts.patient_name == expected.split("\\")[0], True)
    return Finding("the name reads as its bytes do", f"Python's codec {codec} on the bytes of FileInfo.txt")


def _without_pixels(work: Work, name: str, codec: str) -> Finding:
    path = work.data / FOLDER / f"{name}.dcm"
    structure = read_structure(path)
    header = values.decode_elements(structure, structure.elements)
    others = values.texts(header, "OtherPatientNames")
    stored = pydicom.dcmread(path)
    require_same("name", values.text(header, "PatientName") == str(stored.PatientName).rstrip("="), True)
    require_same(
        "each of its values", [str(one).rstrip("=") for one in stored.OtherPatientNames], list(others)
    )
    require_same("values", len(others), 2)
    said = refusal_of(lambda: inspect_file(path), "NoPixelData")
    return Finding(f"the name and both other names read; upload: {said}", "pydicom", "refused by name")


def _nested(work: Work, name: str) -> Finding:
    path = work.data / FOLDER / f"{name}.dcm"
    item = read_dataset(path)[0x00321064].value[0]
    require_same("name in the item", values.text(item, "PatientName"), _HALF_WIDTH)
    said = refusal_of(lambda: inspect_file(path), "NoPixelData")
    return Finding(f"{_HALF_WIDTH} in the item; upload: {said}", "PS3.5 annex H.3.2", "refused by name")


def _empty(work: Work) -> Finding:
    path = work.data / FOLDER / "empty_charset_LEI.dcm"
    structure = read_structure(path)
    header = values.decode_elements(structure, structure.elements)
    require_same("Image Type", values.texts(header, "ImageType"), ("ORIGINAL", "PRIMARY", "SINGLE PLANE"))
    said = refusal_of(lambda: inspect_file(path), "MissingElement")
    return Finding(f"ASCII read; upload: {said}", "pydicom", "refused by name")


def _case(name: str, what: str, expected: str, check: Check) -> Case:
    return Case(f"{FOLDER}/{name}.dcm", (f"{FOLDER}/{name}.dcm",), what, expected, check)


CASES = [
    *(
        _case(name, sets, written, partial(_annex, name=name, annex=annex, written=written, shown=shown))
        for name, (sets, annex, written, shown) in _ANNEXES.items()
    ),
    *(
        _case(name, sets, f"the name in {codec}", partial(_by_codec, name=name, codec=codec))
        for name, (sets, codec) in _CODECS.items()
    ),
    *(
        _case(name, sets, "each value reads; no image", partial(_without_pixels, name=name, codec=codec))
        for name, (sets, codec) in _NO_PIXELS.items()
    ),
    _case(
        "chrSQEncoding", "an item with sets of its own", _HALF_WIDTH, partial(_nested, name="chrSQEncoding")
    ),
    _case(
        "chrSQEncoding1",
        "an item without sets of its own",
        _HALF_WIDTH,
        partial(_nested, name="chrSQEncoding1"),
    ),
    _case("empty_charset_LEI", "an empty Specific Character Set", "ASCII", _empty),
]
