"""One page of paper (A4) with up to nine pictures, what was measured on them, and a table: PDF by Matplotlib.

All words come from the caller, in his language. Text stays text in the file (TrueType, Latin letters with all
accents); what the font does not have is drawn as an empty box, never as another letter.
"""

import io
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from numpy.typing import NDArray

from app.imaging.errors import N_, LimitExceeded

MOST_PICTURES = 9
MOST_SIDE = 1400
"""Pixels of a picture: 300 to an inch where it fills the page."""
MOST_DRAWN = 500_000
"""Points of all lines on all pictures: a page of 5 MB."""
_TOO_MUCH = N_("So many marks do not fit on a page: hide some of them, or choose fewer pictures.")
_A4_INCH = (8.27, 11.69)
_MM = 1 / 25.4
_FONT = "DejaVu Sans"  # Matplotlib brings it
_WIDTHS = (0.04, 0.19, 0.14, 0.46, 0.17)  # of the table's columns, together 1
_LETTERS_ACROSS = 138
_GREY, _LINE = "#555555", "#bbbbbb"
_GRIDS = {1: (1, 1), 2: (2, 1), 3: (2, 2), 4: (2, 2), 5: (3, 2), 6: (3, 2)}
_LETTER_PLACES = {"left": (0.02, 0.5), "right": (0.98, 0.5), "top": (0.5, 0.98), "bottom": (0.5, 0.02)}
_ALIGNED = {"left": ("left", "center"), "right": ("right", "center"), "top": ("center", "top")}

Points = NDArray[np.float64]
matplotlib.rcParams["pdf.fonttype"] = 42  # letters can be searched and copied


@dataclass(frozen=True)
class Drawing:
    """A mark on a picture: lines through pixels (x, y), and a label at the last point of the first one."""

    lines: tuple[Points, ...]
    label: str
    color: str
    is_dot: bool = False
    is_arrow: bool = False


@dataclass(frozen=True)
class SheetPicture:
    """A picture in true proportions.

    Attributes
    ----------
    pixels : (height, width, 3) uint8 array
    spacing_mm : 2 floats
        Along x and y; only their ratio counts where *is_calibrated* is False.
    letters : mapping of edges to the patient's directions
    caption : lines of text under it
    note : by what right its millimetres are such ("at the detector"); "" of ones in the patient
    """

    pixels: NDArray[np.uint8]
    spacing_mm: tuple[float, float]
    letters: dict[str, str]
    caption: tuple[str, ...]
    drawings: tuple[Drawing, ...] = ()
    is_calibrated: bool = True
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """The page: ``rows`` of the table have as many cells as ``columns``."""

    title: str
    subtitle: str
    warning: str
    made: str
    pictures: tuple[SheetPicture, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""


def make_sheet(sheet: Sheet) -> bytes:
    """The page as PDF.

    Raises
    ------
    ValueError
        There is no picture, or there are more than :data:`MOST_PICTURES`.
    LimitExceeded
        More is drawn on them than :data:`MOST_DRAWN`.
    """
    if not 1 <= len(sheet.pictures) <= MOST_PICTURES:
        raise ValueError(f"1 to {MOST_PICTURES} pictures are wanted, not {len(sheet.pictures)}")
    drawn = sum(len(line) for one in sheet.pictures for drawing in one.drawings for line in drawing.lines)
    if drawn > MOST_DRAWN:
        raise LimitExceeded(_TOO_MUCH)
    figure = Figure(figsize=_A4_INCH)
    _write_frame(figure, sheet)
    _lay_pictures(figure, sheet)
    if sheet.rows:
        _write_table(figure, sheet)
    written = io.BytesIO()
    metadata = {"Title": sheet.title, "Creator": "Triplano", "Producer": None, "CreationDate": None}
    FigureCanvasPdf(figure).print_pdf(written, metadata=metadata)  # type: ignore[no-untyped-call]
    return written.getvalue()


def _write_frame(figure: Figure, sheet: Sheet) -> None:
    """Head and foot."""
    _write(figure, 0.06, 0.962, sheet.title, size=13, weight="bold")
    _write(figure, 0.06, 0.944, sheet.subtitle, size=8.5, color=_GREY)
    _write(figure, 0.94, 0.962, sheet.warning, size=9, weight="bold", ha="right")
    _write(figure, 0.06, 0.03, sheet.warning, size=8, weight="bold")
    _write(figure, 0.94, 0.03, sheet.made, size=8, color=_GREY, ha="right")
    for y in (0.936, 0.045):
        figure.add_artist(matplotlib.lines.Line2D((0.06, 0.94), (y, y), color=_LINE, linewidth=0.6))


def _lay_pictures(figure: Figure, sheet: Sheet) -> None:
    columns, rows = _GRIDS.get(len(sheet.pictures), (3, 3))
    top, bottom = 0.925, 0.925 - min(0.6, max(0.36, 0.26 * rows)) if sheet.rows else 0.06
    if sheet.rows and len(sheet.pictures) == 1:
        bottom = 0.925 - 0.5
    width, height = 0.88 / columns, (top - bottom) / rows
    for n, picture in enumerate(sheet.pictures):
        column, row = n % columns, n // columns
        lines = 0.0115 * len(picture.caption)
        left, low = 0.06 + column * width, top - (row + 1) * height
        axes = figure.add_axes((left + 0.004, low + lines + 0.006, width - 0.008, height - lines - 0.012))
        _draw_picture(axes, picture)
        for number, line in enumerate(picture.caption):
            y = low + lines - 0.0115 * number - 0.006
            weight = "bold" if number == 0 else "normal"
            _write(figure, left + 0.006, y, line, size=6.5, weight=weight, color=_GREY if number else "black")


def _draw_picture(axes: Axes, picture: SheetPicture) -> None:
    height, width = picture.pixels.shape[:2]
    axes.set_axis_off()
    axes.imshow(
        picture.pixels,
        interpolation="none",
        aspect=picture.spacing_mm[1] / picture.spacing_mm[0],
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
    )
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(height - 0.5, -0.5)
    box = {"facecolor": "black", "alpha": 0.55, "pad": 0.8, "edgecolor": "none"}
    for drawing in picture.drawings:
        _draw_mark(axes, drawing, box)
    for edge, letters in picture.letters.items():
        x, y = _LETTER_PLACES[edge]
        across, along = _ALIGNED.get(edge, ("center", "bottom"))
        style: dict[str, Any] = {"ha": across, "va": along, "bbox": box, "family": _FONT, "parse_math": False}
        axes.text(x, y, shown_text(letters), transform=axes.transAxes, color="white", fontsize=7, **style)
    if picture.is_calibrated:
        _draw_scale(axes, picture, box)


def _draw_mark(axes: Axes, drawing: Drawing, box: dict[str, Any]) -> None:
    for line in drawing.lines:
        axes.plot(line[:, 0], line[:, 1], color=drawing.color, linewidth=1.0, solid_capstyle="round")
    first = drawing.lines[0]
    if drawing.is_dot:
        axes.plot(first[:1, 0], first[:1, 1], "+", color=drawing.color, markersize=7)
    if drawing.is_arrow:
        arrow = {"arrowstyle": "->", "color": drawing.color, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=tuple(first[0]), xytext=tuple(first[-1]), arrowprops=arrow)
    x, y = first[-1]
    axes.text(
        x, y, shown_text(drawing.label), color=drawing.color, fontsize=6, ha="left", va="bottom", bbox=box,
        family=_FONT, parse_math=False, clip_on=True,
    )  # fmt: skip


def _draw_scale(axes: Axes, picture: SheetPicture, box: dict[str, Any]) -> None:
    """A bar of a round length, at most a third of the picture."""
    height, width = picture.pixels.shape[:2]
    room_mm = width * picture.spacing_mm[0] / 3
    fits = [mm for mm in (1, 2, 5, 10, 20, 50, 100, 200) if mm <= room_mm]
    if not fits:
        return
    pixels = fits[-1] / picture.spacing_mm[0]
    x, y = (width - pixels) / 2 - 0.5, height * 0.9
    axes.plot((x, x + pixels), (y, y), color="white", linewidth=1.4)
    text = f"{fits[-1] / 10:g} cm" if fits[-1] >= 10 else f"{fits[-1]} mm"
    text = shown_text(f"{text} {picture.note}")
    axes.text(
        x + pixels / 2, y, text, color="white", fontsize=6, ha="center", va="bottom", bbox=box, family=_FONT
    )


def _write_table(figure: Figure, sheet: Sheet) -> None:
    low = min(axes.get_position(original=True).y0 for axes in figure.axes)
    lefts = 0.06 + 0.88 * np.cumsum((0, *_WIDTHS[:-1]))
    y, done = low - 0.035, 0
    for row in (sheet.columns, *sheet.rows):
        cells = [_wrapped(cell, width) for cell, width in zip(row, _WIDTHS, strict=True)]
        height = 0.0095 * (max(map(len, cells)) - 1)
        if y - height < 0.07:
            break
        for x, lines in zip(lefts, cells, strict=True):
            for number, text in enumerate(lines):
                weight = "bold" if row is sheet.columns else "normal"
                _write(figure, float(x), y - 0.0095 * number, text, size=6.8, weight=weight)
        y -= height
        line = matplotlib.lines.Line2D((0.06, 0.94), (y - 0.0035, y - 0.0035), color=_LINE, linewidth=0.4)
        figure.add_artist(line)
        y -= 0.0125
        done += 1
    rows = sheet.rows[: max(done - 1, 0)]
    if len(rows) < len(sheet.rows) and sheet.more:
        _write(figure, 0.06, y, sheet.more % {"count": len(sheet.rows) - len(rows)}, size=6.8, color=_GREY)


def _wrapped(text: str, width: float) -> list[str]:
    """The lines of a cell whose column takes *width* of the table; at most three."""
    lines = textwrap.wrap(text, int(_LETTERS_ACROSS * width)) or [""]
    return lines if len(lines) < 4 else [*lines[:2], lines[2][:-1] + "…"]


def _write(figure: Figure, x: float, y: float, text: str, **style: Any) -> None:
    figure.text(x, y, shown_text(text), family=_FONT, parse_math=False, **style)


def shown_text(text: str) -> str:
    """*text* on one line, with an empty box for what the font does not have."""
    known = _letters()
    return "".join(
        letter if ord(letter) in known else "\N{WHITE SQUARE}" for letter in " ".join(text.split())
    )


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(_FONT)).get_charmap())


def ellipse_outline(center: Points, first: Points, second: Points, steps: int = 72) -> Points:
    """The outline of an ellipse, (steps + 1, 2), from the ends of its half axes."""
    angles = np.linspace(0, 2 * np.pi, steps + 1)[:, np.newaxis]
    return np.asarray(center + np.cos(angles) * (first - center) + np.sin(angles) * (second - center))


def mark_lines(kind: str, points: Points) -> tuple[Points, ...]:
    """What is drawn of a mark of *kind* through *points*, (n, 2): lines of pixels."""
    match kind:
        case "bidirectional" | "cobb":
            return points[:2], points[2:]
        case "ellipse":
            return (ellipse_outline(*points),)
        case "rectangle" | "freehand":
            return (np.vstack((points, points[:1])),)
    return (points,)


def fewer_pixels(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """*pixels* with no side above :data:`MOST_SIDE`, and by how much they were thinned."""
    step = -(-max(pixels.shape[:2]) // MOST_SIDE)
    return np.ascontiguousarray(pixels[::step, ::step]), float(step)
