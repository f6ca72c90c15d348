"""How a stored number became a value, as "explain this pixel" is told it."""

from typing import Any

import pytest
from flask import Flask

from tests.imaging.phantoms import ct_slice, modality_table
from tests.imaging.test_suv import pet
from tests.viewer.conftest import Reader, reader_of

VOXEL = "value?i=3&j=2&k=1"
WAY = ("stored", "value", "slope", "intercept", "reason")


def way(reader: Reader, query: str = VOXEL) -> tuple[Any, ...]:
    answer = reader.get(query).json
    return tuple(answer[name] for name in WAY)


def test_a_line_of_each_slices_own(app: Flask, people: dict[str, Any]) -> None:
    slices = (ct_slice(k, RescaleSlope=k + 1, RescaleIntercept=-10 * k) for k in range(3))
    # Stored 100 + 20 + 3 in slice 1, whose line is × 2 − 10.
    assert way(reader_of(app, people["alice"], slices)) == (123, 236, 2.0, -10.0, None)


def test_a_table_is_no_line(app: Flask, people: dict[str, Any]) -> None:
    slices = (modality_table(ct_slice(k), (3 * n for n in range(400))) for k in range(3))
    reader = reader_of(app, people["alice"], slices)
    assert way(reader) == (None, 369, None, None, "table")
    assert way(reader, VOXEL + "&as=stack") == (None, 369, None, None, "table")


def test_interpolated_values_were_never_stored(app: Flask, people: dict[str, Any]) -> None:
    # Slices at 30, 33, 36 and 42 mm: the fourth of five even ones was made up.
    slices = [
        ct_slice(k, ImagePositionPatient=[10.0, -20.0, z_mm])
        for k, z_mm in enumerate((30.0, 33.0, 36.0, 42.0))
    ]
    reader = reader_of(app, people["alice"], slices)
    answer = reader.get("value?i=0&j=0&k=3").json
    assert (answer["stored"], answer["slope"], answer["reason"]) == (None, None, "resampled")


def test_steps_too_fine_for_float32(app: Flask, people: dict[str, Any]) -> None:
    slices = (ct_slice(k, RescaleSlope="0.0001", RescaleIntercept="100000") for k in range(3))
    stored, _value, slope, intercept, reason = way(reader_of(app, people["alice"], slices))
    assert (stored, slope, intercept, reason) == (None, 0.0001, 100000, "coarse")


def test_colours_are_no_values(app: Flask, people: dict[str, Any]) -> None:
    image = ct_slice(0)
    image.SamplesPerPixel, image.PhotometricInterpretation, image.PlanarConfiguration = 3, "RGB", 0
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit = 7
    image.PixelRepresentation = 0
    image.PixelData = bytes(range(60))
    for name in ("RescaleSlope", "RescaleIntercept"):
        delattr(image, name)
    reader = reader_of(app, people["alice"], [image])
    # Row 0, column 1: the second three of 0, 1, 2, 3, …
    assert way(reader, "value?i=1&j=0&k=0") == ([3, 4, 5], [3, 4, 5], None, None, "colour")


def test_suv_tells_weight_dose_and_decay(app: Flask, people: dict[str, Any]) -> None:
    answer = reader_of(app, people["alice"], [pet(k) for k in range(3)]).get("value?i=1&j=1&k=1").json
    # Stored 100 + 10 + 1; the slice's slope is 3 Bq/ml. One half-life after injection 1 Bq/ml is SUV 0.0004.
    assert (answer["stored"], answer["unit"]) == (111, "SUVbw")
    assert answer["value"] == pytest.approx(0.1332, rel=1e-6)
    assert answer["slope"] == pytest.approx(0.0012, rel=1e-9)
    assert answer["suv"].pop("factor") == pytest.approx(0.0004, rel=1e-12)
    assert answer["suv"] == {"weight_kg": 70, "dose_bq": 350e6, "half_life_s": 6588, "uptake_s": 6588}


def test_suv_of_values_corrected_to_the_injection(app: Flask, people: dict[str, Any]) -> None:
    admin = [pet(k, DecayCorrection="ADMIN", tracer={"RadionuclideHalfLife": None}) for k in range(3)]
    suv = reader_of(app, people["alice"], admin).get("value?i=1&j=1&k=1").json["suv"]
    assert suv["factor"] == pytest.approx(0.0002, rel=1e-12)
    assert suv["uptake_s"] is None


def test_values_that_are_suv_already_tell_no_way(app: Flask, people: dict[str, Any]) -> None:
    assert volume_of_suv(app, people["alice"]).get("value?i=1&j=1&k=1").json["suv"] is None


def volume_of_suv(app: Flask, owner: str) -> Reader:
    return reader_of(app, owner, (pet(k, Units="GML") for k in range(3)))
