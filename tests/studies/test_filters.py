"""What a list may be asked for, and what is told about the rest."""

import pytest
from werkzeug.datastructures import MultiDict

from app.studies.filters import StudyFilter, read_filter


def read(*pairs: tuple[str, str]) -> tuple[StudyFilter, list[str]]:
    asked, faults = read_filter(MultiDict(pairs))
    return asked, [fault.field for fault in faults]


def test_nothing_asked_is_everything_newest_first() -> None:
    assert read() == (StudyFilter(), [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "2024-13-01"),
        ("from", "20240101"),
        ("to", "2024-W01-1"),
        ("to", "٢٠٢٤-٠١-٠١"),
        ("sort", "password"),
        ("sort", "--date"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "9" * 30),
        ("page", "١"),
        ("per_page", "201"),
        ("per_page", "1e2"),
        ("modality", "CT'; drop"),
        ("q", "x" * 201),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(name: str, value: str) -> None:
    asked, faults = read((name, value))
    assert faults == [name]
    assert asked == StudyFilter()


def test_a_range_that_ends_before_it_begins_is_named() -> None:
    assert read(("from", "2024-02-02"), ("to", "2024-02-01"))[1] == ["to"]


def test_modalities_come_repeated_or_with_commas() -> None:
    assert read(("modality", "mr,CT"), ("modality", "CT"))[0].modalities == ("CT", "MR")


def test_words_are_parted_like_names() -> None:
    assert read(("q", " Doe^Jane, \0 x "))[0].words == ["Doe", "Jane", "x"]


def test_links_keep_the_question_and_leave_defaults_out() -> None:
    asked, _ = read(("q", "doe"), ("page", "3"), ("sort", "patient"))
    assert asked.sorted_by("patient") == {"q": "doe", "sort": "-patient"}
    assert asked.sorted_by("date") == {"q": "doe"}
    assert asked.with_modality("CT") == {"q": "doe", "modality": ["CT"], "sort": "patient"}
    assert asked.arguments(page=4) == {"q": "doe", "sort": "patient", "page": 4}
