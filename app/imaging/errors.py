"""What can be wrong with an image, as named faults that carry a translatable message.

A message is an English template with ``%(name)s`` values. The template is the key of the
translation catalogue; this floor knows no language. ``N_`` marks a template for the catalogue.
Values hold tags, keywords, numbers and UIDs of *classes*, never anything that identifies a patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def N_(template: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark *template* for the translation catalogue and return it unchanged."""
    return template


@dataclass(frozen=True)
class Message:
    """A sentence for the user: an English template and the values that fill it."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.values if self.values else self.template

    def as_json(self) -> dict[str, Any]:
        """The form in which a message is kept in a row or sent between processes."""
        return {"template": self.template, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Message":
        """The message that :meth:`as_json` wrote."""
        return cls(stored["template"], dict(stored.get("values") or {}))


class TriplanoError(Exception):
    """Base of every fault that a user may see; ``code`` names it in the API."""

    code = "error"

    def __init__(self, template: str, /, **values: Any) -> None:
        self.message = Message(template, values)
        super().__init__(template, values)

    def __str__(self) -> str:
        return str(self.message)


class ImagingError(TriplanoError):
    """Bad data: a file or a series that cannot be read as what it claims to be."""

    code = "bad_image"


class NotDicom(ImagingError):
    """The bytes are no DICOM file."""

    code = "not_dicom"


class TruncatedFile(ImagingError):
    """The file ends before its own lengths say it does."""

    code = "truncated"


class MissingElement(ImagingError):
    """An element that reading needs is absent or empty."""

    code = "missing_element"


class InvalidElement(ImagingError):
    """An element holds a value that cannot be meant."""

    code = "invalid_element"


class NoPixelData(ImagingError):
    """An image without pixels."""

    code = "no_pixel_data"


class UnsupportedData(ImagingError):
    """Valid DICOM that this version cannot show: transfer syntax, photometric, class."""

    code = "unsupported"


class LimitExceeded(ImagingError):
    """A size, depth, count or time beyond the configured bounds."""

    code = "limit_exceeded"


class NotAVolume(ImagingError):
    """Images that cannot be stacked into one regular grid; the message says why."""

    code = "not_a_volume"
