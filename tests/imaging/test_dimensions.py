"""What sets images of one place apart, as classic images and their makers' private elements say it."""

import struct

import pytest
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from app.imaging.slices import read_slice_header, read_slice_headers
from tests.imaging.phantoms import ct_slice, enhanced, write_file
from tests.shared_data import shared


def dimensions_of(tmp_path, **elements):
    path = write_file(tmp_path / "one.dcm", ct_slice(0, **{"Modality": "MR", **elements}))
    return read_slice_header(path).dimensions


def test_classic_elements(tmp_path):
    found = dimensions_of(
        tmp_path,
        TemporalPositionIdentifier=4,
        TriggerTime=612.5,
        EchoTime=88.1,
        EchoNumbers=2,
        AcquisitionNumber=3,
        NominalPercentageOfCardiacPhase=75.0,
        DiffusionBValue=1000.0,
        DiffusionGradientOrientation=[0.0, 0.6, -0.8],
    )
    assert (found.temporal_position, found.trigger_time_ms, found.echo_time_ms) == (4, 612.5, 88.1)
    assert (found.echo_number, found.acquisition_number, found.cardiac_percent) == (2, 3, 75.0)
    assert (found.b_value, found.gradient) == (1000.0, (0.0, 0.6, -0.8))


@pytest.mark.parametrize(("stated", "kernel"), [("B70f", "B70f"), (["I70f", "3"], "I70f 3"), ("", "")])
def test_kernels(tmp_path, stated, kernel):
    assert dimensions_of(tmp_path, Modality="CT", ConvolutionKernel=stated).kernel == kernel


def test_kernels_of_enhanced_frames(tmp_path):
    frames = [{"CTReconstructionSequence": {"ConvolutionKernel": name}} for name in ("SOFT", "BONE")]
    path = write_file(tmp_path / "e.dcm", enhanced(frames, modality="CT"))
    assert [header.dimensions.kernel for header in read_slice_headers(path)] == ["SOFT", "BONE"]


def test_times_of_acquisition_are_comparable_over_midnight(tmp_path):
    def seconds(**elements):
        return dimensions_of(tmp_path, **elements).acquisition_seconds

    late = seconds(AcquisitionDate="20210101", AcquisitionTime="235959.5")
    early = seconds(AcquisitionDate="20210102", AcquisitionTime="000001")
    assert early - late == 1.5
    assert seconds(AcquisitionDateTime="20210102000001.000000+0100") == early
    assert seconds(AcquisitionTime="0100") == 3600
    assert seconds() is None


@pytest.mark.parametrize("text", ["", "noon", "99"])
def test_a_time_that_is_none(tmp_path, text):
    assert dimensions_of(tmp_path, AcquisitionDateTime=text).acquisition_seconds is None


@pytest.mark.parametrize(
    ("image_type", "kind"),
    [
        (["ORIGINAL", "PRIMARY", "M", "ND"], "M"),
        (["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"], "P"),
        (["ORIGINAL", "PRIMARY", "R_FFE", "R", "FFE"], "R"),
        (["ORIGINAL", "PRIMARY", "OTHER"], ""),
        (["DERIVED", "PRIMARY", "DIXON", "WATER"], "WATER"),
        (["ORIGINAL", "PRIMARY", "M", "F"], "FAT"),
        (["DERIVED", "PRIMARY", "DIFFUSION", "ADC", "ND"], "ADC"),
        (["M", "P"], ""),
    ],
)
def test_image_kind(tmp_path, image_type, kind):
    assert dimensions_of(tmp_path, ImageType=image_type).image_kind == kind


def test_letters_of_other_modalities_are_no_kinds(tmp_path):
    found = dimensions_of(tmp_path, Modality="CT", ImageType=["ORIGINAL", "PRIMARY", "AXIAL", "M"])
    assert found.image_kind == ""


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("DiffusionBValue", -1.0),
        ("DiffusionBValue", float("nan")),
        ("DiffusionBValue", 1e9),
        ("EchoTime", -1),
        ("TriggerTime", 1e9),
        ("NominalPercentageOfCardiacPhase", 130.0),
    ],
    ids=range(6),
)
def test_absurd_values_are_absent(tmp_path, keyword, value):
    found = dimensions_of(tmp_path, **{keyword: value})
    assert (found.b_value, found.echo_time_ms, found.trigger_time_ms, found.cardiac_percent) == (None,) * 4


# Creators in the blocks 10 and 11: the maker's own is not always the first.
MAKERS = {
    "ge": [
        (0x00430010, "LO", "SOMEBODY ELSE"),
        (0x00430011, "LO", "GEMS_PARM_01"),
        (0x00191010 - 0x1000, "LO", "GEMS_ACQU_01"),
        (0x00431139, "IS", ["1000000800", "8", "0", "0"]),
        (0x0043112F, "SS", 1),
        (0x001910BB, "DS", "0.6"),
        (0x001910BC, "DS", "0"),
        (0x001910BD, "DS", "-0.8"),
    ],
    "siemens": [
        (0x00190010, "LO", "SIEMENS MR HEADER"),
        (0x0019100C, "IS", "800"),
        (0x0019100E, "FD", [0.6, 0.0, -0.8]),
    ],
    "philips": [
        (0x20010010, "LO", "Philips Imaging DD 001"),
        (0x20050010, "LO", "Philips MR Imaging DD 001"),
        (0x20011003, "FL", 800.0),
        (0x200510B0, "FL", 0.5),
        (0x200510B1, "FL", 0.0),
        (0x200510B2, "FL", -0.75),
    ],
}


@pytest.mark.parametrize("syntax", ["explicit", ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("maker", sorted(MAKERS))
def test_private_diffusion(tmp_path, maker, syntax):
    dataset = ct_slice(0, Modality="MR", ImageType=["ORIGINAL", "PRIMARY", "OTHER"])
    for tag, vr, value in MAKERS[maker]:
        dataset.add_new(tag, vr, value)
    path = tmp_path / "p.dcm"
    if syntax != "explicit":
        dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(
        path, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=syntax != ExplicitVRBigEndian
    )
    found = read_slice_header(path).dimensions
    assert found.b_value == 800
    assert found.gradient == pytest.approx((0.5, 0, -0.75) if maker == "philips" else (0.6, 0, -0.8))
    assert found.image_kind == ("P" if maker == "ge" else "")


@pytest.mark.parametrize(
    "raw", [b"", b"\xff" * 4, b"\xff" * 300, b"many", struct.pack("<f", float("inf"))], ids=range(5)
)
def test_private_nonsense_is_absent(tmp_path, raw):
    dataset = ct_slice(0, Modality="MR")
    dataset.add_new(0x20010010, "LO", "Philips Imaging DD 001")
    dataset.add_new(0x20011003, "UN", raw)
    assert read_slice_header(write_file(tmp_path / "p.dcm", dataset)).dimensions.b_value is None


def test_a_block_without_its_maker_is_not_read(tmp_path):
    dataset = ct_slice(0, Modality="MR")
    dataset.add_new(0x00190010, "LO", "SOMEBODY ELSE")
    dataset.add_new(0x0019100C, "IS", "800")
    assert read_slice_header(write_file(tmp_path / "p.dcm", dataset)).dimensions.b_value is None


def test_real_diffusion_by_philips():
    """Four volumes of two slices; another converter finds 0, 1000, 1000, 1000 s/mm² along three axes."""
    folder = shared("data/zoo/series-quirks/4d-dti-philips")
    found = [read_slice_header(path).dimensions for path in sorted(folder.rglob("*.dcm"))]
    assert [dimensions.b_value for dimensions in found] == [0, 1000, 1000, 1000] * 2
    assert len({dimensions.gradient for dimensions in found}) == 4
    assert found[1].gradient == pytest.approx((-0.99964, 0.02677, -0.00077), abs=1e-5)
    assert found[0].gradient == ()
