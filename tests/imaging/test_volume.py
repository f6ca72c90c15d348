"""Volumes voxel by voxel against SimpleITK's reading of the same series, and phantoms by hand."""

import json
import zipfile
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - the name its own examples use

from app.imaging.errors import InvalidElement, TruncatedFile
from app.imaging.geometry import world_from_index
from app.imaging.parts import split_series
from app.imaging.volume import (
    VolumeHeader,
    build_volume,
    load_volume,
    plan_volume,
    read_slice_header,
    read_slice_headers,
    stored_value,
)
from tests.imaging.phantoms import OBLIQUE, counting_pixels, ct_slice, modality_table, write_series
from tests.shared_data import shared


def build(paths, folder, progress=lambda fraction: None):
    plan = plan_volume([read_slice_header(path) for path in paths])
    header = build_volume(plan, folder / "volume.npy", progress)
    return plan, load_volume(folder / "volume.npy", header)


def unzipped(archive, folder):
    with zipfile.ZipFile(shared(archive)) as opened:
        opened.extractall(folder / "series")
    return [path for path in (folder / "series").rglob("*") if path.is_file()]


def by_simpleitk(plan):
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(header.path) for header in plan.slices])
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    return reader.Execute()


def assert_same_geometry(volume, image, tolerance_mm):
    ni, nj, nk = volume.header.shape_ijk
    assert image.GetSize() == (ni, nj, nk)
    for index in ((0, 0, 0), (ni - 1, 0, 0), (0, nj - 1, 0), (0, 0, nk - 1), (ni - 1, nj - 1, nk - 1)):
        expected = image.TransformContinuousIndexToPhysicalPoint([float(n) for n in index])
        np.testing.assert_allclose(world_from_index(volume.affine, index), expected, atol=tolerance_mm)


SERIES = {
    "chest": ("data/ct-chest-lung1-rtstruct/LUNG1-001-ct.zip", "LPS", (512, 512, 134)),
    "brain": ("data/mr-brain-t1-public-domain/T1-dicoms.zip", "LPS", (274, 384, 384)),
    "fruit": ("data/mr-fruit-deidentified/ir-spgr.zip", "PIR", (256, 256, 196)),
    "lung": ("data/ct-lung-ibsi-rtstruct-nifti/ct", "LPS", (204, 201, 60)),
    "liver": ("data/seg-ct-liver-dcmqi/ct", "LPS", (512, 512, 3)),
    "japan": ("data/zoo/series-quirks/oblique-mr-japanese-charset", "PIR", (64, 64, 4)),
}


@pytest.mark.parametrize("name", SERIES)
def test_integer_series_equal_simpleitk_voxel_by_voxel(name, tmp_path):
    source, letters, shape = SERIES[name]
    if source.endswith(".zip"):
        paths = unzipped(source, tmp_path)
    else:
        paths = [path for path in shared(source).rglob("*") if path.is_file()]
    plan, volume = build(paths, tmp_path)
    image = by_simpleitk(plan)
    assert (volume.header.shape_ijk, volume.header.orientation) == (shape, letters)
    assert volume.array.dtype == np.int16
    np.testing.assert_array_equal(volume.array, sitk.GetArrayViewFromImage(image))
    assert_same_geometry(volume, image, 1e-4)


def test_pet_with_a_slope_for_each_slice_equals_simpleitk(tmp_path):
    plan, volume = build(list(shared("data/pet-sts-rtstruct/pet").glob("*")), tmp_path)
    image = by_simpleitk(plan)
    assert len(set(volume.header.slopes)) > 200
    assert (volume.header.dtype, volume.header.unit) == ("float32", "BQML")
    np.testing.assert_allclose(volume.array, sitk.GetArrayViewFromImage(image), rtol=1e-6, atol=1e-6)
    assert_same_geometry(volume, image, 1e-4)


def test_oblique_ct_with_small_slope_equals_simpleitk(tmp_path):
    plan, volume = build(list(shared("data/zoo/rt/oblique-ct").glob("*.dcm")), tmp_path)
    image = by_simpleitk(plan)
    np.testing.assert_allclose(volume.array, sitk.GetArrayViewFromImage(image), atol=1e-6)
    assert_same_geometry(volume, image, 1e-4)


def test_chest_header_states_what_the_files_say(tmp_path):
    _, volume = build(unzipped("data/ct-chest-lung1-rtstruct/LUNG1-001-ct.zip", tmp_path), tmp_path)
    header = volume.header
    assert header.spacing_mm == (0.9765625, 0.9765625, 3.0)
    assert (header.value_range, header.unit, header.modality) == ((-1024, 3034), "HU", "CT")
    assert header.windows == (
        {"center": 40.0, "width": 400.0, "explanation": "WINDOW1", "function": "LINEAR"},
        {"center": -600.0, "width": 1200.0, "explanation": "WINDOW2", "function": "LINEAR"},
    )
    assert (volume.affine[2, 3], world_from_index(volume.affine, (0, 0, 133))[2]) == (-681.5, -282.5)


def test_phantom_voxels_lie_where_they_were_drawn(tmp_path):
    paths = write_series(tmp_path / "in", [ct_slice(k) for k in (1, 2, 0)])
    _, volume = build(paths, tmp_path)
    # Row 3, column 4 of slice 2 was stored as 234; minus 1024.
    assert volume.array[2, 3, 4] == -790
    assert world_from_index(volume.affine, (4, 3, 2)).tolist() == [12.0, -14.0, 36.0]
    assert volume.array.shape == (3, 4, 5)
    assert (volume.header.value_range, volume.header.orientation) == ((-1024, -790), "LPS")
    assert volume.header.sop_instance_uids[0].endswith(".2.1")


def test_reversed_order_of_files_gives_the_same_volume(tmp_path):
    paths = write_series(tmp_path / "in", [ct_slice(k) for k in range(4)])
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    _, forth = build(paths, tmp_path / "a")
    _, back = build(paths[::-1], tmp_path / "b")
    assert forth.header == back.header
    np.testing.assert_array_equal(forth.array, back.array)


def test_flipped_phantom_starts_at_the_head(tmp_path):
    slices = [ct_slice(k, orientation=(1, 0, 0, 0, -1, 0)) for k in range(3)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert volume.header.orientation == "LAI"
    assert volume.array[0, 0, 0] == 200 - 1024
    assert world_from_index(volume.affine, (0, 0, 0)).tolist() == [10.0, -20.0, 36.0]


def test_oblique_anisotropic_phantom_by_hand(tmp_path):
    slices = [ct_slice(k, orientation=OBLIQUE, position=(1, -1.8 * k, 2.4 * k)) for k in range(3)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert volume.header.spacing_mm == (0.5, 2.0, 3.0)
    # 2 columns of 0.5; 1 row of 2 along (0, .8, .6); 2 slices of 3 along (0, -.6, .8).
    np.testing.assert_allclose(world_from_index(volume.affine, (2, 1, 2)), (2.0, -2.0, 6.0), atol=1e-9)
    assert volume.array[2, 1, 2] == 212 - 1024


def test_one_fractional_slope_makes_the_whole_volume_float(tmp_path):
    slices = [ct_slice(k, slope=0.5 if k == 2 else 1, intercept=0) for k in range(3)]
    seen = []
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path, seen.append)
    assert volume.array.dtype == np.float32
    assert volume.array[2, 3, 4] == 117.0
    assert volume.array[1, 3, 4] == 134.0
    assert stored_value(volume.header, 117.0, 2) == 234
    assert stored_value(volume.header, 134.0, 1) == 134
    assert seen[-1] == 1.0


def test_stored_value_knows_its_slices(tmp_path):
    _, volume = build(write_series(tmp_path / "in", [ct_slice(k) for k in range(2)]), tmp_path)
    assert stored_value(volume.header, -790, 1) == 234
    with pytest.raises(InvalidElement, match="Slice 3 was asked for, the volume has 2"):
        stored_value(volume.header, 0, 2)


def test_values_of_a_modality_table_do_not_lead_back_to_what_was_stored(tmp_path):
    slices = [modality_table(ct_slice(k), [5] * 400) for k in range(2)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert volume.array[1, 3, 4] == 5
    assert volume.header.has_modality_lut
    assert stored_value(volume.header, 5, 1) is None


def test_a_stored_value_that_float32_has_rounded_is_not_made_up(tmp_path):
    pixels = np.full((4, 5), 21874909, np.int32)  # above 2**24 float32 holds even numbers only
    pixels[0, 0] = 1000
    slices = [ct_slice(k, pixels=pixels, intercept=0) for k in range(2)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert volume.array[0, 1, 1] == 21874908
    assert stored_value(volume.header, volume.array[0, 1, 1].item(), 0) is None
    assert stored_value(volume.header, volume.array[0, 0, 0].item(), 0) == 1000


def test_an_intercept_beyond_int16_leads_from_one_end_to_the_other(tmp_path):
    pixels = np.arange(20000, 20020, dtype=np.int16).reshape(4, 5)
    slices = [ct_slice(k, pixels=pixels, intercept=-40000) for k in range(2)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert (volume.header.dtype, volume.array[1, 0, 0], volume.array[1, 3, 4]) == ("int16", -20000, -19981)


def test_sidecars_from_before_the_mark_of_the_table_are_read(tmp_path):
    _, volume = build(write_series(tmp_path / "in", [ct_slice(k) for k in range(2)]), tmp_path)
    stored = volume.header.as_json()
    del stored["has_modality_lut"]
    assert VolumeHeader.from_json(stored) == volume.header
    del stored["unit"]
    with pytest.raises(KeyError):
        VolumeHeader.from_json(stored)


def test_sidecars_from_before_resampling_are_read(tmp_path):
    _, volume = build(write_series(tmp_path / "in", [ct_slice(k) for k in range(2)]), tmp_path)
    stored = json.loads(json.dumps(volume.header.as_json()))
    for name in (
        "warnings",
        "resampling",
        "spacing_source",
        "voi_lut_names",
        "frames",
        "suv",
        "original_count",
    ):
        del stored[name]
    old = VolumeHeader.from_json(stored)
    assert (old.warnings, old.resampling, old.frames, old.suv, old.original_count) == ((), None, (), None, 0)
    assert old.spacing_source == "patient"


def test_rescaling_of_the_plan_counts_not_that_of_the_file(tmp_path):
    """As with SUV: the header's slope is another than the file's, for a compressed slice too."""
    slices = [ct_slice(k, intercept=0) for k in range(2)]
    slices[1].compress("1.2.840.10008.1.2.5", generate_instance_uid=False)
    paths = write_series(tmp_path / "in", slices)
    headers = [read_slice_header(path) for path in paths]
    scaled = [replace(header, rescale=replace(header.rescale, slope=0.5, unit="SUVbw")) for header in headers]
    header = build_volume(plan_volume(scaled), tmp_path / "v.npy")
    volume = load_volume(tmp_path / "v.npy", header)
    assert (header.unit, volume.array[:, 3, 4].tolist()) == ("SUVbw", [17.0, 67.0])
    assert stored_value(header, 67.0, 1) == 134


def test_dose_is_a_volume_in_float(tmp_path):
    (part,) = split_series(read_slice_headers(shared("data/zoo/multiframe/rtdose.dcm")))
    header = build_volume(plan_volume(part.phases[0]), tmp_path / "v.npy")
    volume = load_volume(tmp_path / "v.npy", header)
    assert (header.dtype, header.shape_ijk, header.spacing_mm) == ("float32", (10, 10, 15), (10, 10, 5))
    # pydicom: 976000 stored in frame 7, row 5, column 4, times Dose Grid Scaling 1e-6.
    assert volume.array[7, 5, 4] == pytest.approx(0.976)
    assert header.value_range[1] == pytest.approx(1.254)
    np.testing.assert_allclose(
        world_from_index(volume.affine, (4, 5, 7)), (229.43125, 249.43125, -726.87), atol=1e-6
    )
    assert header.frames == tuple(range(15))


def test_enhanced_mr_equals_the_nifti_that_comes_with_it(tmp_path):
    folder = shared("data/zoo/multiframe/philips-enhanced-mr")
    (part,) = split_series(read_slice_headers(folder / "IM-0001-0170-0001.dcm"))
    header = build_volume(plan_volume(part.phases[0]), tmp_path / "v.npy")
    volume = load_volume(tmp_path / "v.npy", header)
    truth = nib.load(folder / "001_ground_truth.nii.gz")
    # Voxel by voxel, at places through the affines: RAS against LPS.
    random = np.random.default_rng(3)
    values = np.asarray(truth.dataobj)[..., 0]
    to_truth = np.linalg.inv(truth.affine) @ np.diag((-1.0, -1, 1, 1)) @ volume.affine
    for _ in range(200):
        i, j, k = random.integers(0, (256, 256, 8))
        there = np.rint(to_truth @ (i, j, k, 1))[:3].astype(int)
        np.testing.assert_allclose(to_truth @ (i, j, k, 1), (*there, 1), atol=2e-3)
        assert volume.array[k, j, i] == pytest.approx(values[tuple(there)], rel=1e-3, abs=1)


def test_a_filled_gap_is_the_middle_of_its_neighbours(tmp_path):
    paths = sorted(shared("data/zoo/series-quirks/missing-slice-ct").glob("*.dcm"))
    plan, volume = build(paths, tmp_path)
    originals = sitk.GetArrayFromImage(by_simpleitk(plan)).astype(float)
    assert volume.header.shape_ijk == (512, 512, 5)
    assert volume.header.spacing_mm[2] == pytest.approx(5, abs=1e-6)
    np.testing.assert_array_equal(volume.array[[0, 1, 2, 4]], originals)
    # The positions are written to a millionth: the middle is not quite one half, and ties go either way.
    np.testing.assert_allclose(volume.array[3], (originals[2] + originals[3]) / 2, atol=0.5)


def test_deflated_and_plain_slices_stack_together(tmp_path):
    syntaxes = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99")
    slices = [ct_slice(k, transfer_syntax=syntax) for k, syntax in enumerate(syntaxes)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert volume.array[:, 3, 4].tolist() == [-990, -890, -790]


def test_padding_stays_out_of_the_percentiles(tmp_path):
    def padded(k):
        pixels = counting_pixels(k, 100, 100) % 100
        pixels[:30] = -2000
        return ct_slice(k, pixels=pixels.astype(np.int16), intercept=0, PixelPaddingValue=-2000)

    _, volume = build(write_series(tmp_path / "in", [padded(k) for k in range(3)]), tmp_path)
    assert volume.header.padding_value == -2000
    assert volume.header.value_range == (-2000, 99)
    assert volume.header.percentiles[0] >= 0


def test_header_survives_json(tmp_path):
    slices = [ct_slice(k, WindowCenter=[40, 300], WindowWidth=[400, 0]) for k in range(2)]
    _, volume = build(write_series(tmp_path / "in", slices), tmp_path)
    assert VolumeHeader.from_json(json.loads(json.dumps(volume.header.as_json()))) == volume.header
    assert volume.header.windows == (
        {"center": 40.0, "width": 400.0, "explanation": "", "function": "LINEAR"},
    )


def test_array_is_read_only_and_mapped(tmp_path):
    _, volume = build(write_series(tmp_path / "in", [ct_slice(k) for k in range(2)]), tmp_path)
    assert isinstance(volume.array, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        volume.array[0, 0, 0] = 1


def test_a_failed_build_leaves_nothing_behind(tmp_path):
    paths = write_series(tmp_path / "in", [ct_slice(k) for k in range(3)])
    plan = plan_volume([read_slice_header(path) for path in paths])
    paths[2].write_bytes(paths[2].read_bytes()[:-5])
    (tmp_path / "out").mkdir()
    with pytest.raises(TruncatedFile):
        build_volume(plan, tmp_path / "out" / "volume.npy")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_array_is_not_loaded(tmp_path):
    _, volume = build(write_series(tmp_path / "in", [ct_slice(k) for k in range(2)]), tmp_path)
    path = tmp_path / "volume.npy"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InvalidElement, match="built again"):
        load_volume(path, volume.header)
    np.save(path, np.zeros((2, 4, 6), np.int16))
    with pytest.raises(InvalidElement, match="built again"):
        load_volume(path, volume.header)
