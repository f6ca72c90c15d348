import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.imaging import png
from app.imaging.colormap import colormap_table
from app.imaging.errors import LimitExceeded
from app.imaging.film import (
    NOTE,
    FilmStyle,
    check_film,
    film_frame,
    film_size,
    fitted_size,
    frame_milliseconds,
    write_film,
)


def ramp(n: int) -> np.ndarray:
    """(4, 5) greys: 100·n + 10·row + column."""
    return (100 * n + 10 * np.arange(4)[:, None] + np.arange(5)).astype(np.uint8)


def opened(path: Path) -> Any:
    """The film in memory: Pillow keeps a file of several pictures open."""
    return Image.open(io.BytesIO(path.read_bytes()))


@pytest.mark.parametrize(
    ("pixels", "spacing", "width", "size"),
    [
        ((512, 512), (0.7, 0.7), None, (512, 512)),
        ((512, 100), (0.5, 5.0), None, (512, 1000)),
        ((512, 300), (0.5, 5.0), None, (175, 1024)),  # 256 mm × 1500 mm
        ((5, 4), (0.5, 2.0), 50, (50, 160)),
        ((4000, 2), (1.0, 1.0), None, (1024, 1)),
        ((100, 100), (1.0, 1.0), 4000, (1024, 1024)),
    ],
)
def test_frames_have_true_proportions(
    pixels: tuple[int, int], spacing: tuple[float, float], width: int | None, size: tuple[int, int]
) -> None:
    assert film_size(pixels, spacing, width) == size


def test_hundredths_of_a_second_add_up() -> None:
    assert frame_milliseconds(3, 30, "gif") == [30, 40, 30]
    assert frame_milliseconds(3, 30, "webp") == [33, 34, 33]
    assert frame_milliseconds(2, 1, "gif") == [1000, 1000]
    assert sum(frame_milliseconds(600, 7, "gif")) == 85710


@pytest.mark.parametrize(("name", "mode"), [("gif", "GIF"), ("webp", "WEBP")])
def test_a_film_holds_the_very_greys(name: str, mode: str, tmp_path: Path) -> None:
    frames = [film_frame(png.encode_grey(ramp(n)), (5, 4)) for n in range(3)]
    write_film(tmp_path / "film", frames, FilmStyle(name, 10))  # type: ignore[arg-type]
    film = opened(tmp_path / "film")
    assert (film.format, film.n_frames, film.size, film.info["loop"]) == (mode, 3, (5, 4), 0)
    for n in range(3):
        film.seek(n)
        film.load()
        assert film.info["duration"] == 100
        assert np.asarray(film.convert("RGB"))[:, :, 1].tolist() == ramp(n).tolist()


def test_colours_of_a_map_stay(tmp_path: Path) -> None:
    picture = png.encode_indexed(ramp(0), colormap_table("hot"))
    frames = [
        film_frame(picture, (5, 4)),
        film_frame(png.encode_indexed(ramp(1), colormap_table("hot")), (5, 4)),
    ]
    write_film(tmp_path / "film.gif", frames, FilmStyle("gif", 10))
    wanted = Image.open(io.BytesIO(picture)).convert("RGB").getpixel((4, 3))
    assert opened(tmp_path / "film.gif").convert("RGB").getpixel((4, 3)) == wanted


def test_scaling_a_mapped_picture_scales_greys_not_colours() -> None:
    two = np.array([[0, 200]], np.uint8)
    frame = film_frame(png.encode_indexed(two, colormap_table("hot")), (4, 1))
    # A quarter and three quarters of the way from 0 to 200.
    assert list(frame.tobytes()) == [0, 50, 150, 200]
    assert frame.mode == "P"


def test_an_image_of_other_proportions_has_black_about_it() -> None:
    assert fitted_size((10, 10), (1.0, 1.0), (8, 4)) == (4, 4)
    frame = film_frame(png.encode_grey(np.full((2, 2), 90, np.uint8)), (6, 2), (2, 2))
    assert np.asarray(frame).tolist() == [[0, 0, 90, 90, 0, 0]] * 2


def test_the_file_says_what_it_is_not_for(tmp_path: Path) -> None:
    frames = [film_frame(png.encode_grey(ramp(n)), (5, 4)) for n in range(2)]
    for name in ("gif", "webp"):
        write_film(tmp_path / name, frames, FilmStyle(name, 10))  # type: ignore[arg-type]
    assert opened(tmp_path / "gif").info["comment"] == NOTE.encode()
    assert opened(tmp_path / "webp").getexif()[0x010E] == NOTE


def test_too_much_is_refused() -> None:
    check_film(600, (512, 512))
    for frames, size, samples in ((601, (10, 10), 1), (600, (512, 600), 1), (600, (512, 512), 3)):
        with pytest.raises(LimitExceeded):
            check_film(frames, size, samples)
