import io
from dataclasses import replace

import numpy as np
import pypdf
import pytest

from app.imaging.errors import LimitExceeded
from app.imaging.sheet import (
    Drawing,
    Sheet,
    SheetPicture,
    ellipse_outline,
    fewer_pixels,
    make_sheet,
    mark_lines,
    shown_text,
)

LETTERS = {"left": "R", "right": "L", "top": "A", "bottom": "P"}


def picture(number: int = 1) -> SheetPicture:
    line = Drawing((np.array([[2.0, 3], [30, 40]]),), f"{number}: 23.4 mm", "#7fd4ff")
    pixels = np.full((60, 80, 3), 90, np.uint8)
    return SheetPicture(pixels, (0.5, 1.0), LETTERS, (f"Axial {number} / 120", "W 400 L 40"), (line,))


def sheet(count: int, rows: int = 2) -> Sheet:
    cells = ("Nódulo de la língula", "Longitud", "23.4 mm", "Axial 41")
    return Sheet(
        title="Tórax · CT $x$",
        subtitle="12 mar 2024",
        warning="No apto para diagnóstico",
        made="Hecho el 21 nov 2026",
        pictures=tuple(picture(n + 1) for n in range(count)),
        columns=("N.º", "Etiqueta", "Tipo", "Medidas", "Lugar"),
        rows=tuple((str(n), *cells) for n in range(1, rows + 1)),
        more="%(count)s más",
    )


def read(data: bytes) -> tuple[pypdf.PdfReader, str]:
    reader = pypdf.PdfReader(io.BytesIO(data))
    return reader, reader.pages[0].extract_text()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_one_page_of_a4_with_its_words(count: int) -> None:
    reader, text = read(make_sheet(sheet(count)))
    assert len(reader.pages) == 1
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    for words in (
        "Tórax · CT $x$",
        "No apto para diagnóstico",
        "Hecho el 21 nov 2026",
        "Nódulo de la língula",
    ):
        assert words in text
    assert text.count("No apto para diagnóstico") == 2  # head and foot
    assert f"{count}: 23.4 mm" in text
    assert len(reader.pages[0].images) == count


def test_pictures_keep_their_pixels() -> None:
    reader, _text = read(make_sheet(sheet(1)))
    found = reader.pages[0].images[0].image
    assert found is not None
    assert found.size == (80, 60)
    assert found.convert("RGB").getpixel((40, 30)) == (90, 90, 90)


def test_the_same_page_is_the_same_file() -> None:
    assert make_sheet(sheet(2)) == make_sheet(sheet(2))


def test_more_rows_than_fit_are_counted() -> None:
    _reader, text = read(make_sheet(sheet(9, rows=200)))
    assert "más" in text


@pytest.mark.parametrize("count", [0, 10])
def test_one_to_nine_pictures(count: int) -> None:
    with pytest.raises(ValueError, match="pictures"):
        make_sheet(sheet(count))


def test_more_lines_than_a_page_holds_are_refused() -> None:
    outlines = tuple(Drawing((np.ones((5000, 2)),), "1", "#7fd4ff") for _ in range(51))
    crowded = replace(picture(), drawings=outlines)
    with pytest.raises(LimitExceeded):
        make_sheet(replace(sheet(2), pictures=(crowded, crowded)))


def test_letters_that_the_font_lacks_are_boxes() -> None:
    assert shown_text("Ñandú 山") == "Ñandú □"
    assert shown_text("a\n b") == "a b"


def test_outlines() -> None:
    outline = ellipse_outline(np.array([5.0, 5]), np.array([7.0, 5]), np.array([5.0, 6]), 4)
    assert np.allclose(outline, [[7, 5], [5, 6], [3, 5], [5, 4], [7, 5]])
    corners = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    assert [len(line) for line in mark_lines("rectangle", corners)] == [5]
    assert [len(line) for line in mark_lines("cobb", corners)] == [2, 2]


def test_large_pictures_are_thinned() -> None:
    pixels, step = fewer_pixels(np.zeros((3000, 100, 3), np.uint8))
    assert (pixels.shape, step) == ((1000, 34, 3), 3.0)
