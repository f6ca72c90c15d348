"""Pictures in a row as an animated GIF or WebP, written by Pillow.

Frames come as the PNGs that the viewer shows, so a film has the very greys and colours of the page. A picture
that need not be scaled keeps them to the last bit, in a GIF as in a WebP (which is a third smaller).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

from PIL import Image

from app.imaging.errors import N_, LimitExceeded

FilmFormat = Literal["gif", "webp"]
FORMATS: tuple[FilmFormat, ...] = get_args(FilmFormat)
MAX_FRAMES = 600
MAX_SIDE = 1024
LEAST_FPS, MOST_FPS = 1, 30
MAX_BYTES = 160 * 1024 * 1024
"""Of all frames, which are in memory together: 600 of 512 × 512 greys."""
NOTE = "Not for diagnostic use."
"""Stands in the file's comment."""
_TOO_LARGE = N_(
    "%(frames)s frames of %(width)s × %(height)s are too much for a film: ask for fewer or smaller ones."
)


@dataclass(frozen=True)
class FilmStyle:
    """How a film runs: its format and frames a second."""

    format: FilmFormat
    fps: float


def film_size(
    pixels: tuple[int, int], spacing_mm: tuple[float, float], width: int | None = None
) -> tuple[int, int]:
    """Width and height of frames made of images of *pixels* (columns, rows), in true proportions.

    Without *width* the finer of the two spacings gives the size of a pixel. No side is above
    :data:`MAX_SIDE`.
    """
    finest = min(spacing_mm)
    wide, high = (count * mm / finest for count, mm in zip(pixels, spacing_mm, strict=True))
    scale = 1.0 if width is None else width / wide
    scale = min(scale, MAX_SIDE / wide, MAX_SIDE / high)
    return max(1, round(wide * scale)), max(1, round(high * scale))


def check_film(frames: int, size: tuple[int, int], samples: int = 1) -> None:
    """Refuse what is too much.

    Raises
    ------
    LimitExceeded
    """
    if frames > MAX_FRAMES or frames * size[0] * size[1] * samples > MAX_BYTES:
        raise LimitExceeded(_TOO_LARGE, frames=frames, width=size[0], height=size[1])


def fitted_size(
    pixels: tuple[int, int], spacing_mm: tuple[float, float], room: tuple[int, int]
) -> tuple[int, int]:
    """The size at which an image fits into frames of *room* in true proportions."""
    wide, high = (count * mm for count, mm in zip(pixels, spacing_mm, strict=True))
    scale = min(room[0] / wide, room[1] / high)
    return min(room[0], max(1, round(wide * scale))), min(room[1], max(1, round(high * scale)))


def film_frame(picture: bytes, size: tuple[int, int], inner: tuple[int, int] | None = None) -> Image.Image:
    """One frame of *size* (width, height) from a picture's PNG: grey (L), coloured by a map (P) or RGB.

    With *inner*, the size of the picture in it, there is black about it.
    """
    if inner is not None and inner != size:
        frame = film_frame(picture, inner)
        canvas = Image.new(frame.mode, size)
        if palette := frame.getpalette():
            canvas.putpalette(palette)
        canvas.paste(frame, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
        return canvas
    image: Image.Image = Image.open(io.BytesIO(picture))
    image.load()
    if image.size == size:
        return image
    palette = image.getpalette() if image.mode == "P" else None
    if palette is not None:
        # The numbers of the colours are greys: those are what lies between two of them.
        image = Image.frombytes("L", image.size, image.tobytes())
    scaled = image.resize(size, Image.Resampling.BILINEAR)
    if palette is not None:
        scaled.putpalette(palette)
    return scaled


def frame_milliseconds(count: int, fps: float, film_format: FilmFormat) -> list[int]:
    """How long each frame stands. GIF knows hundredths of a second: they add up to the right length."""
    unit = 10 if film_format == "gif" else 1
    ends = [round(1000 * n / fps / unit) * unit for n in range(count + 1)]
    return [end - start for start, end in pairwise(ends)]


def write_film(path: Path, frames: Sequence[Image.Image], style: FilmStyle) -> None:
    """Write *frames*, all of one size, as a film without end to *path*.

    A GIF holds at most 256 colours a frame, and frames that do not differ as one that stands longer.
    """
    milliseconds = frame_milliseconds(len(frames), style.fps, style.format)
    first, *rest = frames
    if style.format == "gif":
        first.save(
            path,
            "GIF",
            save_all=True,
            append_images=rest,
            duration=milliseconds,
            loop=0,
            comment=NOTE.encode(),
        )
        return
    exif = Image.Exif()
    exif[0x010E] = NOTE  # Image Description
    # Lossless: the other way libwebp takes slices that hardly differ for one.
    first.save(
        path,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=milliseconds,
        loop=0,
        lossless=True,
        quality=0,
        method=2,
        exif=exif,
    )
