"""Marks as a DICOM structured report of measurements (Comprehensive 3D SR, TID 1500), written by highdicom.

Points in the patient stand as SCOORD3D with the Frame of Reference UID of the series, points on images
without a place as SCOORD with a reference to the image. Lengths and angles are measurement groups (TID 1501)
whose numbers hold the coordinates; regions, arrows, probes and key images are planar regions (TID 1410).
Patient and study are taken from the source images, so that the report joins their study. The observer is the
program and nobody's name: who drew the marks is not in the file.

Graphic Data are 32-bit floats (FL): a metre from the origin a point comes back within 0.00004 mm. Colours,
the window of a key image and whether a mark is hidden have no place in the template and are left out.

References
----------
PS3.3 A.35.13 (Comprehensive 3D SR), C.18.6 and C.18.9 (coordinates: the top left corner of an image is 0,
the centre of its first pixel 0.5); PS3.16 TID 1500.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.imaging.formats import reportcodes as codes
from app.imaging.formats.sourceimages import PATIENT, STUDY, copy_element
from app.imaging.markvalues import REGION_KINDS, Measure, plane_points

Mark = Mapping[str, Any]
Points = NDArray[np.float64]

_UNSET_LABEL = "Triplano %s"
"""Tracking Identifier of a mark without a label: the standard wants one."""
_SERIES_NUMBER = 990  # above what scanners count to, so that the report stands last
_IDENTITY = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_BLANK = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID")


@dataclass(frozen=True)
class ReportedMark:
    """A mark with what was measured, and the image that it lies on.

    Attributes
    ----------
    mark : mapping
        As :mod:`app.imaging.markvalues` has it, with ``id``, ``label`` and ``phase``.
    measures : tuple of Measure
        Lengths and areas; ``mean``, ``std``, ``min`` and ``max`` of a region; ``value`` of a probe.
    image : (SOP Class UID, SOP Instance UID, frame from 1 or None) or None
        Needed by marks in the space "image".
    """

    mark: Mark
    measures: tuple[Measure, ...]
    image: tuple[str, str, int | None] | None = None


@dataclass(frozen=True)
class ReportFrame:
    """What surrounds the marks: new UIDs, the space they are in, what made the file."""

    series_uid: str
    instance_uid: str
    frame_of_reference_uid: str | None
    modality: str
    version: str


def write_report(marks: Sequence[ReportedMark], sources: Sequence[Dataset], frame: ReportFrame) -> bytes:
    """The Part 10 file of a report of *marks* on *sources*.

    Parameters
    ----------
    marks : sequence of ReportedMark
        At least one.
    sources : sequence of Dataset
        Headers of the images referred to, the first of which lends patient and study.
    frame : ReportFrame

    Raises
    ------
    ValueError
        A mark in the patient without a frame of reference, or one on an image without the image.
    """
    from highdicom import sr  # half a second, for those who export

    report = sr.MeasurementReport(
        observation_context=_observer(frame.version),
        procedure_reported=_concept(codes.PROCEDURE),
        imaging_measurements=[_group(one, frame) for one in marks],
        title=_concept(("126000", "DCM", "Imaging Measurement Report")),
    )
    document = sr.Comprehensive3DSR(
        evidence=[_evidence(source) for source in sources],
        content=report,
        series_instance_uid=frame.series_uid,
        series_number=_SERIES_NUMBER,
        sop_instance_uid=frame.instance_uid,
        instance_number=1,
        manufacturer="Triplano",
        is_complete=True,
        specific_character_set="ISO_IR 192",
    )
    for keyword in (*PATIENT, *STUDY):
        copy_element(sources[0], document, keyword)
    document.ManufacturerModelName, document.SoftwareVersions = "Triplano", frame.version
    document.SeriesDescription = "Triplano measurements"
    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeName = codes.SCHEME, "Triplano's kinds of marks"
    document.CodingSchemeIdentificationSequence = [scheme]
    written = BytesIO()
    document.save_as(written, enforce_file_format=True)
    return written.getvalue()


def tracking_uid(mark_id: str) -> str:
    """A mark's UUID as a UID (PS3.5 B.2)."""
    return f"2.25.{uuid.UUID(mark_id).int}"


def unset_label(kind: str) -> str:
    """What stands in the place of the label of a mark that has none."""
    return _UNSET_LABEL % kind


def _observer(version: str) -> Any:
    from highdicom import sr

    device = sr.DeviceObserverIdentifyingAttributes(
        uid=codes.DEVICE_UID, name="Triplano", manufacturer_name="Triplano", model_name=f"Triplano {version}"
    )
    context = sr.ObserverContext(
        observer_type=_concept(("121007", "DCM", "Device")), observer_identifying_attributes=device
    )
    return sr.ObservationContext(observer_device_context=context)


def _group(one: ReportedMark, frame: ReportFrame) -> Any:
    """One mark as a measurement group."""
    from highdicom import sr

    mark, kind = one.mark, one.mark["kind"]
    label = mark.get("label") or unset_label(kind)
    phase = mark.get("phase") or 0
    common: dict[str, Any] = {
        "tracking_identifier": sr.TrackingIdentifier(tracking_uid(mark["id"]), label),
        "time_point_context": sr.TimePointContext(str(phase)) if phase else None,
        "qualitative_evaluations": [
            sr.QualitativeEvaluation(_concept(codes.KIND), _concept(_kind_code(mark)))
        ],
    }
    if kind in (*REGION_KINDS, "arrow", "probe", "keyimage"):
        return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            referenced_region=_region(one, frame),
            measurements=[_number(measure, frame) for measure in one.measures] or None,
            **common,
        )
    drawn = _points(mark)
    parts = _axes(mark, drawn) if kind == "bidirectional" else (drawn,)
    numbers = [
        _number(measure, frame, _coordinates(part, one, frame))
        for measure, part in zip(one.measures, parts, strict=True)
    ]
    return sr.MeasurementsAndQualitativeEvaluations(measurements=numbers, **common)


def _number(measure: Measure, frame: ReportFrame, coordinates: Any = None) -> Any:
    from highdicom import sr

    derivation = codes.DERIVATIONS.get(measure.name)
    name = codes.MEASURES.get(measure.name) or codes.intensity_code(frame.modality, measure.unit)
    return sr.Measurement(
        name=_concept(name),
        value=float(measure.value),
        unit=_concept(codes.unit_code(measure.unit)),
        derivation=_concept(derivation) if derivation else None,
        referenced_coordinates=[coordinates] if coordinates is not None else None,
    )


def _coordinates(points: Points, one: ReportedMark, frame: ReportFrame) -> Any:
    """A polyline inside a number."""
    from highdicom import sr

    if one.mark["space"] == "image":
        return sr.CoordinatesForMeasurement("POLYLINE", points, _image(one))
    return sr.CoordinatesForMeasurement3D("POLYLINE", points, _space(frame))


def _region(one: ReportedMark, frame: ReportFrame) -> Any:
    from highdicom import sr

    points, graphic = _shape(one.mark)
    if one.mark["space"] == "image":
        # Closed polylines are the polygons of SCOORD (PS3.3 C.18.6.1.1).
        return sr.ImageRegion("POLYLINE" if graphic == "POLYGON" else graphic, points, _image(one))
    return sr.ImageRegion3D(graphic, points, _space(frame))


def _shape(mark: Mark) -> tuple[Points, str]:
    """The points of a region as its graphic type orders them."""
    from highdicom.spatial import are_points_coplanar

    points = _points(mark)
    match mark["kind"]:
        case "ellipse":
            center, *ends = points
            if _second_is_longer(points):
                ends.reverse()
            return np.array([point for end in ends for point in (2 * center - end, end)]), "ELLIPSE"
        case "rectangle" | "freehand":
            closed = np.vstack((points, points[:1]))
            flat = mark["space"] == "image" or are_points_coplanar(closed)
            return closed, "POLYGON" if flat else "POLYLINE"
        case "arrow":
            return points, "POLYLINE"
    return points, "POINT"


def _points(mark: Mark) -> Points:
    points = np.asarray(mark["points"], np.float64)
    # Our pixel centres lie at whole numbers, the standard's at halves.
    return points[:, :2] + 0.5 if mark["space"] == "image" else points


def _axes(mark: Mark, drawn: Points) -> tuple[Points, Points]:
    """The lines of a bidirectional mark as its measures stand: the longer one, in its own plane, first."""
    flat, _unit = plane_points(mark)
    lengths = (np.linalg.norm(flat[1] - flat[0]), np.linalg.norm(flat[3] - flat[2]))
    return (drawn[2:], drawn[:2]) if lengths[1] > lengths[0] else (drawn[:2], drawn[2:])


def _second_is_longer(points: Points) -> bool:
    first, second = np.linalg.norm(points[1:] - points[0], axis=1)
    return bool(second > first)


def _kind_code(mark: Mark) -> codes.Code:
    kind = mark["kind"]
    if kind == "ellipse" and _second_is_longer(_points(mark)):
        kind = "ellipse-second"
    return (kind, codes.SCHEME, codes.KINDS[kind])


def _space(frame: ReportFrame) -> str:
    if not frame.frame_of_reference_uid:
        raise ValueError("marks in the patient need a frame of reference")
    return frame.frame_of_reference_uid


def _image(one: ReportedMark) -> Any:
    from highdicom import sr

    if one.image is None:
        raise ValueError("a mark on an image needs the image")
    class_uid, instance_uid, number = one.image
    return sr.SourceImageForRegion(class_uid, instance_uid, None if number is None else [number])


def _concept(code: codes.Code) -> Any:
    from highdicom import sr

    return sr.CodedConcept(*code)


def _evidence(source: Dataset) -> Dataset:
    """What highdicom needs of an image. Names and days are left blank here, as it judges them by stricter
    rules than files are written by; they are copied as they are afterwards."""
    evidence = Dataset()
    for keyword in _IDENTITY:
        setattr(evidence, keyword, source[keyword].value)
    for keyword in _BLANK:
        setattr(evidence, keyword, "")
    evidence.StudyDate = evidence.StudyTime = None
    return evidence
