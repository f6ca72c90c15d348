"""Label maps of NRRD, 3D Slicer and NIfTI: whose voxels, what names and colours, and where they lie."""

from pathlib import Path

import nibabel
import nrrd as pynrrd
import numpy as np
import pytest

from app.imaging.errors import InvalidElement, LimitExceeded, NotDicom, UnsupportedData
from app.imaging.formats import labelvoxels
from app.imaging.formats.labelfile import read_labels
from app.imaging.limits import ReadLimits
from app.imaging.placement import place
from app.imaging.segments import Code, Grid, LabelImage
from app.imaging.volume import plan_volume, read_slice_header
from tests.imaging.formats.samples import gz, nifti1, nrrd, written
from tests.shared_data import shared

SHAPE_KJI = (3, 4, 5)


def labels(dtype=np.uint8) -> np.ndarray:
    """(3, 4, 5): an L of 7s, a voxel of 300 where that fits, else of 9."""
    array = np.zeros(SHAPE_KJI, dtype)
    array[1, 1, 1:4] = array[2, 1, 1] = 7
    array[0, 3, 4] = 300 if np.dtype(dtype).itemsize > 1 else 9
    return array


def read(folder: Path, content: bytes, **more) -> LabelImage:
    return read_labels(written(folder, content), **more)


def counts(image: LabelImage) -> dict[int, int]:
    return {segment.number: segment.mask.count for segment in image.segments}


def texts(image: LabelImage) -> str:
    return " | ".join(str(warning) for warning in image.warnings)


def slicer(voxels: np.ndarray, keys: dict[str, str], **fields) -> bytes:
    """A .seg.nrrd: the header's lines and its key/value pairs."""
    whole = nrrd(voxels, **fields)
    head, body = whole.split(b"\n\n", 1)
    lines = [f"{name}:={text}".encode() for name, text in keys.items()]
    return b"\n".join([head, *lines]) + b"\n\n" + body


# --- plain label maps ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
def test_each_value_is_a_segment_in_a_tight_box(tmp_path, dtype):
    image = read(tmp_path, nrrd(labels(dtype)))
    assert (image.kind, image.is_placed, image.series_uid, image.warnings) == ("nrrd", True, "", ())
    assert image.grid.shape_ijk == (5, 4, 3)
    first, second = image.segments
    assert (first.number, first.name, first.color_rgb, first.code) == (7, "", None, None)
    assert first.mask.box_ijk == ((1, 1, 1), (4, 2, 3))
    assert first.mask.voxels.tolist() == [[[True, True, True]], [[True, False, False]]]
    assert second.number == (9 if dtype == np.uint8 else 300)
    assert second.mask.box_ijk == ((4, 3, 0), (5, 4, 1))


@pytest.mark.parametrize("pack", [bytes, gz], ids=["plain", "gz"])
def test_nifti_is_read_as_nibabel_reads_it(tmp_path, pack):
    image = read(tmp_path, pack(nifti1(labels(np.int16))))
    assert (image.kind, counts(image)) == ("nifti", {7: 4, 300: 1})
    path = tmp_path / "one.nii"
    path.write_bytes(nifti1(labels(np.int16)))
    other = nibabel.load(path)
    for segment in image.segments:
        found = segment.mask.full(SHAPE_KJI)
        np.testing.assert_array_equal(found, segment.number == np.asarray(other.dataobj).T)
    np.testing.assert_allclose(np.diag([-1, -1, 1, 1]) @ other.affine, image.grid.matrix)


def test_scaled_whole_numbers_are_labels_and_fractions_are_none(tmp_path):
    image = read(tmp_path, nifti1(labels(), scl_slope=2.0, scl_inter=0.0))
    assert counts(image) == {14: 4, 18: 1}
    with pytest.raises(InvalidElement, match=r"fractions, such as 4\.5"):
        read(tmp_path, nifti1(labels(), scl_slope=0.5, scl_inter=0.0))


def test_float_voxels_that_are_no_labels_are_refused(tmp_path):
    voxels = labels(np.float32)
    voxels[0, 0, 0] = 0.25
    with pytest.raises(InvalidElement, match=r"fractions, such as 0\.25"):
        read(tmp_path, nrrd(voxels))
    voxels[0, 0, 0] = np.nan
    with pytest.raises(InvalidElement, match="no numbers"):
        read(tmp_path, nrrd(voxels))
    voxels[0, 0, 0] = 1e12
    with pytest.raises(InvalidElement, match="no numbers"):
        read(tmp_path, nrrd(voxels))


def test_labels_far_apart_are_read(tmp_path):
    voxels = labels(np.int32)
    voxels[0, 0, 0] = 2_000_000_000
    assert counts(read(tmp_path, nrrd(voxels))) == {7: 4, 300: 1, 2_000_000_000: 1}


def test_an_image_is_refused_with_the_count_of_its_values(tmp_path):
    values = np.arange(40 * 40, dtype=np.int16).reshape(1, 40, 40)
    with pytest.raises(UnsupportedData, match="hold 1600 different values"):
        read(tmp_path, nrrd(np.repeat(values, 3, axis=0)))
    with pytest.raises(UnsupportedData, match="> 100000 different values"):
        read(tmp_path, nrrd(np.arange(120_000, dtype=np.int32).reshape(3, 200, 200)))


def test_an_image_of_8_bits_is_refused_and_as_many_labels_are_not(tmp_path):
    noise = np.random.default_rng(3).integers(0, 200, (3, 40, 40)).astype(np.uint8)
    with pytest.raises(UnsupportedData, match="200 different values that change from voxel to voxel"):
        read(tmp_path, nrrd(noise))
    blocks = np.kron(np.arange(200).reshape(10, 20), np.ones((4, 4), int)).astype(np.uint8)[None]
    assert len(read(tmp_path, nrrd(blocks)).segments) == 199


def test_values_below_0_and_no_values_are_refused(tmp_path):
    with pytest.raises(InvalidElement, match="down to -5"):
        read(tmp_path, nrrd(labels(np.int16) - np.int16(5)))
    with pytest.raises(UnsupportedData, match="no segment"):
        read(tmp_path, nrrd(np.zeros(SHAPE_KJI, np.uint8)))


def test_several_volumes_without_a_word_on_segments_are_refused(tmp_path):
    four = np.zeros((2, *SHAPE_KJI), np.uint8)
    with pytest.raises(UnsupportedData, match="2 volumes"):
        read(tmp_path, nifti1(four))


def test_a_file_without_a_place_says_so(tmp_path):
    assert not read(tmp_path, nrrd(labels(), space=None, space_dimension=3)).is_placed
    assert not read(tmp_path, nifti1(labels(), sform_code=0)).is_placed
    assert not read(tmp_path, nrrd(labels(), space_origin=None)).is_placed
    image = read(tmp_path, nifti1(labels(), xyzt_units=0))
    assert image.is_placed
    assert "millimetres are assumed" in texts(image)


def test_slabs_do_not_show(tmp_path, monkeypatch):
    monkeypatch.setattr(labelvoxels, "_AT_ONCE", 20)
    image = read(tmp_path, nrrd(labels()))
    np.testing.assert_array_equal(image.segments[0].mask.full(SHAPE_KJI), labels() == 7)
    assert image.segments[0].mask.box_ijk == ((1, 1, 1), (4, 2, 3))


def test_boxes_beyond_the_memory_are_refused(tmp_path):
    # Two labels in opposite corners: two boxes of 60 voxels each.
    voxels = np.zeros(SHAPE_KJI, np.uint8)
    voxels[0, 0, :2] = voxels[2, 3, 3:] = (1, 2)
    assert len(read(tmp_path, nrrd(voxels)).segments) == 2
    with pytest.raises(LimitExceeded, match="boxes of the segments take"):
        read(tmp_path, nrrd(voxels), limits=ReadLimits(max_pixels_bytes=70))


# --- 3D Slicer -------------------------------------------------------------------------------------

TAGS = (
    "Segmentation.Status:inprogress|TerminologyEntry:Segmentation category and type - 3D Slicer General "
    "Anatomy list~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~^^~Anatomic codes - DICOM master "
    "list~^^~^^|"
)


def layered() -> tuple[np.ndarray, dict[str, str]]:
    """(k, j, i, layer): two overlapping segments and a third beside the first."""
    voxels = np.zeros((*SHAPE_KJI, 2), np.uint8)
    voxels[..., 0] = labels()
    voxels[1, 1:3, 1:3, 1] = 1
    keys = {
        "Segment0_ID": "Segment_1",
        "Segment0_Name": "Liver",
        "Segment0_Color": "0.866667 0.509804 0.396078",
        "Segment0_LabelValue": "7",
        "Segment0_Layer": "0",
        "Segment0_Extent": "1 3 1 1 1 2",
        "Segment0_Tags": TAGS,
        "Segment1_ID": "Segment_2",
        "Segment1_Name": "<b>Tumour</b>\\nleft",
        "Segment1_Color": "0 0 2",
        "Segment1_LabelValue": "1",
        "Segment1_Layer": "1",
        "Segment2_ID": "Segment_3",
        "Segment2_Color": "0 1 0",
        "Segment2_LabelValue": "9",
        "Segment2_Layer": "0",
        "Segmentation_ReferenceImageExtentOffset": "0 0 0",
    }
    return voxels, keys


def four(voxels: np.ndarray, keys: dict[str, str], **fields) -> bytes:
    return slicer(
        voxels,
        keys,
        kinds="list domain domain domain",
        space_directions="none (2,0,0) (0,3,0) (0,0,4)",
        **fields,
    )


def test_layers_of_slicer_keep_overlapping_segments_apart(tmp_path):
    image = read(tmp_path, four(*layered()))
    liver, tumour, third = image.segments
    assert [one.number for one in image.segments] == [7, 1, 9]
    assert (liver.name, liver.color_rgb) == ("Liver", (221, 130, 101))
    assert liver.code == Code("10200004", "SCT", "Liver")
    assert (tumour.name, tumour.color_rgb, tumour.code) == ("<b>Tumour</b> left", None, None)
    assert (third.name, third.color_rgb) == ("Segment_3", (0, 255, 0))
    assert [one.mask.count for one in image.segments] == [4, 4, 1]
    overlap = liver.mask.full(SHAPE_KJI) & tumour.mask.full(SHAPE_KJI)
    assert np.argwhere(overlap).tolist() == [[1, 1, 1], [1, 1, 2]]


@pytest.mark.parametrize("position", [1, 2, 3])
def test_layers_may_be_any_axis_of_the_file(tmp_path, position):
    voxels, keys = layered()
    kinds, steps = ["domain"] * 3, ["(2,0,0)", "(0,3,0)", "(0,0,4)"]
    kinds.insert(position, "list")
    steps.insert(position, "none")
    moved = np.ascontiguousarray(np.moveaxis(voxels, 3, 3 - position))
    content = slicer(moved, keys, kinds=" ".join(kinds), space_directions=" ".join(steps))
    assert [one.mask.count for one in read(tmp_path, content).segments] == [4, 4, 1]


def test_labels_that_slicer_does_not_describe_are_kept_without_a_name(tmp_path):
    voxels, keys = layered()
    image = read(
        tmp_path, four(voxels, {name: text for name, text in keys.items() if "Segment2" not in name})
    )
    assert [(one.number, one.name) for one in image.segments][2:] == [(9, "")]
    assert "1 labels among the voxels are not described" in texts(image)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Segment1_Layer": "2"}, "layer 2; the file has 2 layers"),
        ({"Segment1_Layer": "-1"}, "layer -1"),
        ({"Segment1_LabelValue": "0"}, "the label 0"),
        ({"Segment1_LabelValue": "much"}, "the label 0"),
        ({"Segment2_LabelValue": "7"}, "the same label in the same layer"),
    ],
)
def test_contradictory_keys_of_slicer_are_refused(tmp_path, changes, said):
    voxels, keys = layered()
    with pytest.raises(InvalidElement, match=said):
        read(tmp_path, four(voxels, keys | changes))


def test_an_old_file_of_slicer_lies_where_its_extent_says(tmp_path):
    # Four dimensions "in space" without a name, RAS; the origin is that of the images, 3 4 5 voxels away.
    voxels = (labels() > 0).astype(np.uint8)[None]
    keys = {
        "Segment0_Name": "Old",
        "Segment0_DefaultColor": "0.5 0.5 0.5",
        "Segmentation_Extent": "3 7 4 7 5 7",
    }
    content = slicer(
        voxels,
        keys,
        space=None,
        space_dimension=4,
        kinds="domain domain domain domain",
        space_directions="(-2,0,0,0) (0,-3,0,0) (0,0,4,0) (0,0,0,1)",
        space_origin="(100,50,-20,0)",
    )
    image = read(tmp_path, content)
    # x = −(100 − 3 · 2), y = −(50 − 4 · 3), z = −20 + 5 · 4
    assert image.grid.matrix.tolist() == [[2, 0, 0, -94], [0, 3, 0, -38], [0, 0, 4, 0], [0, 0, 0, 1]]
    assert image.is_placed
    assert "as 3D Slicer reads it" in texts(image)
    assert [(one.name, one.color_rgb, one.mask.count) for one in image.segments] == [
        ("Old", (128, 128, 128), 5)
    ]
    with pytest.raises(InvalidElement, match="Segmentation_Extent"):
        read(tmp_path, content.replace(b"3 7 4 7 5 7", b"3 7 4 7 5 8"))


def test_names_are_text_without_control_characters_and_of_bounded_length(tmp_path):
    name = "<script>alert('x')</script>\x07\x1b[2J" + "x" * 1000
    keys = {
        "Segment0_Name": name,
        "Segment0_LabelValue": "7",
        "Segment1_Name": " ",
        "Segment1_LabelValue": "9",
    }
    first, second = read(tmp_path, slicer(labels(), keys)).segments
    assert first.name.startswith("<script>alert('x')</script>[2Jxxx")
    assert len(first.name) == 256
    assert second.name == ""


# --- real files ------------------------------------------------------------------------------------


def ibsi_grid() -> Grid:
    folder = shared("data/ct-lung-ibsi-rtstruct-nifti/ct")
    plan = plan_volume([read_slice_header(path) for path in sorted(folder.glob("*.dcm"))])
    return Grid.of(plan.shape_ijk, plan.affine, plan.slices[0].frame_of_reference_uid or "")


def test_the_ibsi_mask_is_the_same_from_lps_ras_and_nifti():
    grid = ibsi_grid()
    found = []
    for name in (
        "derived/gtv-labelmap-from-nifti-lps.nrrd",
        "derived/gtv-labelmap-from-nifti-ras.nrrd",
        "reference/mask.nii.gz",
    ):
        placed = place(read_labels(shared("data/ct-lung-ibsi-rtstruct-nifti") / name), grid)
        assert (placed.placement, placed.warnings) == ("exact", ())
        found.append(placed.segments[0].mask)
    assert [mask.count for mask in found] == [125_256] * 3
    assert len({mask.box_ijk for mask in found}) == 1
    assert all(np.array_equal(mask.voxels, found[0].voxels) for mask in found)


def test_an_image_offered_as_a_mask_is_refused():
    with pytest.raises(UnsupportedData, match="hold 2155 different values"):
        read_labels(shared("data/ct-lung-ibsi-rtstruct-nifti/reference/phantom.nii.gz"))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("brain1_label", {1: 4137}),
        ("breast1_label", {1: 143}),
        ("prostate_phantom_subvolume-label", {1: 168, 7: 170, 8: 2997, 9: 9088}),
    ],
)
def test_pyradiomics_labels_on_their_flipped_grids_are_as_pynrrd_reads_them(name, numbers):
    path = shared(f"data/nrrd/pyradiomics/{name}.nrrd")
    image = read_labels(path)
    assert counts(image) == numbers
    array, header = pynrrd.read(str(path))
    # The same voxels in a straight grid: each axis that runs backwards is turned, the origin with it.
    steps, origin = header["space directions"], header["space origin"]
    flips = tuple(int(axis) for axis in range(3) if steps[axis, axis] < 0)
    origin = origin + sum(steps[axis] * (array.shape[axis] - 1) for axis in flips)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = np.abs(steps), origin
    placed = place(image, Grid.of(array.shape, affine))
    assert placed.placement == "exact"
    for segment in placed.segments:
        want = segment.number == np.flip(array, flips).T
        np.testing.assert_array_equal(segment.mask.full(want.shape), want)


def test_the_old_segmentations_of_slicer_are_read():
    found = {}
    for path in sorted(shared("data/nrrd/slicer-seg-nrrd").glob("*.seg.nrrd")):
        image = read_labels(path)
        (segment,) = image.segments
        assert segment.color_rgb == (128, 128, 128)
        found[segment.name] = segment.mask.count
        array, _ = pynrrd.read(str(path))
        assert segment.mask.count == int((array != 0).sum())
    assert found["Bladder_Union_PTV"] == 69_989
    assert found["Expanded_5_5_5_Rectum"] == 34_608


def test_what_is_neither_is_refused(tmp_path):
    with pytest.raises(NotDicom):
        read(tmp_path, b"solid of triangles" * 20)
