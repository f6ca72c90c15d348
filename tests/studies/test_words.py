"""Filters of the templates."""

import pytest
from flask import Flask, render_template_string

from app.studies.words import readable_length


def test_the_filters_are_there(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}):
        shown = render_template_string(
            "{{ 'Pérez^Ana' | person }} {{ 'Pérez^Ana' | person_name }} {{ '045Y' | age }} "
            "{{ '2024-03-12' | day }} {{ '14:05:00' | clock }}"
        )
    assert shown == "<bdi>Pérez, Ana</bdi> Pérez, Ana 45 años 12 mar 2024 14:05"


@pytest.mark.parametrize(("length_mm", "shown"), [(0.7031, "0.703\xa0mm"), (5.0, "5\xa0mm")])
def test_a_length_has_three_figures(length_mm: float, shown: str) -> None:
    assert readable_length(length_mm) == shown
