"""Label maps written, and read back by nibabel, SimpleITK and pynrrd."""

import gzip

import nibabel
import nrrd
import numpy as np
import pytest
import SimpleITK

from app.imaging.errors import LimitExceeded, UnsupportedData
from app.imaging.formats import labelwriter
from app.imaging.formats.labelfile import read_labels
from app.imaging.formats.labelwriter import nifti_bytes, nrrd_bytes, snap_labels
from app.imaging.segments import BoxMask, Code, Segment
from tests.imaging.formats.masksamples import (
    AXIAL,
    GRIDS,
    OBLIQUE,
    SHAPE_IJK,
    SHAPE_KJI,
    grid_of,
    masks,
    segments,
)

NAMES = {2: "ring", 5: "islands", 6: "voxel", 9: "organ"}


def lps_places(image: SimpleITK.Image, number: int) -> np.ndarray:
    """The places of the voxels of label *number*, as SimpleITK has them, sorted."""
    k, j, i = np.nonzero(SimpleITK.GetArrayFromImage(image) == number)
    points = [
        image.TransformIndexToPhysicalPoint((int(a), int(b), int(c))) for a, b, c in zip(i, j, k, strict=True)
    ]
    return np.array(sorted(tuple(np.round(point, 3) + 0.0) for point in points))


def expected_places(key: str, affine) -> np.ndarray:
    matrix = np.array(affine, np.float64)
    points = np.argwhere(masks()[key])[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3]
    return np.array(sorted(tuple(np.round(point, 3) + 0.0) for point in points))


def opened(content: bytes) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image.from_bytes(gzip.decompress(content))


def read_nrrd(folder, content: bytes):
    """Values (k, j, i[, layer]) and header, as pynrrd reads them; it drops letters beyond ASCII."""
    path = folder / "labels.seg.nrrd"
    path.write_bytes(content)
    return nrrd.read(str(path), index_order="C")


@pytest.mark.parametrize("kind", ["nii.gz", "seg.nrrd"])
@pytest.mark.parametrize("name", GRIDS)
def test_simpleitk_finds_every_voxel_at_its_place(tmp_path, name, kind):
    write = nifti_bytes if kind == "nii.gz" else nrrd_bytes
    path = tmp_path / f"labels.{kind}"
    path.write_bytes(write(segments(overlap=False), grid_of(GRIDS[name])))

    image = SimpleITK.ReadImage(str(path))

    for number in (2, 5, 6):
        found, expected = lps_places(image, number), expected_places(NAMES[number], GRIDS[name])
        assert found.shape == expected.shape
        # Coordinates of NIfTI are float32.
        assert found == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize("name", GRIDS)
def test_nibabel_has_both_forms_in_ras(name):
    image = opened(nifti_bytes(segments(overlap=False), grid_of(GRIDS[name])))
    ras = np.diag((-1.0, -1.0, 1.0, 1.0)) @ np.array(GRIDS[name], np.float64)

    assert image.get_data_dtype() == np.uint8
    assert (int(image.header["qform_code"]), int(image.header["sform_code"])) == (1, 1)
    assert image.get_sform() == pytest.approx(ras)
    assert image.get_qform() == pytest.approx(ras, abs=1e-4)
    assert image.header.get_xyzt_units()[0] == "mm"
    assert np.array_equal(np.asarray(image.dataobj).T == 2, masks()["ring"])


def test_overlapping_segments_take_a_fourth_axis_of_nifti():
    image = opened(nifti_bytes(segments(), grid_of(OBLIQUE)))
    values = np.asarray(image.dataobj)

    assert values.shape == (*SHAPE_IJK, 2)
    for number, key in NAMES.items():
        assert np.array_equal((values == number).any(axis=-1).T, masks()[key])


def test_overlapping_segments_take_layers_of_nrrd(tmp_path):
    values, header = read_nrrd(tmp_path, nrrd_bytes(segments(), grid_of(OBLIQUE)))

    assert values.shape == (*SHAPE_KJI, 2)
    assert header["kinds"] == ["list", "domain", "domain", "domain"]
    for place, (number, key) in enumerate(NAMES.items()):
        layer, label = int(header[f"Segment{place}_Layer"]), int(header[f"Segment{place}_LabelValue"])
        assert label == number
        assert np.array_equal(values[..., layer] == label, masks()[key])
    assert [header[f"Segment{n}_Layer"] for n in range(4)] == ["0", "0", "0", "1"]


def test_names_colours_and_codes_are_where_3d_slicer_looks(tmp_path):
    _values, header = read_nrrd(tmp_path, nrrd_bytes(segments(overlap=False), grid_of(AXIAL)))

    assert header["Segment2_Name"] == "Segment 6"
    assert header["Segment0_Color"] == "0.901961 0.0980392 0.294118"
    assert header["Segment0_Extent"] == "2 8 1 8 1 4"
    assert header["Segment0_Tags"] == (
        "TerminologyEntry:Segmentation category and type - DICOM master list"
        "~SCT^91723000^Anatomical Structure~SCT^64033007^Kidney~^^~Anatomic codes - DICOM master list~^^~^^|"
    )
    assert header["Segmentation_SourceRepresentation"] == "Binary labelmap"
    assert header["space"] == "left-posterior-superior"
    # As the library of 3D Slicer reads it, with its letters.
    image = SimpleITK.ReadImage(str(tmp_path / "labels.seg.nrrd"))
    assert image.GetMetaData("Segment0_Name") == "Anillo <b>ñ</b>"


@pytest.mark.parametrize("name", GRIDS)
def test_our_own_reader_reads_the_same_segments(tmp_path, name):
    path = tmp_path / "labels"
    path.write_bytes(nrrd_bytes(segments(), grid_of(GRIDS[name])))

    image = read_labels(path)

    assert np.array(image.grid.affine) == pytest.approx(np.array(GRIDS[name]))
    assert [segment.name for segment in image.segments] == ["Anillo <b>ñ</b>", "islas", "Segment 6", "GTV/1"]
    assert [segment.number for segment in image.segments] == [2, 5, 6, 9]
    assert [segment.color_rgb for segment in image.segments][:2] == [(230, 25, 75), (60, 180, 75)]
    assert image.segments[0].code == Code("64033007", "SCT", "Kidney")
    for segment, key in zip(image.segments, NAMES.values(), strict=True):
        assert np.array_equal(segment.mask.full(SHAPE_KJI), masks()[key])


def test_our_own_reader_reads_the_nifti(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(nifti_bytes(segments(overlap=False), grid_of(OBLIQUE)))

    image = read_labels(path)

    assert [segment.number for segment in image.segments] == [2, 5, 6]
    assert np.array_equal(image.segments[0].mask.full(SHAPE_KJI), masks()["ring"])


def test_our_own_reader_reads_the_volumes_of_a_nifti(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(nifti_bytes(segments(), grid_of(OBLIQUE)))

    image = read_labels(path)

    assert {segment.number for segment in image.segments} == set(NAMES)
    for segment in image.segments:
        assert np.array_equal(segment.mask.full(SHAPE_KJI), masks()[NAMES[segment.number]])


def test_volumes_of_ones_count_as_segments_and_other_repeats_are_refused(tmp_path):
    ones = np.zeros((5, 4, 3, 3), np.uint8)
    ones[:2, ..., 0] = ones[1:, ..., 2] = 1
    path = tmp_path / "labels.nii"
    nibabel.save(nibabel.Nifti1Image(ones, np.eye(4)), path)

    assert [(segment.number, segment.mask.count) for segment in read_labels(path).segments] == [
        (1, 24),
        (3, 48),
    ]

    ones[0, 0, 0, :] = 7
    nibabel.save(nibabel.Nifti1Image(ones, np.eye(4)), path)
    with pytest.raises(UnsupportedData, match="3 volumes"):
        read_labels(path)


def test_large_numbers_take_two_bytes():
    (segment, *_rest) = segments()
    many = [Segment(300, "big", segment.mask)]

    image = opened(nifti_bytes(many, grid_of(AXIAL)))

    assert image.get_data_dtype() == np.uint16
    assert np.array_equal(np.asarray(image.dataobj).T == 300, masks()["ring"])


def test_nothing_is_an_empty_label_map(tmp_path):
    empty = Segment(1, "nothing", BoxMask.of(np.zeros(SHAPE_KJI, np.bool_)))

    image = opened(nifti_bytes([empty], grid_of(AXIAL)))
    values, header = read_nrrd(tmp_path, nrrd_bytes([empty], grid_of(AXIAL)))

    assert not np.asarray(image.dataobj).any()
    assert not values.any()
    assert header["Segment0_Name"] == "nothing"


def test_names_of_nifti_labels_stand_in_a_file_of_itksnap():
    text = snap_labels([Segment(3, 'a "b"\nc', BoxMask((0, 0, 0), np.zeros((0, 0, 0), np.bool_)), (1, 2, 3))])

    assert text.decode().splitlines()[2:] == ["3 1 2 3 1 1 1 \"a 'b' c\""]


def test_more_layers_than_memory_are_refused(monkeypatch):
    monkeypatch.setattr(labelwriter, "MOST_LAYER_BYTES", 1500)

    with pytest.raises(LimitExceeded, match="Choose fewer"):
        nifti_bytes(segments(), grid_of(AXIAL))


def test_numbers_twice_are_a_mistake_of_ours():
    (segment, *_rest) = segments()

    with pytest.raises(ValueError, match="numbers of their own"):
        nrrd_bytes([segment, segment], grid_of(AXIAL))
