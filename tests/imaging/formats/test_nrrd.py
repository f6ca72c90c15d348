"""NRRD: where voxels lie in LPS mm, every encoding, and headers that point elsewhere."""

import bz2
from pathlib import Path
from typing import Any

import nrrd as pynrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from app.imaging.errors import ImagingError
from app.imaging.formats.build import build_all_from_file, build_from_file
from app.imaging.formats.inspect import inspect_any, read_volume_file
from app.imaging.formats.volumefile import VolumeFile
from app.imaging.geometry import world_from_index
from app.imaging.limits import ReadLimits
from tests.imaging.formats.samples import COUNTING, gz, nrrd, written
from tests.shared_data import shared

RAW = COUNTING.astype("<i2").tobytes()
DIGITS = b" ".join(str(value).encode() for value in COUNTING.ravel())
HEX = RAW.hex().encode()
BALL = "data/nrrd/pynrrd-encodings/BallBinary30x30x30"


def read(folder: Path, content: bytes) -> VolumeFile:
    return read_volume_file(written(folder, content))


def array_of(volume_file: VolumeFile, phase: int = 0) -> np.ndarray:
    path = volume_file.path.with_suffix(".npy")
    build_from_file(volume_file, phase, path)
    return np.load(path)


def texts(volume_file: VolumeFile) -> str:
    return " | ".join(str(warning) for warning in volume_file.warnings)


def point(volume_file: VolumeFile, *index_ijk: int) -> list[float]:
    return [round(float(mm), 3) for mm in world_from_index(volume_file.affine_lps, index_ijk)]


def test_lps_is_taken_as_it_is(tmp_path: Path) -> None:
    found = read(tmp_path, nrrd())
    assert (found.kind, found.shape_ijk, found.spacing_mm, found.spacing_source) == (
        "nrrd", (5, 4, 3), (2, 3, 4), "patient",
    )  # fmt: skip
    assert point(found, 0, 0, 0) == [10, 20, 30]
    assert point(found, 4, 3, 2) == [18, 29, 38]
    assert found.warnings == ()
    array = array_of(found)
    assert (array.dtype, array[0, 0, 4], array[0, 3, 0], array[2, 3, 4]) == (np.int16, 4, 30, 234)


@pytest.mark.parametrize(
    ("space", "corner", "told"),
    [
        ("left-posterior-superior", [18, 29, 38], False),
        ("LPS", [18, 29, 38], False),
        ("right-anterior-superior", [-18, -29, 38], False),
        ("RAS", [-18, -29, 38], False),
        ("left-anterior-superior", [18, -29, 38], False),
        ("LAS", [18, -29, 38], False),
        ("scanner-xyz", [18, 29, 38], True),
        ("3D-right-handed", [18, 29, 38], True),
        ("3D-left-handed", [-18, 29, 38], True),
    ],
)
def test_each_space_is_turned_to_lps(tmp_path: Path, space: str, corner: list[float], told: bool) -> None:
    found = read(tmp_path, nrrd(space=space))
    assert point(found, 4, 3, 2) == corner
    assert ("does not say how the image lies" in texts(found)) is told


def test_a_space_of_three_unnamed_axes_is_unknown(tmp_path: Path) -> None:
    found = read(tmp_path, nrrd(space=None, space_dimension=3))
    assert point(found, 4, 3, 2) == [18, 29, 38]
    assert "does not say how the image lies" in texts(found)
    assert "millimetres are assumed" in texts(found)


def test_an_oblique_flipped_anisotropic_grid(tmp_path: Path) -> None:
    # The triangle 3-4-5 about the left-right axis, i to the right; RAS in the file.
    found = read(
        tmp_path, nrrd(space="RAS", space_directions="(0.5,0,0) (0,1.6,1.2) (0,-3,4)", space_origin="(1,2,3)")
    )
    assert found.spacing_mm == (0.5, 2.0, 5.0)
    assert point(found, 4, 3, 2) == [-3, -0.8, 14.6]


@pytest.mark.parametrize(("unit", "corner"), [("mm", 18), ("um", 0.018), ("cm", 180), ("m", 18000)])
def test_units_of_the_space(tmp_path: Path, unit: str, corner: float) -> None:
    fields = {"space_directions": "(2,0,0) (0,0.3,0) (0,0,0.4)"} if unit == "m" else {}
    if unit == "m":
        fields["space_directions"] = "(0.002,0,0) (0,0.003,0) (0,0,0.004)"
        corner = 10008
    found = read(tmp_path, nrrd(space_units=f'"{unit}" "{unit}" "{unit}"', **fields))
    assert point(found, 4, 0, 0)[0] == corner
    assert found.warnings == ()


def test_an_unknown_unit_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, nrrd(space_units='"inch" "inch" "inch"'))
    assert "millimetres are assumed" in texts(found)


def test_without_origin_the_position_is_assumed(tmp_path: Path) -> None:
    found = read(tmp_path, nrrd(space_origin=None))
    assert point(found, 0, 0, 0) == [-4, -4.5, -4]
    assert "not where it lies" in texts(found)


def test_spacings_alone_leave_the_place_unknown(tmp_path: Path) -> None:
    found = read(tmp_path, nrrd(space=None, space_directions=None, space_origin=None, spacings="2 3 4"))
    assert (found.spacing_mm, found.spacing_source) == ((2, 3, 4), "patient")
    assert "does not say how the image lies" in texts(found)


def test_without_any_size_nothing_is_in_millimetres(tmp_path: Path) -> None:
    found = read(tmp_path, nrrd(space=None, space_directions=None, space_origin=None))
    assert (found.spacing_mm, found.spacing_source) == ((1, 1, 1), "none")
    assert "how large a voxel is" in texts(found)


ENCODED: dict[str, tuple[dict[str, Any], bytes]] = {
    "gzip": ({"encoding": "gzip"}, gz(RAW)),
    "gz in two members": ({"encoding": "gz"}, gz(RAW[:50]) + gz(RAW[50:])),
    "bzip2": ({"encoding": "bzip2"}, bz2.compress(RAW)),
    "ascii": ({"encoding": "ASCII", "endian": None}, DIGITS),
    "ascii in lines": ({"encoding": "text"}, DIGITS.replace(b" ", b"\r\n") + b"\n"),
    "hex": ({"encoding": "hex"}, HEX),
    "hex in lines": ({"encoding": "hex"}, b"\n".join(HEX[n : n + 7] for n in range(0, 480, 7))),
    "big endian": ({"endian": "big"}, COUNTING.astype(">i2").tobytes()),
    "line skip": ({"line_skip": 2}, b"one\ntwo\n" + RAW),
    "lineskip before gzip": ({"lineskip": 1, "encoding": "gzip"}, b"one\n" + gz(RAW)),
    "byte skip": ({"byte_skip": 3}, b"abc" + RAW),
    "byte skip in gzip": ({"byte_skip": 3, "encoding": "gzip"}, gz(b"abc" + RAW)),
    "from the end": ({"byte_skip": -1}, b"whatever" + RAW),
    "more than needed": ({}, RAW + b"behind"),
}  # fmt: skip


@pytest.mark.parametrize("case", ENCODED)
def test_every_encoding_gives_the_same_voxels(tmp_path: Path, case: str) -> None:
    fields, body = ENCODED[case]
    path = written(tmp_path, nrrd(body=body, **fields))
    assert inspect_any(path).file_format == "nrrd"
    assert np.array_equal(array_of(read_volume_file(path)), COUNTING)


@pytest.mark.parametrize(
    "name", ["signed char", "uint8_t", "short int", "ushort", "int", "unsigned long long", "double"]
)
def test_types_go_by_all_their_names(tmp_path: Path, name: str) -> None:
    kinds = {"signed char": "i1", "uint8_t": "u1", "short int": "i2", "ushort": "u2", "int": "i4",
             "unsigned long long": "u8", "double": "f8"}  # fmt: skip
    voxels = (COUNTING % 128).astype(kinds[name])
    assert array_of(read(tmp_path, nrrd(voxels, type=name)))[2, 3, 4] == 106


@pytest.mark.parametrize(
    ("sizes", "directions", "kinds", "turned"),
    [
        ("5 4 3 2", "(2,0,0) (0,3,0) (0,0,4) none", "domain domain domain list", (0, 1, 2, 3)),
        ("2 5 4 3", "none (2,0,0) (0,3,0) (0,0,4)", "list domain domain domain", (1, 2, 3, 0)),
        ("5 2 4 3", "(2,0,0) none (0,3,0) (0,0,4)", "domain list domain domain", (1, 2, 0, 3)),
        ("5 4 2 3", "(2,0,0) (0,3,0) none (0,0,4)", "domain domain ??? domain", (1, 0, 2, 3)),
        ("5 4 3 2", "(2,0,0) (0,3,0) (0,0,4) (nan,nan,nan)", "domain domain domain time", (0, 1, 2, 3)),
    ],
)
def test_a_fourth_axis_is_phases_wherever_it_stands(
    tmp_path: Path, sizes: str, directions: str, kinds: str, turned: tuple[int, ...]
) -> None:
    voxels = np.stack([COUNTING, COUNTING + 1000]).transpose(turned)
    content = nrrd(voxels, sizes=sizes, space_directions=directions, kinds=kinds, encoding="gzip",
                   body=gz(np.ascontiguousarray(voxels).tobytes()))  # fmt: skip
    found = read(tmp_path, content)
    assert found.phases is not None
    assert (found.phases.kind, found.phases.values, found.shape_ijk) == ("frame", (1, 2), (5, 4, 3))
    assert np.array_equal(array_of(found, 1), COUNTING + 1000)
    paths = [tmp_path / "0.npy", tmp_path / "1.npy"]
    build_all_from_file(found, paths)
    assert [np.load(path)[2, 3, 4] for path in paths] == [234, 1234]


def test_time_has_its_unit(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        nrrd(np.stack([COUNTING] * 3), space_directions="(2,0,0) (0,3,0) (0,0,4) none",
             spacings="nan nan nan 1.5", kinds="domain domain domain time", units='"" "" "" "s"'),
    )  # fmt: skip
    assert found.phases is not None
    assert (found.phases.kind, found.phases.unit, found.phases.values) == ("time", "ms", (0, 1500, 3000))


def test_space_with_time_as_its_fourth_component(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        nrrd(np.stack([COUNTING] * 2), space="right-anterior-superior-time", kinds=None,
             space_origin="(1,2,3,0)", space_directions="(2,0,0,0) (0,3,0,0) (0,0,4,0) (0,0,0,7)"),
    )  # fmt: skip
    assert (found.phase_count, point(found, 0, 0, 0)) == (2, [-1, -2, 3])


def test_an_axis_of_one_is_no_phase(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        nrrd(
            COUNTING[None], space_directions="(2,0,0) (0,3,0) (0,0,4) none", kinds="domain domain domain stub"
        ),
    )
    assert (found.phases, found.shape_ijk) == (None, (5, 4, 3))


REFUSED: dict[str, tuple[bytes, str]] = {
    "detached": (nrrd(data_file="/etc/passwd"), "points to another file"),
    "detached in one word": (nrrd(datafile="../../secret"), "points to another file"),
    "detached in capitals": (nrrd(Data_File="x.raw"), "points to another file"),
    "detached as a key": (nrrd().replace(b"kinds:", b"data file:=/etc/passwd\nkinds:"), "points to"),
    "a list": (nrrd(data_file="LIST"), "points to another file"),
    "numbered": (nrrd(data_file="slice%03d.raw 1 3 1"), "points to another file"),
    "detached without end": (nrrd(body=b"", data_file="a").rstrip(b"\n"), "points to another file"),
    "header without end": (nrrd(body=b"").rstrip(b"\n"), "does not end"),
    "header bomb": (b"NRRD0004\n" + b"a:=" + b"x" * 2_000_000, "longer than 1048576 bytes"),
    "line bomb": (b"NRRD0004\n" + b"#\n" * 20_000 + b"\n", "more than 10000 lines"),
    "version": (nrrd().replace(b"NRRD0004", b"NRRD0099"), "version of NRRD"),
    "colour": (nrrd(kinds="RGB-color domain domain"), r"colours \(RGB\)"),
    "vectors": (nrrd(kinds="vector domain domain", space_directions="none (1,0,0) (0,1,0)"), "5 values"),
    "complex": (nrrd(kinds="complex domain domain"), "5 values"),
    "two axes": (nrrd(COUNTING[0], kinds=None, space_directions="(1,0,0) (0,1,0)"), "2 axes"),
    "four axes unexplained": (
        nrrd(COUNTING[None], kinds=None, space=None, space_directions=None, space_origin=None),
        "which of its axes",
    ),
    "two axes of phases": (
        nrrd(np.stack([COUNTING] * 4).reshape(2, 2, 3, 4, 5), kinds="domain domain domain list list",
             space_directions="(1,0,0) (0,1,0) (0,0,1) none none"), "2 axes beside",
    ),
    "kinds against directions": (nrrd(kinds="domain domain list"), "contradict"),
    "space": (nrrd(space="inside-out"), "none of those"),
    "two in space": (nrrd(space=None, space_dimension=2), "2 axes"),
    "vectors too short": (nrrd(space_directions="(2,0) (0,3) (0,0)"), "has 2 values; 3 are needed"),
    "too few vectors": (nrrd(space_directions="(2,0,0) (0,3,0)"), "has 2 values; 3 are needed"),
    "no vectors": (nrrd(space_directions="(2,0,x) (0,3,0) (0,0,4)"), "cannot be read"),
    "words among vectors": (nrrd(space_directions="(2,0,0) (0,3,0) (0,0,4) and"), "cannot be read"),
    "sheared": (nrrd(space_directions="(2,0,0) (0,3,1.3) (0,0,4)"), r"meet at 66\.6°"),
    "flat": (nrrd(space_directions="(2,0,0) (0,0,0) (0,0,4)"), "0 mm cannot be meant"),
    "infinite": (nrrd(space_directions="(2,0,0) (0,inf,0) (0,0,4)"), "no numbers"),
    "overflowing": (nrrd(space_directions="(2,0,0) (0,1e300,0) (0,0,4)"), "mm cannot be meant"),
    "far away": (nrrd(space_origin="(1e9,0,0)"), r"1e\+09 mm away"),
    "sizes": (nrrd(sizes="5 4"), "has 2 values; 3 are needed"),
    "zero size": (nrrd(sizes="5 0 3"), "“sizes” cannot be read"),
    "fraction": (nrrd(sizes="5 4.5 3"), "“sizes” cannot be read"),
    "huge size": (nrrd(sizes="5 4 999999999999"), "999999999999 long"),
    "huge together": (nrrd(sizes="60000 60000 60000"), "60000 × 60000 × 60000"),
    "endless size": (nrrd(sizes="5 4 " + "9" * 5000), "“sizes” cannot be read"),
    "dimension": (nrrd(dimension=1_000_000), "“dimension” cannot be read"),
    "no dimension": (nrrd(dimension=None), "no field “dimension”"),
    "no type": (nrrd(type=None), "no field “type”"),
    "blocks": (nrrd(type="block"), "type of the NRRD voxels"),
    "no endian": (nrrd(endian=None), "no field “endian”"),
    "no encoding": (nrrd(encoding=None), "no field “encoding”"),
    "encoding": (nrrd(encoding="zrl"), "encoding of the NRRD file"),
    "twice": (nrrd().replace(b"type: short", b"type: short\ntype: uchar"), "“type” twice"),
    "skips back": (nrrd(byte_skip=-5), "cannot be meant"),
    "skips lines back": (nrrd(line_skip=-1), "cannot be meant"),
    "skips too many lines": (nrrd(line_skip=500), "cannot be meant"),
    "skips for ever": (nrrd(byte_skip=10**17), "cannot be meant"),
    "from the end of gzip": (nrrd(byte_skip=-1, encoding="gzip", body=gz(RAW)), "raw voxels alone"),
    "from before the data": (nrrd(byte_skip=-1, sizes="50 40 30"), "Truncated"),
    "truncated": (nrrd()[:-1], "take 120 bytes and 119 are there"),
    "truncated gzip": (nrrd(encoding="gzip", body=gz(RAW)[:-12]), "damaged or end early"),
    "damaged gzip": (nrrd(encoding="gzip", body=gz(RAW)[:-8] + bytes(8)), "damaged or end early"),
    "no gzip": (nrrd(encoding="gzip", body=RAW), "damaged or end early"),
    "truncated bzip2": (nrrd(encoding="bzip2", body=bz2.compress(RAW)[:-30]), "damaged or end early"),
    "truncated digits": (nrrd(encoding="ascii", body=DIGITS[:-4]), "damaged or end early"),
    "no digits": (nrrd(encoding="ascii", body=DIGITS.replace(b"234", b"abc")), "no number"),
    "digits out of range": (nrrd(encoding="ascii", body=DIGITS.replace(b"234", b"40000")), "no number"),
    "endless digits": (nrrd(encoding="ascii", body=b"9" * 100_000), "no number"),
    "no hex": (nrrd(encoding="hex", body=b"xy" * 120), "no number"),
    "odd hex": (nrrd(encoding="hex", body=HEX[:-1]), "damaged or end early"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_shown_truly_is_refused_by_name(tmp_path: Path, case: str) -> None:
    content, reason = REFUSED[case]
    with pytest.raises(ImagingError, match=reason):
        inspect_any(written(tmp_path, content))


def test_a_packed_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    path = written(
        tmp_path, nrrd(np.zeros((1, 1, 1), "u1"), sizes="1000 1000 1000", encoding="gzip", body=gz(b""))
    )
    with pytest.raises(ImagingError, match="a bomb"):
        inspect_any(path)


def test_interleaved_volumes_are_bounded_by_a_block(tmp_path: Path) -> None:
    voxels = np.zeros((2, 50, 50, 50), "u1")
    content = nrrd(voxels, sizes="50 50 50 2", kinds="domain domain list domain",
                   space_directions="(2,0,0) (0,3,0) none (0,0,4)")  # fmt: skip
    path = written(tmp_path, content)
    assert inspect_any(path).frames == 100
    with pytest.raises(ImagingError, match="takes 125000 bytes"):
        read_volume_file(path, ReadLimits(max_frame_bytes=100_000))


def test_too_many_interleaved_volumes_are_refused(tmp_path: Path) -> None:
    content = nrrd(np.zeros((3, 4, 5, 1025), "u1"), kinds="list domain domain domain",
                   space_directions="none (2,0,0) (0,3,0) (0,0,4)")  # fmt: skip
    with pytest.raises(ImagingError, match="1025 volumes are interleaved"):
        inspect_any(written(tmp_path, content))


def test_more_volumes_than_are_written_side_by_side(tmp_path: Path) -> None:
    voxels = np.arange(60 * 300, dtype="i2").reshape(3, 4, 5, 300)
    content = nrrd(voxels, kinds="list domain domain domain", space_directions="none (2,0,0) (0,3,0) (0,0,4)")
    found = read(tmp_path, content)
    paths = [tmp_path / f"{n}.npy" for n in range(300)]
    fractions: list[float] = []
    build_all_from_file(found, paths, fractions.append)
    assert all(np.array_equal(np.load(path), voxels[..., n]) for n, path in enumerate(paths))
    assert fractions[-1] == 1


def turned_image() -> sitk.Image:
    """An oblique image of anisotropic voxels, whose axes are swapped and flipped, as ITK keeps it."""
    image = sitk.GetImageFromArray(COUNTING)
    image.SetSpacing((0.5, 2.0, 5.0))
    image.SetOrigin((11.0, -22.0, 33.0))
    image.SetDirection((0, 0, -1, 0.6, 0.8, 0, 0.8, -0.6, 0))  # columns are the axes
    return image


@pytest.mark.parametrize("name", ["a.nrrd", "a.nii", "a.nii.gz"])
def test_what_simpleitk_writes_lies_where_it_says(tmp_path: Path, name: str) -> None:
    image = turned_image()
    sitk.WriteImage(image, str(tmp_path / name))
    found = read_volume_file(tmp_path / name)
    assert found.spacing_mm == pytest.approx((0.5, 2, 5))
    # 11 − 2·5; −22 + 4·0.5·0.6 + 3·2·0.8; 33 + 4·0.5·0.8 − 3·2·0.6
    assert point(found, 4, 3, 2) == pytest.approx([1, -16, 31])
    assert point(found, 4, 3, 2) == pytest.approx(image.TransformIndexToPhysicalPoint((4, 3, 2)))
    assert np.array_equal(np.load(_built(found, tmp_path)), COUNTING)
    assert found.warnings == ()


SLICER = "data/nrrd/slicer-seg-nrrd/EclipseProstate_Bladder_Union_PTV.seg.nrrd"


def test_an_old_slicer_segmentation_with_four_components(tmp_path: Path) -> None:
    found = read_volume_file(shared(SLICER))
    assert (found.shape_ijk, found.phases) == ((60, 89, 38), None)
    assert found.spacing_mm == pytest.approx((0.976562, 0.976562, 2.5))
    assert point(found, 0, 0, 0) == [250, 250, -122.5]
    assert point(found, 1, 1, 1) == pytest.approx([249.023, 249.023, -120])
    assert "does not say how the image lies" in texts(found)


@pytest.mark.parametrize(
    "ending", [".nrrd", "_gz.nrrd", "_bz2.nrrd", "_gz_lineskip.nrrd", "_gz_byteskip_minus_one.nrrd"]
)
def test_one_ball_in_every_encoding(tmp_path: Path, ending: str) -> None:
    build_from_file(read_volume_file(shared(BALL + ending)), 0, tmp_path / "v.npy")
    array = np.load(tmp_path / "v.npy")
    assert np.array_equal(array, pynrrd.read(str(shared(f"{BALL}.nrrd")), index_order="C")[0])
    assert sorted(np.unique(array)) == [0, 257]


@pytest.mark.parametrize(
    "ending", [".nhdr", "_nifti.nhdr", "_byteskip_minus_five.nhdr", "_byteskip_minus_one.nhdr"]
)
def test_detached_headers_are_refused(ending: str) -> None:
    with pytest.raises(ImagingError, match="points to another file"):
        inspect_any(shared(BALL + ending))


REAL = (
    "data/nrrd/pyradiomics/brain1_image.nrrd",
    "data/nrrd/pyradiomics/breast1_image.nrrd",
    "data/nrrd/pyradiomics/prostate_phantom_subvolume.nrrd",
    "data/nrrd/pyradiomics/prostate_phantom_subvolume-label.nrrd",
    "data/nrrd/slicer-seg-nrrd/TinyPatientCT.nrrd",
    "data/seg-ct-liver-dcmqi/nrrd/liver_seg.nrrd",
    "data/ct-lung-ibsi-rtstruct-nifti/derived/gtv-labelmap-from-nifti-lps.nrrd",
    "data/ct-lung-ibsi-rtstruct-nifti/derived/gtv-labelmap-from-nifti-ras.nrrd",
)


@pytest.mark.parametrize("name", REAL)
def test_real_files_read_as_in_pynrrd_and_simpleitk(tmp_path: Path, name: str) -> None:
    path = shared(name)
    found = read_volume_file(path)
    array = np.load(_built(found, tmp_path))
    assert np.array_equal(array, pynrrd.read(str(path), index_order="C")[0])
    other = sitk.ReadImage(str(path))
    for index in ((0, 0, 0), (4, 5, 2)):
        assert point(found, *index) == pytest.approx(other.TransformIndexToPhysicalPoint(index), abs=0.001)


def test_the_mask_lies_where_the_nifti_mask_lies(tmp_path: Path) -> None:
    folder = "data/ct-lung-ibsi-rtstruct-nifti"
    names = ("derived/gtv-labelmap-from-nifti-lps.nrrd", "derived/gtv-labelmap-from-nifti-ras.nrrd",
             "reference/mask.nii.gz")  # fmt: skip
    centres = []
    for name in names:
        found = read_volume_file(shared(f"{folder}/{name}"))
        array = np.load(_built(found, tmp_path))
        k, j, i = (float(axis.mean()) for axis in np.nonzero(array))
        centres.append(world_from_index(found.affine_lps, (i, j, k)))
        assert int(array.sum()) == 125256
    assert centres[1] == pytest.approx(centres[0], abs=0.01)
    assert centres[2] == pytest.approx(centres[0], abs=0.01)


def _built(found: VolumeFile, folder: Path) -> Path:
    build_from_file(found, 0, folder / "v.npy")
    return folder / "v.npy"
