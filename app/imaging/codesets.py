"""The coded character sets of DICOM: their codecs, their escape sequences, and their names.

References
----------
PS3.3 C.12.1.1.2 (Specific Character Set), Tables C.12-2 to C.12-4; PS3.5 6.1.
"""

import re
from dataclasses import dataclass

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class CodeSet:
    """One coded character set as Python knows it.

    Attributes
    ----------
    codec : str
        Python's codec that holds the set, its characters with the high bit set.
    width : int
        Bytes a character.
    lead : bytes
        What the codec wants before each character.
    lowest, highest : int
        The bytes that may stand in it.
    """

    codec: str
    width: int = 1
    lead: bytes = b""
    lowest: int = 0xA1
    highest: int = 0xFE

    def decode(self, data: bytes) -> str:
        """*data* with the high bits set, character by character; what is none is U+FFFD."""
        return "".join(self._character(data[at : at + self.width]) for at in range(0, len(data), self.width))

    def _character(self, unit: bytes) -> str:
        if len(unit) < self.width or min(unit) < self.lowest or max(unit) > self.highest:
            return REPLACEMENT
        try:
            return (self.lead + unit).decode(self.codec)
        except UnicodeDecodeError:
            return REPLACEMENT


@dataclass(frozen=True)
class Latin:
    """A G0 of ASCII (ISO-IR 6), or of JIS X 0201 Roman (ISO-IR 14), which differs in two signs."""

    signs: tuple[tuple[str, str], ...] = ()

    def decode(self, text: str) -> str:
        """*text*, read as ASCII, with the signs that differ in their place."""
        for ascii_sign, sign in self.signs:
            text = text.replace(ascii_sign, sign)
        return text


ASCII = Latin()
ROMAN = Latin((("\\", "¥"), ("~", "‾")))
KATAKANA = CodeSet("shift_jis", highest=0xDF)
_KANJI = CodeSet("euc_jp", 2)
_KANJI_SUPPLEMENT = CodeSet("euc_jp", 2, b"\x8f")
_HANGUL = CodeSet("euc_kr", 2)
_HANZI = CodeSet("gb2312", 2)
UNKNOWN = CodeSet("ascii")  # holds nothing beyond ASCII: all of it is U+FFFD

# ISO-IR number → what stands in G1 (PS3.3 Tables C.12-2 to C.12-4); 96 characters, 0xA0 counted.
RIGHT = {
    number: CodeSet(codec, lowest=0xA0, highest=0xFF)
    for number, codec in {
        100: "latin_1", 101: "iso8859_2", 109: "iso8859_3", 110: "iso8859_4", 126: "iso8859_7",
        127: "iso8859_6", 138: "iso8859_8", 144: "iso8859_5", 148: "iso8859_9", 166: "iso8859_11",
        203: "iso8859_15",
    }.items()
} | {13: KATAKANA, 149: _HANGUL, 58: _HANZI}  # fmt: skip

Left = Latin | CodeSet
# Escape → what it puts into G0, or into G1.
ESCAPES_LEFT: dict[bytes, Left] = {
    b"\x1b(B": ASCII, b"\x1b(J": ROMAN, b"\x1b$B": _KANJI, b"\x1b$(D": _KANJI_SUPPLEMENT,
}  # fmt: skip
ESCAPES_RIGHT = {
    b"\x1b" + sign: RIGHT[number]
    for sign, number in {
        b"-A": 100, b"-B": 101, b"-C": 109, b"-D": 110, b"-F": 126, b"-G": 127, b"-H": 138, b"-L": 144,
        b"-M": 148, b"-T": 166, b"-b": 203, b")I": 13, b"$)C": 149, b"$)A": 58,
    }.items()
}  # fmt: skip

# The sets that know no code extensions: name or number → codec.
ALONE = {"192": "utf_8", "GB18030": "gb18030", "GBK": "gbk"}
# pydicom hands its names of the parent's sets down to the items; those names as defined terms.
TERM_OF_CODEC = {
    "iso8859": "ISO 2022 IR 6", "latin_1": "ISO 2022 IR 100", "iso8859_2": "ISO 2022 IR 101",
    "iso8859_3": "ISO 2022 IR 109", "iso8859_4": "ISO 2022 IR 110", "iso_ir_126": "ISO 2022 IR 126",
    "iso_ir_127": "ISO 2022 IR 127", "iso_ir_138": "ISO 2022 IR 138", "iso_ir_144": "ISO 2022 IR 144",
    "iso_ir_148": "ISO 2022 IR 148", "iso_ir_166": "ISO 2022 IR 166", "shift_jis": "ISO 2022 IR 13",
    "iso2022_jp": "ISO 2022 IR 87", "iso2022_jp_2": "ISO 2022 IR 159", "euc_kr": "ISO 2022 IR 149",
    "iso_ir_58": "ISO 2022 IR 58", "gb2312": "ISO 2022 IR 58", "utf8": "ISO_IR 192",
    "gb18030": "GB18030", "gbk": "GBK",
}  # fmt: skip
# Written with every sign between the words that one can think of; also as the erratum CP 1234 did.
_TERM = re.compile(r"ISO[ _-]*(?:(?:2022)?[ _-]*IR)?[ _-]*(\d{1,3})|(?:ISO[ _-]*2022[ _-]*)?(\d{1,3}|GBK)")


def number_of_term(term: str) -> str:
    """The number of a defined term, or the name of one without; "" for none and for what is unknown."""
    name = term.strip(" \0").upper()
    if name.replace("_", "-") in ("UTF-8", "UTF8"):
        return "192"
    if name == "GB18030":
        return name
    match = _TERM.fullmatch(name)
    return (match[1] or match[2]) if match else ""
