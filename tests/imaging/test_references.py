"""What structure sets, segmentations and doses say that they belong to, also where they say it badly."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from app.imaging.errors import ImagingError, UnsupportedData
from app.imaging.references import FileReference, read_reference
from tests.imaging.phantoms import FRAME_UID, SERIES_UID, ct_slice, item
from tests.imaging.rtsamples import dose_grid, structure_set


def read(folder: Path, dataset: Dataset) -> FileReference:
    path = folder / "object.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return read_reference(path)


def seg(**elements: object) -> Dataset:
    dataset = ct_slice(0, SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4", Modality="SEG", **elements)
    dataset.ReferencedSeriesSequence = [item(SeriesInstanceUID="1.2.3.5"), item(SeriesInstanceUID="1.2.3.6")]
    return dataset


def test_a_structure_set_names_series_and_frame(tmp_path: Path) -> None:
    found = read(tmp_path, structure_set({"GTV": []}, StructureSetLabel="Plan A", SeriesDescription="Other"))
    assert found == FileReference("rtstruct", "Plan A", FRAME_UID, (SERIES_UID,))


def test_a_segmentation_names_its_series(tmp_path: Path) -> None:
    found = read(tmp_path, seg(ContentLabel="LIVER"))
    assert found == FileReference("seg", "LIVER", FRAME_UID, ("1.2.3.5", "1.2.3.6"))


def test_a_dose_names_its_frame(tmp_path: Path) -> None:
    found = read(tmp_path, dose_grid(np.ones((2, 2, 2), np.uint16)))
    assert found == FileReference("rtdose", "PLAN", FRAME_UID, ())


def test_what_is_missing_or_no_sequence_is_left_out(tmp_path: Path) -> None:
    bare = structure_set({"GTV": []}, ReferencedFrameOfReferenceSequence=None)
    assert read(tmp_path, bare) == FileReference("rtstruct", "", "", ())
    # The sequence's tag with a text in it.
    odd = seg(FrameOfReferenceUID=None)
    del odd.ReferencedSeriesSequence
    odd.add_new(0x00081115, "LO", "no sequence")
    assert read(tmp_path, odd).series_uids == ()
    empty = seg()
    empty.ReferencedSeriesSequence = [Dataset()]
    assert read(tmp_path, empty).series_uids == ()


def test_other_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedData):
        read(tmp_path, ct_slice(0))
    (tmp_path / "none").write_bytes(b"words" * 100)
    with pytest.raises(ImagingError):
        read_reference(tmp_path / "none")
