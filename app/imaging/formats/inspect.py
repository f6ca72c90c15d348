"""What the archive keeps of a file of any format, and the list of its header's fields."""

import hashlib
import uuid
from pathlib import Path

from app.imaging import dicomfile
from app.imaging.dicomfile import inspect_file
from app.imaging.elements import MAX_VALUE, Element
from app.imaging.errors import N_, UnsupportedData
from app.imaging.facts import InstanceFacts
from app.imaging.formats import niftifields, nrrdfields
from app.imaging.formats.nifti import read_nifti
from app.imaging.formats.nrrd import read_nrrd
from app.imaging.formats.sniff import file_format
from app.imaging.formats.volumefile import VolumeFile
from app.imaging.formats.voxelstream import verify_voxels
from app.imaging.limits import DEFAULT_LIMITS, MIB, ReadLimits
from app.imaging.values import clean_text

# Ours, made once at random: UIDs come from a file's bytes under it, the same ones each time.
_NAMESPACE = uuid.UUID("6f1d3c0e-53b1-4b0e-9d55-1a0a2f6c7be4")
NOT_DICOM = N_("A NIfTI or NRRD volume is no DICOM file: it cannot be anonymised here and is left out.")


def read_volume_file(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> VolumeFile:
    """The header of the NIfTI or NRRD file at *path*, checked; no voxel is read.

    Raises
    ------
    ImagingError
        Why it is no volume that can be shown truly.
    """
    return read_nrrd(path, limits) if file_format(path) == "nrrd" else read_nifti(path, limits)


def inspect_any(path: Path, limits: ReadLimits = DEFAULT_LIMITS) -> InstanceFacts:
    """The facts of the DICOM, NIfTI or NRRD file at *path*.

    Of a NIfTI or NRRD file nothing is taken that may name somebody; its UIDs follow from its bytes.

    Raises
    ------
    ImagingError
        Why the file cannot be taken into the archive.
    """
    if file_format(path) == "dicom":
        return inspect_file(path, limits)
    volume_file = read_volume_file(path, limits)
    verify_voxels(volume_file)
    return _facts(volume_file, _hash(path))


def list_any_elements(path: Path, limit: int = 2000, limits: ReadLimits = DEFAULT_LIMITS) -> list[Element]:
    """The header of a file of any format as rows, at most *limit*; free text is shown here alone.

    Raises
    ------
    ImagingError
        The header cannot be read.
    """
    match file_format(path):
        case "dicom":
            return dicomfile.list_elements(path, limit, limits)
        case "nifti":
            rows = _nifti_rows(path)
        case "nrrd":
            rows = _nrrd_rows(path)
    return [_row(name, value) for name, value in rows[:limit]]


def refuse_other_formats(path: Path) -> None:
    """Let only DICOM pass, where copies without a patient's name are made.

    Raises
    ------
    UnsupportedData
        The file is NIfTI or NRRD.
    """
    if file_format(path) != "dicom":
        raise UnsupportedData(NOT_DICOM)


def _facts(volume_file: VolumeFile, sha256: str) -> InstanceFacts:
    columns, rows, slices = volume_file.shape_ijk
    return InstanceFacts(
        sop_instance_uid=_uid("instance", sha256),
        sop_class_uid="",
        transfer_syntax_uid="",
        study_instance_uid=_uid("study", sha256),
        series_instance_uid=_uid("series", sha256),
        frame_of_reference_uid=None,
        patient_id="",
        patient_name="",
        issuer_of_patient_id="",
        birth_date=None,
        sex="",
        patient_age="",
        study_date=None,
        study_time=None,
        study_description="",
        study_id="",
        accession_number="",
        series_number=None,
        series_description="",
        series_date=None,
        protocol_name="",
        body_part="",
        modality="",
        manufacturer="",
        instance_number=None,
        rows=rows,
        columns=columns,
        frames=slices * volume_file.phase_count,
        has_pixels=True,
        is_deidentified=False,
        image_type=(),
        file_format=volume_file.kind,
    )


def _uid(level: str, sha256: str) -> str:
    """A UID made from a UUID (PS3.5 B.2), the same for the same bytes."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, f'{level}:{sha256}').int}"


def _hash(path: Path) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(MIB):
            sha256.update(data)
    return sha256.hexdigest()


def _nifti_rows(path: Path) -> list[tuple[str, str]]:
    fields = niftifields.read_fields(path)
    rows = [("magic", f"NIfTI-{fields.version}"), ("endian", "little" if fields.order == "<" else "big")]
    for name, value in fields.numbers.items():
        values = value if isinstance(value, tuple) else (value,)
        rows.append((name, "\\".join(f"{one:.9g}" for one in values)))
    return rows + list(fields.texts.items())


def _nrrd_rows(path: Path) -> list[tuple[str, str]]:
    fields = nrrdfields.read_fields(path)
    comments = [("#", comment) for comment in fields.comments]
    return [*fields.fields.items(), *fields.keys, *comments]


def _row(name: str, value: str) -> Element:
    shown = clean_text(value, MAX_VALUE + 1)
    if len(shown) > MAX_VALUE:
        shown = shown[: MAX_VALUE - 1] + "…"
    return Element("", "", clean_text(name, 64), "", shown, 0)
