"""Sizes in messages."""

import pytest

from app.archive.amounts import count_text, size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "0.98 KB"),
        (1536, "1.5 KB"),
        (64 * 1024**2, "64 MB"),
        (4 * 1024**3, "4 GB"),
        (1234567890, "1.15 GB"),
    ],
)
def test_sizes_have_three_figures_and_a_unit(size: int, text: str) -> None:
    assert size_text(size).replace("\N{NO-BREAK SPACE}", " ") == text


def test_counts_have_commas() -> None:
    assert count_text(10000) == "10,000"
