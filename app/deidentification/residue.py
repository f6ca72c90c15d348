"""The last look before anything may leave: no identifier of any original in any byte or name.

A hit stops the export. Its reason names the element that holds it, and never what was found.
"""

from functools import cached_property
from pathlib import Path

from pydicom.dataset import Dataset

from app.imaging.deid_scan import Finding, ResidualIdentifier, scan_bytes, scan_name
from app.imaging.deid_search import search_terms
from app.imaging.deidentify import CopyReport, Deidentifier
from app.imaging.dicomfile import read_dataset
from app.imaging.errors import N_, ImagingError


class LastLook:
    """What is searched for: every identifier and every replaced UID of all originals of a run.

    It learns from each copy that is made, and searches when all are made: an image may name the
    patient of another.
    """

    def __init__(self, deidentifier: Deidentifier) -> None:
        self._deidentifier = deidentifier
        self._learnt: set[str] = set()
        self._encodings: dict[str, None] = {}

    def learn(self, copy: CopyReport) -> None:
        """Add what identifies the original of *copy*."""
        self._learnt |= copy.identifiers
        self._encodings |= dict.fromkeys(copy.encodings)

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Everything that is searched for; asked once all copies are made."""
        return frozenset(self._learnt | self._deidentifier.uids.seen().keys())

    def check_copy(self, path: Path, name: str) -> list[Finding]:
        """Search a copy and its name; what does not block is returned.

        Raises
        ------
        ResidualIdentifier
            Something of an original is still there.
        """
        findings = scan_bytes(path, self.identifiers, self._deidentifier.typed, self._encodings)
        blocking = [finding for finding in findings if finding.blocks]
        if blocking:
            raise _stopped(_place_in(path, blocking[0]))
        if scan_name(name, self.identifiers):
            raise _stopped("file name")
        return findings

    def check_text(self, text: str, fixed: str) -> None:
        """Search a text of our own; words that stand in *fixed*, which knows no original, are innocent.

        Raises
        ------
        ResidualIdentifier
            As :meth:`check_copy`.
        """
        terms = search_terms(self.identifiers)
        innocent = {found for found, _ in terms.find(fixed.encode())}
        if {found for found, _ in terms.find(text.encode())} - innocent:
            raise _stopped("report")


def _stopped(place: str) -> ResidualIdentifier:
    return ResidualIdentifier(
        N_(
            "The export was stopped and nothing was kept: %(place)s still holds an identifier of an original."
        ),
        place=place,
    )


def _place_in(path: Path, finding: Finding) -> str:
    """Tag and keyword of the element of a copy that holds the finding, else the byte where it begins."""
    try:
        elements = read_dataset(path, stop_before_pixels=True).iterall()
        for element in elements:
            if element.VR != "SQ" and finding.identifier.lower() in _text(element.value):
                return f"{element.keyword or '?'} {element.tag}"
    except (ImagingError, ValueError, TypeError, AttributeError, NotImplementedError):
        pass  # the byte will have to do
    return f"byte {finding.offset}"


def _text(value: object) -> str:
    if isinstance(value, Dataset):
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1").lower()
    return str(value).lower()
