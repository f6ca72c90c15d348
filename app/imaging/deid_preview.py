"""What becomes of each element, as rows of text for a person to look at before the copy is made."""

from dataclasses import dataclass
from typing import Any, Literal

from pydicom.datadict import dictionary_description, keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement

from app.imaging.spans import tag_text

Fate = Literal["removed", "replaced", "kept"]
Element = DataElement | RawDataElement
_SHOWN = 200  # characters of a value in a row of the preview


@dataclass(frozen=True)
class PreviewRow:
    """What becomes of one element.

    Attributes
    ----------
    tag, keyword, name : str
        "(0010,0010)", "PatientName", "Patient's Name"; empty keyword where PS3.6 knows none.
    depth : int
        0 at the root, one more inside each sequence.
    fate : {"removed", "replaced", "kept"}
        An emptied element is removed; one that the profile adds is replaced, with nothing as *old*.
    old, new : str
        The values as text, at most 200 characters. *old* may identify the patient.
    """

    tag: str
    keyword: str
    name: str
    depth: int
    fate: Fate
    old: str
    new: str


def preview_row(
    tag: int, old: Element | None, new: Element | None, fate: Fate, depth: int, raw_size: int = 0
) -> PreviewRow:
    """The row of one element; *raw_size* is the length of a value that could not be decoded to *old*."""
    before = shown(old) if old is not None else _size(raw_size)
    return PreviewRow(
        tag=tag_text(tag),
        keyword=keyword_for_tag(tag),
        name=_description(tag),
        depth=depth,
        fate=fate,
        old=before,
        new=before if fate == "kept" else shown(new),
    )


def shown(element: Element | None, limit: int | None = _SHOWN) -> str:
    """The value of an element as text for the page."""
    if element is None or element.value is None:
        return ""
    value: Any = element.value
    if element.VR == "SQ":
        return f"× {len(value)}"
    if isinstance(value, bytes):
        return _size(len(value))
    is_list = hasattr(value, "__iter__") and not isinstance(value, str) and not hasattr(value, "components")
    text = "\\".join(map(str, value)) if is_list else str(value)
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def _size(length: int) -> str:
    return f"<{length} bytes>" if length else ""


def _description(tag: int) -> str:
    try:
        return str(dictionary_description(tag))
    except KeyError:
        return ""
