"""What the viewer's page says of a series and gives to its script."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.archive import volumes
from app.archive.filevolumes import LABELS
from app.archive.sliceheaders import slice_header
from app.archive.volumes import Shown
from app.i18n import tell
from app.imaging.colormap import COLORMAPS
from app.imaging.errors import Message
from app.imaging.reslice import PlaneName, plane_geometry
from app.imaging.voi import VoiLut
from app.imaging.window import Window, default_window
from app.models import Series
from app.storage.store import Store
from app.viewer.display import image_luts, overlay_words, volume_luts
from app.viewer.images import StackImage, stack_images
from app.viewer.partlinks import image_query, other_form_url
from app.viewer.pictures import image_spread, image_window
from app.viewer.presets import Spread, lut_numbers, presets, readable, window_numbers
from app.viewer.wording import figure, phase_label, phase_words, unit_words

# The order of the panes: axial and sagittal above, coronal and the facts below.
PANES: tuple[PlaneName, ...] = ("axial", "sagittal", "coronal")


def volume_data(shown: Shown, store: Store) -> dict[str, Any]:
    """The script's data for a volume: planes with their geometry, windows, where voxels lie."""
    volume = volumes.load(shown, store)
    header = volume.header
    # Files of volumes need not say how large a voxel is: then nothing on the page is in millimetres.
    known = {"is_calibrated": header.spacing_source != "none", "low_is_bright": header.inverted}
    planes = [plane_geometry(header.shape_ijk, volume.affine, plane).as_json() | known for plane in PANES]
    luts = volume_luts(shown, store, volume)
    window = default_window(header) if header.windows else readable(default_window(header))
    spread = Spread(*header.percentiles, *header.value_range)
    return {
        **_common(shown, header.windows, luts, window, header.unit, spread),
        "kind": "volume",
        "is_colour": False,
        "overlays": overlay_words(shown, store) if getattr(header, "resampling", None) is None else [],
        "planes": planes,
        "shape_ijk": list(header.shape_ijk),
        "dtype": header.dtype,
        "affine": [list(row) for row in header.affine],
        "value_range": list(header.value_range),
        "percentiles": list(header.percentiles),
        "phases": _phases(shown),
    }


def _phases(shown: Shown) -> dict[str, Any] | None:
    """What the slider of a part of several volumes stands for."""
    found = shown.summary.phases
    if found is None:
        return None
    return {
        "kind": phase_words()[found.kind],
        "labels": [phase_label(found.unit, value) for value in found.values],
        "now": shown.phase,
    }


def stack_data(shown: Shown, store: Store) -> dict[str, Any]:
    """The script's data for a stack: one "plane" whose images may differ."""
    frames = volumes.stack_of(shown, store).frames
    described = stack_images(shown, store)
    images = _as_json(described)
    middle = len(frames) // 2
    header = slice_header(frames[middle].path, frames[middle].frame)
    stored = header.windows if header else ()
    window = image_window(shown, store, middle) if stored else readable(image_window(shown, store, middle))
    unit = header.rescale.unit if header else ""
    luts = () if header and header.layout.is_colour else image_luts(frames[middle])
    common = _common(shown, stored, luts, window, unit, image_spread(shown, store, middle))
    common["is_inverted"] &= not any(image.is_colour for image in described)
    # The images behind a volume keep the window that the volume has.
    if shown.summary.kind == "stack" and _differ(described):
        for image, known in zip(images, described, strict=True):
            image["window"] = window_numbers(known.window) if known.window else None
            image["has_lut"] = known.has_lut
        own = {**window_numbers(window), "own": True}
        common["window"] = own
        words = {"label": _("Each image’s own"), "numbers": _("varies"), "is_stored": True}
        common["presets"].insert(0, own | words)
    return {
        **common,
        "kind": "stack",
        "overlays": overlay_words(shown, store),
        "planes": [{"plane": "stack", "count": len(frames), **_identity(), **images[middle]}],
        "images": _changes(images),
        "is_colour": all(image.is_colour for image in described),
        "frame_ms": header.frame_time_ms if header else None,
        "shape_ijk": [
            max(image["width"] for image in images),
            max(image["height"] for image in images),
            len(frames),
        ],
        "affine": None,
        "value_range": [window.center - window.width / 2, window.center + window.width / 2],
        "percentiles": [window.center - window.width / 2, window.center + window.width / 2],
    }


def _as_json(described: list[StackImage]) -> list[dict[str, Any]]:
    """Images that are like the one before share its words: a cine has thousands."""
    images: list[dict[str, Any]] = []
    for n, image in enumerate(described):
        images.append(images[-1] if n and image == described[n - 1] else image.as_json())
    return images


def _changes(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first image, and of each further one what differs from the one before: so the page stays small."""
    return images[:1] + [
        {} if now is before else {name: value for name, value in now.items() if value != before.get(name)}
        for before, now in pairwise(images)
    ]


def _differ(images: list[StackImage]) -> bool:
    """Whether images bring windows or VOI LUTs of their own."""
    greys = [image for image in images if not image.is_colour]
    windows = [image.window and (image.window.center, image.window.width) for image in greys]
    return len(set(windows)) > 1 or (len(greys) > 1 and any(image.has_lut for image in greys))


def _common(
    shown: Shown,
    stored: tuple[dict[str, Any], ...],
    luts: tuple[VoiLut, ...],
    window: Window,
    unit: str,
    spread: Spread | None,
) -> dict[str, Any]:
    series = shown.series
    opening = lut_numbers(0, luts[0]) if luts else window_numbers(window)
    return {
        "id": series.id,
        "part": shown.part,
        "query": image_query(shown),
        "revision": series.revision,
        "modality": series.modality,
        "unit": unit,
        "unit_words": unit_words(),
        "neighbours": neighbours(series),
        "window": opening,
        # As on paper and film, where uptake is dark.
        "is_inverted": series.modality == "PT",
        "presets": presets(series.modality, unit, stored, luts, spread),
        "colormaps": list(COLORMAPS),
    }


def _identity() -> dict[str, Any]:
    """A stack's pixels are its voxels, and its images its third axis."""
    rows = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    return {"to_ijk": rows, "from_ijk": rows, "axes_ijk": [0, 1, 2]}


def page_words(series: Series, shown: Shown | None = None) -> dict[str, Any]:
    """Title, subtitle and corner texts of the page; *shown* once the series is prepared."""
    study, patient = series.study, series.study.patient
    volume = shown.summary.volume if shown and shown.is_volume else None
    reason = shown.summary.reason if shown else series.reason
    return {
        "id": series.id,
        "state": series.state,
        "reason": tell(reason),
        "warnings": [tell(warning) for warning in shown.summary.warnings] if shown else [],
        "part_label": _part_label(shown),
        "original_url": other_form_url(shown) if shown else None,
        "is_original": bool(shown and shown.summary.kind == "volume" and not shown.is_volume),
        "study_id": study.id,
        "title": series.description
        or study.description
        or series.modality
        or _file_words(series)
        or _("No name"),
        "patient_name": patient.name,
        "patient_id": patient.patient_id,
        "sex": patient.sex,
        "age": study.patient_age,
        "study_description": study.description,
        "study_date": study.study_date.isoformat() if study.study_date else study.study_date_text,
        "series_number": "" if series.number is None else _("Series %(number)s", number=series.number),
        "dimensions": _dimensions(volume),
    }


def _file_words(series: Series) -> str:
    return tell(Message(LABELS[series.file_format])) if series.file_format in LABELS else ""


def _part_label(shown: Shown | None) -> str:
    """What the shown part is, where the series has several."""
    if shown is None or len(shown.series.parts or ()) < 2:
        return ""
    return tell(shown.summary.label)


def _dimensions(volume: Mapping[str, Any] | None) -> str:
    if volume is None:
        return ""
    spacing_mm = volume["spacing_mm"]
    spacing = " × ".join(f"{mm:.2f}" for mm in spacing_mm[:2]) + f" × {figure(spacing_mm[2])}"
    return str(_("%(count)s slices · %(spacing)s mm", count=volume["shape_ijk"][2], spacing=spacing))


def neighbours(series: Series) -> dict[str, str | None]:
    """Where the study's ``previous`` and ``next`` series that can be looked at are; None at the ends."""
    seen = [one for one in series.study.series if one.state in ("ready", "stack") and one.has_pixels]
    place = seen.index(series) if series in seen else None
    if place is None:
        return {"previous": None, "next": None}
    around = seen[place - 1] if place else None, seen[place + 1] if place + 1 < len(seen) else None
    before, after = (url_for("viewer.view", series_id=one.id) if one else None for one in around)
    return {"previous": before, "next": after}
