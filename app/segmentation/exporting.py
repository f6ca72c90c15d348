"""The segments of a segmentation as files of other programs: one file, or several in a ZIP.

Files are written one after the other into one on the disk, so that of forty surfaces one is held at a time.
"""

import re
import tempfile
import unicodedata
import uuid
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any

from sqlalchemy import select

from app.archive import masks, volumes
from app.archive.errors import BadParameter, Conflict
from app.archive.incoming import disk_room
from app.archive.parsing import read_limits
from app.archive.regridding import is_stale
from app.archive.room import check_disk
from app.archive.turns import Turns
from app.imaging.dicomfile import read_dataset
from app.imaging.errors import N_, LimitExceeded
from app.imaging.formats.labelwriter import nifti_bytes, nrrd_bytes, snap_labels
from app.imaging.formats.meshfile import NamedMesh, glb_bytes, obj_bytes, ply_bytes, stl_bytes
from app.imaging.formats.rtstructwriter import rtstruct_bytes
from app.imaging.formats.segwriter import seg_bytes
from app.imaging.formats.sourceimages import NotWritable, SourceImages
from app.imaging.formats.writtenas import Algorithm, WrittenAs
from app.imaging.segments import Grid, Segment
from app.imaging.surface import surface_of
from app.models import Instance, Segmentation, Series, db, utc_now
from app.segmentation.receiving import read_numbers
from app.storage.store import Store

FORMATS = ("seg", "rtstruct", "nifti", "nrrd", "stl", "obj", "ply", "glb")
_MESHES: dict[str, Callable[[NamedMesh], bytes]] = {
    "stl": lambda named: stl_bytes(named.mesh),
    "obj": obj_bytes,
    "ply": ply_bytes,
}
_TYPES = {
    ".dcm": "application/dicom",
    ".stl": "model/stl",
    ".obj": "model/obj",
    ".glb": "model/gltf-binary",
    ".zip": "application/zip",
}
MOST_BYTES = 1024 * 1024 * 1024
"""Of the files of one export; forty organs at full resolution have 0.2 GB as STL."""
MOST_SCENE_BYTES = 256 * 1024 * 1024
"""Of the surfaces in one GLB, which are held together."""
_STEM = "triplano-segments"
_LONGEST_WORD = 40
_WANTED = N_("%(field)s is “%(found)s”; one or several of %(known)s are wanted.")
_EMPTY = N_("The segments have no voxel: there is nothing to write.")
_TOO_LARGE = N_(
    "The files would have more than %(limit)s bytes: choose fewer segments or formats, or a surface with "
    "less detail in the 3D view."
)
_STALE = N_(
    "The segmentation lies on images that have changed since: it cannot be written for those of today."
)


@dataclass(frozen=True)
class ExportedFile:
    """A file for the caller, who closes it; its name says nothing of the patient."""

    name: str
    content: IO[bytes]
    size: int

    @property
    def mimetype(self) -> str:
        """The media type of the content."""
        return _TYPES.get(self.name[self.name.rfind(".") :], "application/octet-stream")


def exported(
    segmentation: Segmentation, arguments: Mapping[str, str], store: Store, settings: Mapping[str, Any]
) -> ExportedFile:
    """The formats of ``format``, of the segments of ``segments`` (all without it).

    A NIfTI has no names; among other files those come beside it, for ITK-SNAP.

    Raises
    ------
    BadParameter
    Conflict
        A mask is lost, or the images under it have changed.
    ImagingError
        A format cannot hold these segments; LimitExceeded where the files would be too large.
    Busy, StorageFull
    """
    formats = _formats(arguments)
    numbers = read_numbers(arguments, segmentation)
    check_disk(0, store, settings)
    with _turns.turn():
        segments = masks.read_segments(segmentation, store, numbers)
        if not any(segment.mask.voxels.size for segment in segments):
            raise NotWritable(_EMPTY)
        writing = _Writing(segmentation, segments, store, settings)
        files = (file for name in formats for file in writing.files(name))
        return _collected(chain(files, writing.names() if _needs_names(formats) else ()), store)


@dataclass(frozen=True)
class _Written:
    """One file."""

    name: str
    content: bytes


class _Writing:
    """Segments about to be written; what several formats need is read once."""

    def __init__(
        self,
        segmentation: Segmentation,
        segments: Sequence[Segment],
        store: Store,
        settings: Mapping[str, Any],
    ) -> None:
        self._segmentation = segmentation
        self._segments = segments
        self._grid: Grid = masks.grid_of(segmentation)
        self._store = store
        self._settings = settings
        self._sources: SourceImages | None = None

    def files(self, name: str) -> Iterator[_Written]:
        """The file of one format; of surfaces one a segment."""
        if name in _MESHES:
            yield from self._meshes(name)
        elif name == "glb":
            yield self._scene()
        elif name == "seg":
            yield _Written(f"{_STEM}-seg.dcm", seg_bytes(*self._of_images()))
        elif name == "rtstruct":
            yield _Written(f"{_STEM}-rtstruct.dcm", rtstruct_bytes(*self._of_images()))
        else:
            yield self._labels(name)

    def names(self) -> Iterator[_Written]:
        """Numbers, colours and names of the label maps."""
        yield _Written(f"{_STEM}-labels.txt", snap_labels(self._segments))

    def _labels(self, name: str) -> _Written:
        if name == "nifti":
            return _Written(f"{_STEM}.nii.gz", nifti_bytes(self._segments, self._grid))
        return _Written(f"{_STEM}.seg.nrrd", nrrd_bytes(self._segments, self._grid))

    def _meshes(self, name: str) -> Iterator[_Written]:
        for segment in self._segments:
            if segment.mask.voxels.size:
                named = NamedMesh(surface_of(segment.mask, self._grid), segment.name, segment.color_rgb)
                yield _Written(f"{_STEM}-{_word(segment)}.{name}", _MESHES[name](named))

    def _scene(self) -> _Written:
        """All surfaces with their names and colours in one GLB.

        Raises
        ------
        LimitExceeded
        """
        named, size = [], 0
        for segment in self._segments:
            mesh = surface_of(segment.mask, self._grid)
            size += 2 * mesh.vertices_lps.nbytes + mesh.faces.nbytes  # with their normals
            if size > MOST_SCENE_BYTES:
                raise LimitExceeded(_TOO_LARGE, limit=f"{MOST_SCENE_BYTES:,}")
            named.append(NamedMesh(mesh, segment.name, segment.color_rgb))
        return _Written(f"{_STEM}.glb", glb_bytes(named))

    def _of_images(self) -> tuple[Sequence[Segment], Grid, SourceImages, WrittenAs]:
        if self._sources is None:
            self._sources = self._read_sources()
        return self._segments, self._grid, self._sources, self._written_as()

    def _read_sources(self) -> SourceImages:
        """The images of the volume.

        Raises
        ------
        Conflict
            They are others than those that the masks lie on, or one is lost.
        """
        series = db.session.get_one(Series, self._segmentation.series_row_id)
        if is_stale(self._segmentation, series):
            raise Conflict(_STALE)
        if series.file_format != "dicom":
            return SourceImages(())
        header = volumes.load(volumes.shown(series, part=self._segmentation.part), self._store).header
        wanted = set(header.sop_instance_uids)
        rows = db.session.execute(
            select(Instance.sop_instance_uid, Instance.owner_id, Instance.sha256)
            .where(Instance.series_row_id == series.id)
            .order_by(Instance.instance_number, Instance.id)
        )
        paths = [self._store.original(owner, sha256) for uid, owner, sha256 in rows if uid in wanted]
        limits = read_limits(self._settings)
        try:
            headers = [read_dataset(path, stop_before_pixels=True, limits=limits) for path in paths]
        except FileNotFoundError:
            raise Conflict(volumes.LOST) from None
        return SourceImages.of(headers, header)

    def _written_as(self) -> WrittenAs:
        return WrittenAs(
            series_uid=_new_uid(),
            instance_uid=_new_uid(),
            name=self._segmentation.name,
            version=str(self._settings["VERSION"]),
            algorithms=self._algorithms(),
            made_at=utc_now(),
        )

    def _algorithms(self) -> dict[int, Algorithm]:
        """Who draws decides each voxel; what came from a file does not say how it was made."""
        if self._segmentation.kind != "drawn":
            return {}
        return {segment.number: Algorithm("MANUAL") for segment in self._segments}


def _formats(arguments: Mapping[str, str]) -> list[str]:
    text = arguments.get("format", "")
    wanted = [part.strip() for part in text.split(",", len(FORMATS))]
    if not set(wanted) <= set(FORMATS):
        raise BadParameter("format", _WANTED, text, known=", ".join(FORMATS))
    return list(dict.fromkeys(wanted))


def _needs_names(formats: Sequence[str]) -> bool:
    """Whether a NIfTI goes with others: alone it stays one file."""
    return "nifti" in formats and len(formats) > 1


def _collected(files: Iterator[_Written], store: Store) -> ExportedFile:
    """The only one of *files*, or all of them in a ZIP."""
    with ExitStack() as on_fault:
        # It has no name on the disk, so that nothing is left of it whatever ends this process.
        content = on_fault.enter_context(tempfile.TemporaryFile(dir=store.incoming))
        begun = deque(islice(files, 2))
        name = begun[0].name if len(begun) == 1 else f"{_STEM}.zip"
        with disk_room():
            if len(begun) == 1:
                content.write(begun.pop().content)
            else:
                _pack(begun, files, content)
        on_fault.pop_all()
        size = content.tell()
        content.seek(0)
        return ExportedFile(name, content, size)


def _pack(begun: deque[_Written], others: Iterator[_Written], into: IO[bytes]) -> None:
    """Write a ZIP of all of them, each let go when it is in.

    Raises
    ------
    LimitExceeded
    """
    total = 0
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        while file := begun.popleft() if begun else next(others, None):
            total += len(file.content)
            if total > MOST_BYTES:
                raise LimitExceeded(_TOO_LARGE, limit=f"{MOST_BYTES:,}")
            archive.writestr(file.name, file.content)


def _word(segment: Segment) -> str:
    """The segment's number and what its name has of plain letters and digits."""
    plain = unicodedata.normalize("NFKD", segment.name).encode("ascii", "ignore").decode()
    word = re.sub(r"[^A-Za-z0-9]+", "-", plain)[:_LONGEST_WORD].strip("-")
    return f"{segment.number}-{word}" if word else str(segment.number)


def _new_uid() -> str:
    return f"2.25.{uuid.uuid4().int}"


_turns = Turns(2, waiting=4, patience=20.0)
