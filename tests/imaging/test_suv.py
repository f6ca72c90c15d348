"""SUV by body weight. The made series: 70 kg, 350 MBq, and one half-life between injection and scan.

So START decays the dose to 175 MBq: 70,000 g / 175,000,000 Bq = 0.0004 a Bq/ml; ADMIN has 0.0002.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from app.imaging.pixels import read_frame
from app.imaging.sliceheader import SliceHeader
from app.imaging.slices import read_slice_header
from app.imaging.suv import SuvResult, to_suv
from app.imaging.volume import build_volume, load_volume, plan_volume, stored_value
from tests.imaging.phantoms import ct_slice, write_file
from tests.shared_data import shared

PET = "1.2.840.10008.5.1.4.1.1.128"
START, ADMIN = 4e-4, 2e-4


def pet(k: int = 0, tracer: dict[str, Any] | None = None, **elements: Any) -> Dataset:
    """Slice *k* of a PET, slope 2 + k; *tracer* changes the injection, None removes."""
    item = Dataset()
    injection = {
        "RadiopharmaceuticalStartTime": "101012.00",  # 6588 s before the series
        "RadionuclideTotalDose": 350e6,
        "RadionuclideHalfLife": 6588,
        **(tracer or {}),
    }
    for keyword, value in injection.items():
        if value is not None:
            setattr(item, keyword, value)
    stated: dict[str, Any] = {
        "SOPClassUID": PET,
        "Modality": "PT",
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["DECY", "ATTN", "SCAT"],
        "PatientWeight": 70,
        "SeriesDate": "20240229",
        "SeriesTime": "120000",
        "AcquisitionDate": "20240229",
        "AcquisitionTime": f"12{k:02d}00.25",
        "RadiopharmaceuticalInformationSequence": [item],
        **elements,
    }
    return ct_slice(
        k, slope=2.0 + k, intercept=0, **{name: value for name, value in stated.items() if value is not None}
    )


def headers_of(folder: Path, *slices: Dataset) -> list[SliceHeader]:
    return [read_slice_header(write_file(folder / f"{n}.dcm", made)) for n, made in enumerate(slices)]


def converted(folder: Path, *slices: Dataset) -> tuple[list[SliceHeader], SuvResult]:
    return to_suv(headers_of(folder, *slices))


def private(made: Dataset, group: int, creator: str, **texts: str) -> Dataset:
    """*made* with private texts, e.g. ``x00="0.5"``."""
    block = made.private_block(group, creator, create=True)
    for name, text in texts.items():
        block.add_new(int(name[1:], 16), "LO", text)
    return made


def philips(k: int = 0, *, units: str = "CNTS", elements: Any = None, **texts: str) -> Dataset:
    return private(pet(k, Units=units, **(elements or {})), 0x7053, "Philips PET Private Group", **texts)


# ---- the standard's branch


def test_a_real_series_by_hand() -> None:
    # 71 kg, 388,777,472 Bq, half-life 6588 s, from 10:35:00 to 11:20:11 = 2711 s:
    # 71,000 / (388,777,472 × 2^(−2711 / 6588)) = 0.000242902976614 a Bq/ml. Slopes differ by slice.
    folder = shared("data/pet-sts-rtstruct/pet")
    paths = [folder / f"1-{n:03d}.dcm" for n in (1, 101, 201)]
    headers, result = to_suv([read_slice_header(path) for path in paths])
    assert result.is_suv
    assert result.warnings == ()
    assert (result.weight_kg, result.dose_bq, result.half_life_s, result.uptake_s) == (
        71,
        388777472,
        6588,
        2711,
    )
    slopes = [header.slope for header in headers]
    assert slopes == pytest.approx([0.000416359992214, 0.000236607660169, 0.001209377485114], rel=1e-12)
    # Stored values at (row, column), and the SUV there.
    known = [
        (0, 39, 71, 32766, 13.642451504885804),
        (0, 64, 64, 15642, 6.512702998212285),
        (1, 58, 76, 32767, 7.752923200760734),
        (1, 64, 64, 8005, 1.894044319653605),
        (1, 60, 50, 10915, 2.582572610745671),
        (2, 64, 64, 745, 0.900986226410387),
        (2, 60, 50, 604, 0.730464001009226),
    ]
    for n, row, column, stored, suv in known:
        frame = read_frame(paths[n])
        assert frame.values[row, column] / frame.slope == pytest.approx(stored, rel=1e-6)
        assert stored * headers[n].slope + headers[n].intercept == pytest.approx(suv, rel=1e-9)


def test_a_real_volume_holds_suv(tmp_path: Path) -> None:
    folder = shared("data/pet-sts-rtstruct/pet")
    headers, _ = to_suv([read_slice_header(folder / f"1-{n:03d}.dcm") for n in range(100, 104)])
    header = build_volume(plan_volume(headers), tmp_path / "volume.npy")
    assert (header.unit, header.dtype) == ("SUVbw", "float32")
    k = header.sop_instance_uids.index(headers[1].sop_instance_uid)
    array = load_volume(tmp_path / "volume.npy", header).array
    # As above: stored 32767 and 8005 of image 101.
    assert array[k, 58, 76] == pytest.approx(7.752923200760734, rel=1e-6)
    assert array[k, 64, 64] == pytest.approx(1.894044319653605, rel=1e-6)
    assert stored_value(header, float(array[k, 64, 64]), k) == 8005


def test_decay_runs_from_injection_to_series_start(tmp_path: Path) -> None:
    headers, result = converted(tmp_path, pet(0), pet(1))
    assert [header.slope for header in headers] == pytest.approx([2 * START, 3 * START], rel=1e-12)
    assert [header.rescale.unit for header in headers] == ["SUVbw", "SUVbw"]
    assert (result.unit, result.reason, result.warnings) == ("SUVbw", None, ())
    assert result.uptake_s == 6588
    assert result.as_json()["dose_bq"] == 350e6


def test_values_corrected_to_the_injection_are_not_decayed_again(tmp_path: Path) -> None:
    headers, result = converted(
        tmp_path, pet(DecayCorrection="ADMIN", SeriesTime=None, tracer={"RadionuclideHalfLife": None})
    )
    assert headers[0].slope == pytest.approx(2 * ADMIN, rel=1e-12)
    assert (result.unit, result.uptake_s) == ("SUVbw", None)


def test_what_is_suv_already_stays(tmp_path: Path) -> None:
    once, _ = converted(tmp_path, pet())
    twice, result = to_suv(once)
    assert twice == once
    assert result.is_suv


def test_other_modalities_are_left_alone(tmp_path: Path) -> None:
    headers = headers_of(tmp_path, ct_slice())
    assert to_suv(headers) == (headers, SuvResult("HU"))
    assert to_suv([]) == ([], SuvResult(""))


def test_windows_give_the_same_greys(tmp_path: Path) -> None:
    made = pet(WindowCenter=[5000.5, 300], WindowWidth=[10001, 1])
    headers, _ = converted(tmp_path, made)
    # LINEAR 5000.5 / 10001 runs from 0 to 10,000 Bq/ml: SUV 0 to 4. Width 1 is a threshold and has no like.
    (window,) = headers[0].windows
    assert window["function"] == "LINEAR_EXACT"
    assert (window["center"], window["width"]) == pytest.approx((2.0, 4.0))


# ---- times


def uptake(folder: Path, made: Dataset) -> tuple[float | None, list[str]]:
    _, result = converted(folder, made)
    assert result.is_suv, result.reason
    return result.uptake_s, [str(warning) for warning in result.warnings]


def test_an_injection_before_midnight(tmp_path: Path) -> None:
    made = pet(
        SeriesTime="003000", AcquisitionTime="003000", tracer={"RadiopharmaceuticalStartTime": "233000"}
    )
    assert uptake(tmp_path, made) == (3600, [])


def test_the_start_date_and_time_counts(tmp_path: Path) -> None:
    before = {"RadiopharmaceuticalStartDateTime": "20240228233000.5", "RadiopharmaceuticalStartTime": None}
    made = pet(SeriesTime="003000", AcquisitionTime="003000", tracer=before)
    assert uptake(tmp_path, made) == (3599.5, [])


def test_long_half_lives_span_days_by_their_date(tmp_path: Path) -> None:
    zirconium = {"RadiopharmaceuticalStartDateTime": "20240225120000", "RadionuclideHalfLife": 282276}
    assert uptake(tmp_path, pet(tracer=zirconium | {"RadiopharmaceuticalStartTime": None})) == (345600, [])
    _, result = converted(tmp_path, pet(tracer={"RadionuclideHalfLife": 282276}))
    assert "(0018,1078)" in str(result.reason)


def test_shifted_dates_leave_the_times_of_day(tmp_path: Path) -> None:
    moved = {"RadiopharmaceuticalStartDateTime": "19000101101012", "RadiopharmaceuticalStartTime": None}
    seconds, warnings = uptake(tmp_path, pet(tracer=moved))
    assert seconds == 6588
    assert len(warnings) == 1
    assert "times of day" in warnings[0]


def test_missing_dates_leave_the_times_of_day(tmp_path: Path) -> None:
    undated = pet(SeriesDate=None, AcquisitionDate=None)
    assert uptake(tmp_path, undated) == (6588, [])


def test_zones_are_reckoned_with(tmp_path: Path) -> None:
    # 09:10:12 at UTC is 10:10:12 at +01:00, where the scanner stands.
    there = {"RadiopharmaceuticalStartDateTime": "20240229091012+0000", "RadiopharmaceuticalStartTime": None}
    assert uptake(tmp_path, pet(tracer=there, TimezoneOffsetFromUTC="+0100")) == (6588, [])


def test_two_start_times_that_differ_are_said(tmp_path: Path) -> None:
    both = {"RadiopharmaceuticalStartDateTime": "20240229104012"}
    seconds, warnings = uptake(tmp_path, pet(tracer=both))
    assert seconds == 4788
    assert "(0018,1078)" in warnings[0]


def test_a_series_made_later_counts_to_the_first_acquisition(tmp_path: Path) -> None:
    slices = [pet(k, SeriesTime="183000") for k in (2, 0, 1)]
    _, result = converted(tmp_path, *slices)
    assert result.uptake_s == 6588.25
    assert "(0008,0032)" in str(result.warnings[0])


def test_a_series_made_later_counts_to_the_private_scan_time(tmp_path: Path) -> None:
    made = private(
        pet(1, SeriesDate="20240307", SeriesTime="183000"), 0x0009, "GEMS_PETD_01", x0D="20240229120000.00"
    )
    seconds, warnings = uptake(tmp_path, made)
    assert seconds == 6588
    assert "(0009,100D)" in warnings[0]


def test_a_series_made_later_counts_by_frame_reference_time(tmp_path: Path) -> None:
    # A frame of one half-life: its mean activity is at log2(ln 2 / (1 − 1/2)) = log2(1.386294) = 0.471234 of
    # it, 3104.4897 s after its start. The frame began 600 s after the reference.
    frame = {"FrameReferenceTime": 3704489.7, "ActualFrameDuration": 6588000}
    made = pet(SeriesTime="183000", AcquisitionTime="121000", **frame)
    seconds, warnings = uptake(tmp_path, made)
    assert seconds == pytest.approx(6588, abs=0.01)
    assert "(0054,1300)" in warnings[0]


# ---- the makers' branch and units that are SUV


def test_philips_own_factor(tmp_path: Path) -> None:
    # The factor leads to SUV by itself, and differs by slice.
    made = [philips(0, x00="0.0005", x09="1.5"), philips(1, x00="0.0007", x09="1.5")]
    headers, result = converted(tmp_path, *made)
    assert [header.slope for header in headers] == pytest.approx([0.001, 0.0021], rel=1e-12)
    assert (result.unit, result.dose_bq) == ("SUVbw", None)


@pytest.mark.parametrize("factor", [{}, {"x00": "0"}, {"x00": "abc"}], ids=["absent", "zero", "text"])
def test_philips_counts_by_way_of_becquerels(tmp_path: Path, factor: dict[str, str]) -> None:
    headers, result = converted(tmp_path, philips(x09="1.5", **factor))
    assert headers[0].slope == pytest.approx(2 * 1.5 * START, rel=1e-12)
    assert result.is_suv


def test_counts_whose_suv_is_not_known_are_becquerels(tmp_path: Path) -> None:
    headers, result = converted(tmp_path, philips(x09="1.5", elements={"PatientWeight": None}))
    assert (headers[0].slope, headers[0].rescale.unit) == (3.0, "Bq/ml")
    assert "(0010,1030)" in str(result.reason)


def test_counts_without_factors_stay_counts(tmp_path: Path) -> None:
    headers, result = converted(tmp_path, pet(Units="CNTS"))
    assert (headers[0].slope, headers[0].rescale.unit) == (2.0, "CNTS")
    assert "(7053,1000)" in str(result.reason)


def test_private_factors_in_an_implicit_file_and_another_block(tmp_path: Path) -> None:
    made = pet(Units="CNTS")
    made.private_block(0x7053, "Somebody Else", create=True).add_new(0x00, "DS", "9")
    private(made, 0x7053, "Philips PET Private Group", x00="0.0005")
    made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    headers, _ = converted(tmp_path, made)
    assert headers[0].slope == pytest.approx(0.001, rel=1e-12)


@pytest.mark.parametrize(
    ("elements", "unit"),
    [
        ({"Units": "GML"}, "SUVbw"),
        ({"Units": "GML", "SUVType": "BW"}, "SUVbw"),
        ({"Units": "GML", "SUVType": "LBM"}, "SUVlbm"),
        ({"Units": "GML", "SUVType": "LBMJANMA"}, "SUVlbm"),
        ({"Units": "GML", "SUVType": "BSA"}, "SUVbsa"),
        ({"Units": "CM2ML", "SUVType": "BSA"}, "SUVbsa"),
        ({"Units": "GML", "SUVType": "IBW"}, "SUVibw"),
    ],
)
def test_values_that_the_file_calls_suv(tmp_path: Path, elements: dict[str, str], unit: str) -> None:
    headers, result = converted(tmp_path, pet(PatientWeight=None, CorrectedImage=None, **elements))
    assert (headers[0].slope, headers[0].rescale.unit) == (2.0, unit)
    assert result.unit == unit
    assert (result.reason is None) == (unit == "SUVbw")


# ---- refused, with the element's tag; Bq/ml stays


@pytest.mark.parametrize(
    ("elements", "tag"),
    [
        ({"PatientWeight": None}, "(0010,1030)"),
        ({"PatientWeight": 0}, "(0010,1030)"),
        ({"PatientWeight": 71000}, "(0010,1030)"),
        ({"CorrectedImage": None}, "(0028,0051)"),
        ({"CorrectedImage": ["DECY", "SCAT"]}, "ATTN"),
        ({"CorrectedImage": ["ATTN"]}, "DECY"),
        ({"DecayCorrection": None}, "(0054,1102)"),
        ({"DecayCorrection": "NONE"}, "(0054,1102)"),
        ({"SeriesTime": None, "AcquisitionTime": None}, "(0008,0031)"),
        ({"RadiopharmaceuticalInformationSequence": None}, "(0054,0016)"),
        ({"RadiopharmaceuticalInformationSequence": []}, "(0054,0016)"),
        ({"RadiopharmaceuticalInformationSequence": [Dataset(), Dataset()]}, "(0054,0016)"),
        ({"tracer": {"RadionuclideTotalDose": None}}, "(0018,1074)"),
        ({"tracer": {"RadionuclideTotalDose": 0}}, "(0018,1074)"),
        ({"tracer": {"RadionuclideTotalDose": 350}}, "megabecquerel"),
        ({"tracer": {"RadionuclideTotalDose": 350e12}}, "(0018,1074)"),
        ({"tracer": {"RadionuclideHalfLife": None}}, "(0018,1075)"),
        ({"tracer": {"RadionuclideHalfLife": -1}}, "(0018,1075)"),
        ({"tracer": {"RadiopharmaceuticalStartTime": None}}, "(0018,1072)"),
        ({"tracer": {"RadiopharmaceuticalStartTime": "25"}}, "(0018,1072)"),
        ({"tracer": {"RadiopharmaceuticalStartTime": "120500"}}, "23.9 hours"),
        # In minutes instead of seconds: then sixty half-lives would have passed.
        ({"tracer": {"RadionuclideHalfLife": 109.8}}, "1.8 hours"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value.strip("()"),
)
def test_without_it_there_is_no_suv(tmp_path: Path, elements: dict[str, Any], tag: str) -> None:
    headers, result = converted(tmp_path, pet(**elements))
    assert tag in str(result.reason)
    assert (headers[0].slope, headers[0].rescale.unit, result.unit) == (2.0, "Bq/ml", "Bq/ml")
    assert result.as_json()["reason"]["template"]


@pytest.mark.parametrize(
    ("elements", "tag"),
    [
        ({"Units": None}, "(0054,1001)"),
        ({"Units": "PROPCPS"}, "PROPCPS"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.130"}, "enhanced"),
    ],
)
def test_other_units_stay_what_they_are(tmp_path: Path, elements: dict[str, Any], tag: str) -> None:
    headers, result = converted(tmp_path, pet(**elements))
    assert tag in str(result.reason)
    assert headers[0].slope == 2.0
    assert headers[0].rescale.unit == (elements.get("Units", "BQML") or "")


@pytest.mark.parametrize(
    ("elements", "tag"),
    [
        ({"Units": "CNTS"}, "(0054,1001)"),
        ({"PatientWeight": 71}, "(0010,1030)"),
        ({"tracer": {"RadionuclideTotalDose": 1e8}}, "(0018,1074)"),
        ({"DecayCorrection": "ADMIN"}, "(0054,1102)"),
    ],
    ids=["units", "weight", "dose", "decay"],
)
def test_images_that_contradict_each_other(tmp_path: Path, elements: dict[str, Any], tag: str) -> None:
    _, result = converted(tmp_path, pet(0), pet(1, **elements))
    assert not result.is_suv
    assert tag in str(result.reason)


def test_nothing_of_the_patient_is_told(tmp_path: Path) -> None:
    _, result = converted(tmp_path, pet(SeriesTime="183000", PatientName="Secret^Name"))
    told = str(result.as_json())
    assert "Secret" not in told
    assert "2024" not in told


def test_the_values_follow(tmp_path: Path) -> None:
    (header,), _ = converted(tmp_path, pet(pixels=np.array([[0, 5000], [32767, 1]], np.int16)))
    # 5000 × 2 Bq/ml × 0.0004 = 4.
    assert 5000 * header.slope + header.intercept == pytest.approx(4.0)


# ---- times that were taken out


@pytest.mark.parametrize(
    ("injected", "series", "acquired"),
    [
        ("000000", "000000", "000000.00"),  # no uptake: all decay forgotten
        ("230000", "000000", None),
        ("000000", "080000", "080100"),
        ("20240229000000", "080000", "080100"),
    ],
)
def test_midnight_to_the_second_is_a_placeholder(
    tmp_path: Path, injected: str, series: str, acquired: str | None
) -> None:
    keyword = "RadiopharmaceuticalStart" + ("Time" if len(injected) == 6 else "DateTime")
    made = pet(tracer={keyword: injected}, SeriesTime=series, AcquisitionTime=acquired)
    _, result = converted(tmp_path, made)
    assert result.unit == "Bq/ml"
    assert result.reason is not None
    assert "midnight" in result.reason.template


def test_with_admin_no_time_is_needed(tmp_path: Path) -> None:
    _, result = converted(tmp_path, pet(DecayCorrection="ADMIN", SeriesTime="000000", AcquisitionTime=None))
    assert result.is_suv


def test_a_dose_in_kilobecquerels_is_no_dose(tmp_path: Path) -> None:
    _, result = converted(tmp_path, pet(tracer={"RadionuclideTotalDose": 350_000}))
    assert result.unit == "Bq/ml"
