"""Warnings about what removing elements cannot remove: text in the pixels, and faces."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from pydicom.dataset import Dataset

from app.deidentification.selection import ChosenSeries
from app.i18n import tell
from app.imaging.deid_refusal import warnings_for
from app.imaging.values import text
from app.models import Series

MOST_NAMED = 4  # series that a warning links to
_SHOWS_SKIN = frozenset({"CT", "MR", "PT", "NM"})
_HEAD = re.compile(
    r"\b(head|brain|skull|face|facial|sinus|sinuses|orbits?|neuro|iac|cranium|cabeza|craneo|encefalo|cerebro|cara|"
    r"senos paranasales|orbitas?)\b"
)


@dataclass(frozen=True)
class Caution:
    """One warning: why, and the series it is about."""

    icon: str
    title: str
    text: str
    series: Sequence[Series]
    more: str


def cautions(chosen: Sequence[ChosenSeries], headers: Sequence[Dataset | None]) -> list[Caution]:
    """The warnings for these series; *headers* are of one image of each."""
    pairs = [(one.series, header) for one, header in zip(chosen, headers, strict=True) if header is not None]
    painted: dict[str, list[Series]] = {}
    for series, header in pairs:
        for message in warnings_for(header):
            painted.setdefault(tell(message), []).append(series)
    found = [
        _caution("exclamation-triangle", _("The pixels may show a name."), text, series)
        for text, series in painted.items()
    ]
    if faces := [series for series, header in pairs if shows_head(header)]:
        title = _("A head scan lets the face be recognised.")
        text = _("The skin can be shown in 3D. Share it only with people who may know the patient.")
        found.append(_caution("person-bounding-box", title, text, faces))
    return found


def shows_head(header: Dataset) -> bool:
    """Whether a volume of this kind shows the skin of a face, by what its head says of the body part."""
    if text(header, "Modality") not in _SHOWS_SKIN:
        return False
    keywords = ("BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName")
    words = " ".join(text(header, keyword) for keyword in keywords).replace("_", " ")
    bare = "".join(sign for sign in unicodedata.normalize("NFD", words) if not unicodedata.combining(sign))
    return _HEAD.search(bare.lower()) is not None


def _caution(icon: str, title: str, text: str, series: Sequence[Series]) -> Caution:
    rest = len(series) - MOST_NAMED
    more = ngettext("and one more", "and %(num)s more", rest) if rest > 0 else ""
    return Caution(icon, title, text, series[:MOST_NAMED], more)
