"""Names by their groups and days in the user's language, on every page that shows them."""

from typing import Any

import pytest
from flask import Flask

from app.models import Series, Study, db
from tests.conftest import sign_in
from tests.studies.rows import add_study
from tests.studies.uploading import ct_files, upload

NAME = "Yamada^Tarou=山田^太郎=やまだ^たろう"


@pytest.fixture
def study(app: Flask, people: dict[str, Any]) -> str:
    with app.app_context():
        return add_study(
            people["alice"],
            NAME,
            patient_id="P-1",
            day="2024-03-12",
            study_time="14:05:33",
            patient_age="045Y",
        )


def shown(app: Flask, path: str, language: str = "es") -> str:
    answer = sign_in(app, "alice").get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return " ".join(answer.text.split())


@pytest.mark.parametrize("path", ["/", "/studies/{study}", "/anonymise", "/viewer/{series}"])
def test_each_page_shows_the_groups_apart(app: Flask, study: str, path: str) -> None:
    with app.app_context():
        series = db.session.query(Series).one()
        series.state = "queued"
        db.session.commit()
        path = path.format(study=study, series=series.id)
    assert "<bdi>Yamada, Tarou</bdi> · <bdi>山田 太郎</bdi>" in shown(app, path)


def test_the_editor_shows_the_groups_apart(app: Flask, people: dict[str, Any]) -> None:
    files = ct_files(1, SpecificCharacterSet="ISO_IR 192", PatientName=NAME)
    study = upload(sign_in(app, "alice"), files).json["studies"][0]
    assert "<bdi>Yamada, Tarou</bdi> · <bdi>山田 太郎</bdi>" in shown(app, f"/anonymise?study={study}")


def test_the_page_of_a_study_shows_the_phonetic_group_too(app: Flask, study: str) -> None:
    assert "<bdi>やまだ たろう</bdi>" in shown(app, f"/studies/{study}")


def test_arabic_and_hebrew_are_isolated(app: Flask, people: dict[str, Any]) -> None:
    with app.app_context():
        add_study(people["alice"], "قباني^لنزار", patient_id="A")
        add_study(people["alice"], "שרון^דבורה", patient_id="H")
    text = shown(app, "/")
    assert "<bdi>قباني, لنزار</bdi>" in text
    assert "<bdi>שרון, דבורה</bdi>" in text


@pytest.mark.parametrize("word", ["yamada", "TAROU", "山田", "太郎", "やまだ", "山田 太郎", "Tarou · 山田"])
def test_the_search_finds_every_group(app: Flask, study: str, word: str) -> None:
    assert f"/studies/{study}" in shown(app, f"/?q={word}")


@pytest.mark.parametrize(
    ("stored", "word"),
    [
        ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "ヤマダ"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "ﾀﾛｳ"),
        ("ヤマダ^タロウ", "ﾔﾏﾀﾞ"),
        ("Διονυσιος", "ΔΙΟΝΥΣΙΟΣ"),
        ("ЛЮКСЕМБУРГ", "люксембург"),
        ("Pe\u0301rez^Ana", "pérez"),
        ("PÉREZ^ANA", "Pe\u0301rez"),
        ("شريف^علي", "علي"),
    ],
)
def test_the_search_knows_other_spellings(app: Flask, people: dict[str, Any], stored: str, word: str) -> None:
    with app.app_context():
        study = add_study(people["alice"], stored, patient_id="P-1")
    assert f"/studies/{study}" in shown(app, f"/?q={word}")


@pytest.mark.parametrize(
    ("language", "day", "age"), [("es", "12 mar 2024", "45 años"), ("en", "Mar 12, 2024", "45 years")]
)
def test_days_and_ages_are_in_the_users_language(
    app: Flask, study: str, language: str, day: str, age: str
) -> None:
    for path in ("/", f"/studies/{study}"):
        text = shown(app, path, language)
        assert day in text
        assert age in text
        assert "2024-03-12" not in text
    assert f"{day}, 14:05" in shown(app, f"/studies/{study}", language)


def test_what_is_no_day_of_the_calendar_is_shown_as_it_is(app: Flask, people: dict[str, Any]) -> None:
    client = sign_in(app, "alice")
    answer = upload(client, ct_files(1, StudyDate="20240230", PatientBirthDate="1950"))
    with app.app_context():
        found = db.session.query(Study).one()
        assert (found.study_date, found.study_date_text) == (None, "20240230")
        assert (found.patient.birth_date, found.patient.birth_date_text) == (None, "1950")
    assert "20240230" in shown(app, "/")
    text = shown(app, f"/studies/{answer.json['studies'][0]}")
    assert "20240230" in text
    assert "<dd>1950</dd>" in text
