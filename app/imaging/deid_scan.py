"""The last look: is anything that identifies the patient still in the bytes of a copy?

The scan is independent of the walk: it reads bytes, not elements. It leaves out the pixels of Pixel
Data (7FE0,0008–0010) at the root, where chance would produce hits and where text is painted, not
written. Of compressed frames only comments, application data and what follows the picture are searched. Bytes
behind the last native pixel are searched. A deflated data set is inflated first. What counts as an
identifier standing there, :mod:`app.imaging.deid_search` says.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pydicom.charset import convert_encodings
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from app.imaging.deid_codestreams import codestream_texts
from app.imaging.deid_search import SearchTerms, search_terms
from app.imaging.errors import N_, ImagingError, Message
from app.imaging.layout import LAYOUT_TAGS, read_layout
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.spans import Span, is_native_pixels
from app.imaging.structure import FileStructure, read_structure
from app.imaging.values import decode_elements, raw_value

_DEEPEST = 64  # as in deid_identifiers
_CHARACTER_SET = 0x00080005


class ResidualIdentifier(ImagingError):
    """A copy still holds something that identifies the patient; it must not leave."""

    code = "residual_identifier"


@dataclass(frozen=True)
class Finding:
    """An identifier of an original that stands in a copy.

    Attributes
    ----------
    identifier : str
        What was found. It identifies a patient: never log it.
    offset : int
        Where, in bytes of the searched header.
    blocks : bool
        False where the user typed it himself: a warning, not a leak.
    """

    identifier: str
    offset: int
    blocks: bool

    def message(self) -> Message:
        """The finding for the page or the report, without the identifier."""
        if self.blocks:
            return Message(
                N_("A copy still holds an identifier of the original at byte %(offset)s."),
                {"offset": self.offset},
            )
        return Message(N_("A value that you typed equals an identifier of the original."))


def searchable_bytes(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a file less its pixels, and the Python codecs of its character sets.

    Raises
    ------
    ImagingError
        The file cannot be read as DICOM: then it is no copy of ours.
    """
    structure = read_structure(path, limits)
    pieces: list[bytes] = []
    start = 0
    for span in sorted(structure.elements.values(), key=lambda span: span.start):
        if is_native_pixels(span.tag):
            pieces.append(structure.data[start : span.value])
            pieces.append(codestream_texts(structure.data, span.fragments))
            start = _end_of_pixels(structure, span, limits)
    pieces.append(structure.data[start:])
    return b"\0\0".join(pieces), codecs_of(decode_elements(structure, [_CHARACTER_SET]))


def _end_of_pixels(structure: FileStructure, span: Span, limits: ReadLimits) -> int:
    """Where the last pixel ends: an element may be longer than its pixels."""
    try:
        layout = read_layout(structure, decode_elements(structure, LAYOUT_TAGS), limits)
    except ImagingError:
        return span.end  # no Rows, no Columns: then it is pixels as a whole
    # Many writers state YBR_FULL_422 of pixels that are not subsampled, half as long again.
    is_sure = layout.is_native and layout.photometric != "YBR_FULL_422"
    return min(span.end, span.value + layout.native_bytes) if is_sure else span.end


def codecs_of(dataset: Dataset) -> tuple[str, ...]:
    """The Python codecs of a data set's character sets; none where they are unknown."""
    try:
        return tuple(convert_encodings(raw_value(dataset, "SpecificCharacterSet")))
    except (LookupError, ValueError, TypeError):
        return ()


def all_codecs_of(dataset: Dataset, depth: int = 0) -> tuple[str, ...]:
    """As :func:`codecs_of`, with those of items that name sets of their own (PS3.5 7.5.3)."""
    found = dict.fromkeys(codecs_of(dataset))
    for tag in dataset.keys():  # noqa: SIM118 - iterating a Dataset decodes each element
        stored = dataset.get_item(tag, keep_deferred=True)
        items = stored.value if stored is not None and depth < _DEEPEST else None
        for item in items if isinstance(items, Sequence) else ():
            found |= dict.fromkeys(all_codecs_of(item, depth + 1))
    return tuple(found)


def scan_bytes(
    path: Path, identifiers: Collection[str], typed: Collection[str] = (), encodings: Iterable[str] = ()
) -> list[Finding]:
    """Search one copy for identifiers of the originals.

    Parameters
    ----------
    path : Path
        A file written by the de-identifier.
    identifiers : collection of str
        Of all originals of the run; their UIDs may be added.
    typed : collection of str, optional
        Values that the user set by hand: an identifier that stands in one of them is a warning only.
    encodings : iterable of str, optional
        Codecs of the originals, where they differ from the copy's.

    Returns
    -------
    list of Finding
        One for each identifier found, in the order of the file; empty for a clean copy.
    """
    data, codecs = searchable_bytes(path)
    terms = search_terms(frozenset(identifiers), tuple(dict.fromkeys((*codecs, *encodings))))
    return _findings(terms, data, typed)


def scan_name(name: str, identifiers: Collection[str]) -> list[Finding]:
    """Search a file name or an entry name of a ZIP."""
    return _findings(search_terms(frozenset(identifiers)), name.encode("utf-8", "surrogateescape"), ())


def _findings(terms: SearchTerms, data: bytes, typed: Collection[str]) -> list[Finding]:
    found = terms.find(data)
    if not found:
        return []
    by_hand = {text for text, _ in terms.find("\0\0".join(typed).encode("utf-8"))}
    return [Finding(text, offset, blocks=text not in by_hand) for text, offset in found]


def require_clean(findings: Iterable[Finding]) -> None:
    """Stop an export that would carry an identifier.

    Raises
    ------
    ResidualIdentifier
        At least one finding blocks.
    """
    blocking = [finding for finding in findings if finding.blocks]
    if blocking:
        raise ResidualIdentifier(
            N_("The export was stopped: %(count)s identifiers of the originals are still in the copies."),
            count=len({finding.identifier for finding in blocking}),
        )
