"""Names and ages as people read them."""

import pytest
from flask import Flask

from app.studies.words import readable_age, readable_name


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe^Jane^Mary^Dr^Jr", "Doe, Dr Jane Mary Jr"),
        ("Demo", "Demo"),
        ("^Jane", "Jane"),
        ("Pérez García^ María  José", "Pérez García, María José"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田, 太郎)"),
        ("=山田^太郎", "山田, 太郎"),
        ("==やまだ^たろう", "やまだ, たろう"),
        ("", ""),
        ("^^^^", ""),
    ],
)
def test_a_name_is_read_group_by_group(stored: str, shown: str) -> None:
    assert readable_name(stored) == shown


@pytest.mark.parametrize(("stored", "shown"), [("050Y", "50 y"), ("003M", "3 mo"), ("old", "old"), ("", "")])
def test_an_age_says_its_unit(app: Flask, stored: str, shown: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert readable_age(stored) == shown
