"""The parts of a series as the viewer's page lists them: what each is, where it opens, what to mind."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.archive.addressing import query_of
from app.archive.parts import PartSummary, main_part, parts_of
from app.archive.volumes import Shown
from app.i18n import tell


@dataclass(frozen=True)
class PartLink:
    """One part: its words, its page and its picture; ``original_url`` leads to the images behind a volume."""

    number: int
    label: str
    kind: str
    note: str
    reason: str
    warnings: tuple[str, ...]
    url: str
    thumbnail_url: str
    is_shown: bool


def part_links(shown: Shown) -> list[PartLink]:
    """All parts of the shown series, in their order."""
    return [_link(shown, number, part) for number, part in enumerate(parts_of(shown.series))]


def other_form_url(shown: Shown) -> str | None:
    """Where the original images of the shown volume are, or the volume that they made."""
    # A volume of a NIfTI or NRRD file is what the file holds: it was made of no images.
    if shown.summary.kind != "volume" or shown.series.file_format != "dicom":
        return None
    form: dict[str, Any] = {"as": "stack"} if shown.is_volume else {}
    return url_for("viewer.view", series_id=shown.series.id, part=shown.part, **form)


def image_query(shown: Shown) -> str:
    """The parameters that each picture's address of the shown part carries."""
    is_default = shown.part == main_part(shown.series)
    query = query_of(shown, is_default=is_default)
    return "&".join(f"{name}={value}" for name, value in query.items())


def _link(shown: Shown, number: int, part: PartSummary) -> PartLink:
    series = shown.series
    return PartLink(
        number=number,
        label=tell(part.label) or str(_("Images")),
        kind=part.kind,
        note=_note(part),
        reason=tell(part.reason) if part.reason else "",
        warnings=tuple(tell(warning) for warning in part.warnings),
        url=url_for("viewer.view", series_id=series.id, part=number),
        thumbnail_url=url_for("viewer.thumbnail", series_id=series.id, part=number, rev=series.revision),
        is_shown=number == shown.part,
    )


def _note(part: PartSummary) -> str:
    """What the label does not say: labels count the images of one volume."""
    phases = part.phase_count
    if phases > 1:
        return str(_("%(phases)s volumes · %(count)s images", phases=phases, count=part.image_count))
    if part.kind == "volume":
        return str(_("Volume"))
    return str(_("Image by image")) if part.kind == "stack" and part.image_count > 1 else ""
