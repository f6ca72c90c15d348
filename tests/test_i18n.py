"""Days, times, ages and names in the user's language."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.i18n import show_name, tell_age, tell_clock, tell_day, tell_moment, tell_name


@pytest.mark.parametrize(
    ("language", "day", "shown"),
    [
        ("es", date(2024, 3, 12), "12 mar 2024"),
        ("en", date(2024, 3, 12), "Mar 12, 2024"),
        ("es", "2024-03-12", "12 mar 2024"),
        ("en", "20240312", "Mar 12, 2024"),
        # Partial and impossible ones as they are.
        ("es", "2024", "2024"),
        ("en", "202403", "202403"),
        ("es", "20240230", "20240230"),
        ("en", "2024-02-30", "2024-02-30"),
        ("en", "unknown", "unknown"),
        ("en", None, ""),
        ("en", "", ""),
    ],
)
def test_a_day(app: Flask, language: str, day: date | str | None, shown: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert tell_day(day) == shown


@pytest.mark.parametrize(("language", "shown"), [("es", "5 ene 2026, 17:04"), ("en", "Jan 5, 2026, 17:04")])
def test_a_moment(app: Flask, language: str, shown: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert tell_moment(datetime(2026, 1, 5, 17, 4, 59, tzinfo=UTC)) == shown


@pytest.mark.parametrize(
    ("language", "stored", "shown"),
    [
        ("es", "045Y", "45 años"),
        ("en", "045Y", "45 years"),
        ("es", "001Y", "1 año"),
        ("en", "001Y", "1 year"),
        ("es", "003M", "3 meses"),
        ("en", "002W", "2 weeks"),
        ("es", "010D", "10 días"),
        ("en", "12y", "12 years"),
        ("en", "old", "old"),
        ("en", "45", "45"),
        ("en", "", ""),
    ],
)
def test_an_age(app: Flask, language: str, stored: str, shown: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert tell_age(stored) == shown


def test_a_time_of_day() -> None:
    assert [tell_clock(text) for text in ("14:05:33", "14:05", "noon", "")] == ["14:05", "14:05", "noon", ""]


def test_a_name_for_a_label_and_for_a_page() -> None:
    stored = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    assert tell_name(stored) == "Yamada, Tarou · 山田 太郎"
    assert show_name(stored) == "<bdi>Yamada, Tarou</bdi> · <bdi>山田 太郎</bdi>"
    assert show_name(stored, every=True).endswith(" · <bdi>やまだ たろう</bdi>")
    assert show_name("") == ""


def test_a_name_is_never_markup() -> None:
    assert show_name("<b>^&=<i>") == "<bdi>&lt;b&gt;, &amp;</bdi> · <bdi>&lt;i&gt;</bdi>"
