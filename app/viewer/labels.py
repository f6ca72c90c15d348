"""Layers of segments for drawing: their voxels, and pictures of them where the browser has none.

``/segmentations/<id>/…``. Pictures have the width and height of the volume's own and hold label values: which
colour a value has, the browser decides.
"""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, request
from flask_login import current_user, login_required

from app.archive import masks
from app.archive.access import series_for
from app.archive.errors import BadParameter, Conflict
from app.archive.regridding import is_stale
from app.archive.segmentations import segmentation_for
from app.imaging import png
from app.imaging.errors import N_
from app.imaging.geometry import spacing_from_affine
from app.imaging.labelpictures import Labels, label_plane, label_slab
from app.imaging.oblique import InvalidPlane
from app.imaging.reslice import PlaneName, plane_geometry
from app.imaging.slab import slab_range
from app.models import Segmentation
from app.storage.store import Store
from app.viewer.codings import chosen_coding, coded
from app.viewer.parameters import NoSuchImage, read_index
from app.viewer.planes import named_fault, read_plane, read_slab

blueprint = Blueprint("viewer_labels", __name__, url_prefix="/segmentations")
blueprint.before_request(login_required(lambda: None))

# Part of every ETag: raise it when the same voxels come out as other bytes.
_FORM = 1
_KEEP = "private, max-age=2592000, immutable"
_ASK_AGAIN = "private, no-cache"
_STALE = N_("The segmentation lies on images that have changed since: it cannot be drawn on those of today.")


@blueprint.get("/<segmentation_id>/layers/<int:index>")
def layer(segmentation_id: str, index: int) -> Response:
    """The voxels of a layer's box: a byte each, C order (k, j, i)."""
    segmentation = _current(segmentation_id)
    coding = chosen_coding(request.accept_encodings)

    def body() -> Response:
        voxels = masks.layer_of(segmentation, _store(), index).labels.reshape(-1)
        answer = Response(b"".join(coded((voxels,), coding)), mimetype="application/octet-stream")
        if coding != "identity":
            answer.content_encoding = coding
        return answer

    answer = _kept(segmentation, f"{index}-{coding}", body)
    answer.vary.add("Accept-Encoding")
    return answer


@blueprint.get("/<segmentation_id>/planes/<any(axial, coronal, sagittal):plane>/<int:index>.png")
def plane_png(segmentation_id: str, plane: PlaneName, index: int) -> Response:
    """One slice of one plane, or the slab around it, as grey PNG of label values."""
    segmentation, slab = _current(segmentation_id), read_slab(request.args)
    number = _layer_number(segmentation)

    def labels() -> Labels:
        grid = masks.grid_of(segmentation)
        geometry = plane_geometry(grid.shape_ijk, grid.matrix, plane)
        if index >= geometry.count:
            raise NoSuchImage(index, geometry.count)
        spacing_mm = spacing_from_affine(grid.matrix)[geometry.axes_ijk[2]]
        slices = slab_range(index, geometry.count, spacing_mm, slab.thickness_mm if slab else 0.0)
        return label_slab(masks.layer_of(segmentation, _store(), number), grid, geometry, slices)

    key = f"{number}-{plane}-{index}-{slab.key if slab else ''}"
    return _kept(segmentation, key, lambda: _picture(labels()))


@blueprint.get("/<segmentation_id>/plane.png")
def oblique_png(segmentation_id: str) -> Response:
    """Any plane, or a slab around it, as grey PNG of label values."""
    segmentation, wanted = _current(segmentation_id), read_plane(request.args)
    number = _layer_number(segmentation)

    def labels() -> Labels:
        thickness_mm = wanted.slab.thickness_mm if wanted.slab else 0.0
        there = masks.layer_of(segmentation, _store(), number)
        try:
            return label_plane(there, masks.grid_of(segmentation), wanted.plane, thickness_mm)
        except InvalidPlane as fault:
            raise named_fault(fault) from None

    return _kept(segmentation, f"{number}-plane-{wanted.key}", lambda: _picture(labels()))


def _current(segmentation_id: str) -> Segmentation:
    """A segmentation that the user may see, if it lies on the volume of today.

    Raises
    ------
    NotFound, Conflict
    """
    segmentation = segmentation_for(current_user, segmentation_id)
    if is_stale(segmentation, series_for(current_user, segmentation.series_row_id)):
        raise Conflict(_STALE)
    return segmentation


def _layer_number(segmentation: Segmentation) -> int:
    if not segmentation.layers:
        raise BadParameter("layer", N_("%(field)s: the segmentation has none."), "")
    return read_index(request.args, "layer", len(segmentation.layers), default=0)


def _picture(labels: Labels) -> Response:
    return Response(png.encode_grey(labels), mimetype="image/png")


def _kept(segmentation: Segmentation, key: str, make: Callable[[], Response]) -> Response:
    """An answer that the browser may keep; one that it has is not made again."""
    etag = f"{segmentation.id}-{segmentation.mask_revision}-{_FORM}-{key}"
    answer = Response(status=304) if request.if_none_match.contains(etag) else make()
    answer.set_etag(etag)
    named = request.args.get("rev") == str(segmentation.mask_revision)
    answer.headers["Cache-Control"] = _KEEP if named else _ASK_AGAIN
    return answer


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store
