"""Segmentations as answers: what ``rest-v1`` says of them, in the reader's language."""

from typing import Any

from flask import url_for

from app.archive import segmentations
from app.archive.references import FoundObject
from app.archive.regridding import is_stale
from app.archive.segmentationstatistics import is_counted, statistics_of
from app.i18n import tell
from app.models import Segmentation, Series, User


def segmentation_answer(segmentation: Segmentation, series: Series, user: User) -> dict[str, Any]:
    """One segmentation.

    ``stale`` says that its masks lie on another grid than the images of today, so that nothing of it can be
    drawn: it has no layers then. ``statistics`` is "ready" when all of them are counted, else "pending".
    """
    stale = is_stale(segmentation, series)
    layers = [] if stale else [_layer_answer(segmentation, layer) for layer in segmentation.layers]
    return {
        "id": segmentation.id,
        "series_id": segmentation.series_row_id,
        "part": segmentation.part,
        "name": segmentation.name,
        "kind": segmentation.kind,
        "source_instance_id": segmentation.source_instance_id,
        "placement": segmentation.placement,
        "revision": segmentation.revision,
        "mask_revision": segmentation.mask_revision,
        "warnings": [tell(warning) for warning in segmentation.warnings],
        "stale": stale,
        "may_change": segmentations.may_change(user, segmentation, series),
        "statistics": "ready" if is_counted(segmentation, series) else "pending",
        "size": segmentation.size,
        "created_at": segmentation.created_at.isoformat(),
        "updated_at": segmentation.updated_at.isoformat(),
        "segments": segment_answers(segmentation, series),
        "layers": layers,
    }


def segment_answers(segmentation: Segmentation, series: Series) -> list[dict[str, Any]]:
    """The segments in the order of their numbers; ``value`` is what a voxel of one has in its ``layer``."""
    places = {
        number: (layer["index"], place)
        for layer in segmentation.layers
        for place, number in enumerate(layer["segments"], start=1)
    }
    return [
        {
            "number": row.number,
            "name": row.name,
            "color": row.color,
            "code": row.code,
            "box": row.box,
            **statistics_of(segmentation, row, series),
            "layer": places[row.number][0],
            "value": places[row.number][1],
        }
        for row in segmentation.segments
    ]


def found_answer(found: FoundObject) -> dict[str, Any]:
    """An object among the uploaded files that refers to the series."""
    return {
        "instance_id": found.instance_id,
        "kind": found.kind,
        "name": found.name,
        "series_description": found.series_description,
    }


def _layer_answer(segmentation: Segmentation, layer: dict[str, Any]) -> dict[str, Any]:
    address = url_for(
        "viewer_labels.layer",
        segmentation_id=segmentation.id,
        index=layer["index"],
        rev=segmentation.mask_revision,
    )
    return {**layer, "url": address}
