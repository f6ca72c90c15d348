"""Phases and numbers as the viewer writes them."""

import pytest
from flask import Flask

from app.viewer.wording import figure, phase_label, shown_unit


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("ms", 33.333, "33.33\u00a0ms"),
        ("ms", -5.0, "\u22125\u00a0ms"),
        ("", "WATER", "WATER"),
        ("s/mm²", "0", "0\u00a0s/mm²"),
        ("s/mm²", "1000 [-1.00 0.03 0.00]", "1000\u00a0s/mm² [\u22121.00\u00a00.03\u00a00.00]"),
        ("", "IN-PHASE", "IN-PHASE"),
    ],
)
def test_a_phase_in_words(unit: str, value: float | str, words: str) -> None:
    assert phase_label(unit, value) == words


def test_numbers_have_as_many_decimals_as_they_need() -> None:
    assert [figure(value) for value in (40.0, -600.0, 2061.636, -0.001)] == [
        "40", "\u2212600", "2061.64", "0",
    ]  # fmt: skip


def test_units_in_words(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        shown = [shown_unit(unit) for unit in ("HU", "BQML", "SUVbw", "US", "OD", "")]
    assert shown == ["HU", "Bq/ml", "SUVbw", "", "mOD", ""]
