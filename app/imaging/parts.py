"""A series taken apart into what it holds: volumes, phases of one, localizers, dose pages, single images.

Every image is in exactly one part. The largest volume comes first. docs/geometry.md has the rules.

References
----------
PS3.3 C.7.6.1.1.2 (Image Type), C.7.6.2 (Image Plane), C.8.2.1.1.1 (LOCALIZER), A.8 (Secondary Capture).
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.imaging.errors import N_, Message
from app.imaging.partlabels import label
from app.imaging.phases import Family, families_of
from app.imaging.phasevalues import Dimension
from app.imaging.places import places_of, stacks_of
from app.imaging.plancheck import SAME_COSINE, SAME_SPACING
from app.imaging.sliceheader import SliceHeader

__all__ = ["Dimension", "Part", "Role", "split_series"]

Role = Literal[
    "images", "incomplete", "copies", "single", "mixed", "colour", "cine", "localizer", "screen", "dose_page"
]
# After the volumes, in this order.
_ORDER: tuple[Role, ...] = (
    "images", "single", "mixed", "colour", "cine", "incomplete", "copies", "localizer", "screen", "dose_page"
)  # fmt: skip
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_SCOUTS = ("LOCALIZER", "SCOUT", "TOPOGRAM", "SURVIEW")
_SCREENS = ("SCREEN SAVE", "SCREENSAVE", "SCREENSHOT", "SCREEN CAPTURE")
# A few images across a stack of ten times as many are there to place it.
_FEW_ACROSS, _STACK_OF_MANY = 3, 10
_LEAST_MIXED = 4
_MOST_KINDS = 64
_MOST_PARTS = 64


@dataclass(frozen=True)
class Part:
    """What a student opens: one volume, one for each phase, or a stack.

    Attributes
    ----------
    role : what the images are
    label : the same in words
    phases : images in order along the normal where they are placed; one tuple for each phase
    dimension : Dimension or None
        What sets the phases apart, one value for each; None where there is one.
    warnings : what the part leaves out
    """

    role: Role
    label: Message
    phases: tuple[tuple[SliceHeader, ...], ...]
    dimension: Dimension | None = None
    warnings: tuple[Message, ...] = ()

    @property
    def may_be_volume(self) -> bool:
        """Whether planning a volume of each phase makes sense; the others are stacks by what they are."""
        return self.role in ("images", "incomplete")

    @property
    def headers(self) -> tuple[SliceHeader, ...]:
        """All images, phase by phase."""
        return tuple(header for phase in self.phases for header in phase)


def split_series(headers: Sequence[SliceHeader]) -> list[Part]:
    """The parts of a series, the largest volume first; each of *headers* is in one of them."""
    groups: dict[Role, list[SliceHeader]] = defaultdict(list)
    for header in sorted(headers, key=_as_numbered):
        groups[_role(header)].append(header)
    parts = list(_placed_parts(groups.pop("images", [])))
    for role, members in groups.items():
        for group in _alike(members) if role == "localizer" else _by_file(members):
            parts.append(_part(role, group))
    parts.sort(key=_rank)
    if len(parts) > _MOST_PARTS:
        rest = [header for part in parts[_MOST_PARTS - 1 :] for header in part.headers]
        parts = [*parts[: _MOST_PARTS - 1], _part("mixed", rest)]
    return _told_apart(parts)


def _as_numbered(header: SliceHeader) -> tuple[int, str, int, str]:
    """An order of images that does not depend on how they were found."""
    number = header.instance_number
    return (2**31 if number is None else number, header.sop_instance_uid, header.frame, str(header.path))


def _role(header: SliceHeader) -> Role:
    """What the image says that it is; "images" where it lies in the patient and is grey."""
    kinds = [kind.upper() for kind in header.image_type]
    is_placed = None not in (header.position, header.orientation, header.spacing)
    # "LOW_DOSE" tells of images how they were taken.
    pages = [kind for kind in kinds if kind.startswith("DOSE") or ("DOSE" in kind and not is_placed)]
    if header.modality != "RTDOSE" and pages:
        return "dose_page"
    if any(scout in kind for kind in kinds for scout in _SCOUTS):
        return "localizer"
    captured = header.sop_class_uid.startswith(_SECONDARY_CAPTURE)
    if any(screen in kind for kind in kinds for screen in _SCREENS) or (captured and not is_placed):
        return "screen"
    if not is_placed and header.frame_time_ms is not None and header.layout.frames > 1:
        return "cine"
    if header.layout.is_colour:
        return "colour"
    return "images" if is_placed else "single"


def _placed_parts(headers: Sequence[SliceHeader]) -> Iterator[Part]:
    """Grey images that lie in the patient."""
    groups = [unit_group for group in _alike(headers) for unit_group in _by_unit(group)]
    lonely = [group for group in groups if len(group) == 1]
    if len(lonely) >= _LEAST_MIXED:
        groups = [group for group in groups if len(group) > 1]
        yield _part("mixed", [header for group in lonely for header in group])
    largest = max(groups, key=len, default=[])
    for group in groups:
        if _lies_across(group, largest):
            yield _part("localizer", group)
            continue
        for stack in stacks_of(group):
            for family in families_of(places_of(stack)):
                yield from _family_parts(family)


def _family_parts(family: Family) -> Iterator[Part]:
    """The volumes of a family as one part, and what is left of it as others."""
    warnings = []
    if family.copies:
        warnings.append(
            Message(
                N_("Images left out, as others lie at their places: %(count)s. They are listed apart."),
                {"count": len(family.copies)},
            )
        )
        yield _part("copies", family.copies)
    for detail, images, _whole in family.incomplete:
        yield _part("incomplete", images, detail)
    if family.is_guess:
        warnings.append(
            Message(
                N_(
                    "Only the order of the Instance Numbers tells these volumes apart: "
                    "an image may be in a volume where it does not belong."
                )
            )
        )
    if family.incomplete:
        warnings.append(
            Message(
                N_("Incomplete volumes left out: %(count)s. They are listed apart."),
                {"count": len(family.incomplete)},
            )
        )
    part = _part("images", family.phases[0], family.detail)
    yield replace(part, phases=family.phases, dimension=family.dimension, warnings=tuple(warnings))


def _part(role: Role, headers: Sequence[SliceHeader], detail: str = "") -> Part:
    if role == "single" and len(headers) > 1:
        role = "images"
    elif role == "images" and len(headers) == 1:
        role = "single"
    time = headers[0].frame_time_ms if role == "cine" else None
    if time is not None and not detail:
        detail = f"{time:g} ms"
    return Part(role, label(role, headers, detail), (tuple(headers),))


def _alike(headers: Sequence[SliceHeader]) -> list[list[SliceHeader]]:
    """Images of one class, size, pixel spacing, direction and frame of reference."""
    turned = _kinds([header.orientation or () for header in headers], SAME_COSINE)
    spaced = _kinds([header.spacing or () for header in headers], SAME_SPACING, relative=True)
    groups: dict[Hashable, list[SliceHeader]] = defaultdict(list)
    for header, direction, spacing in zip(headers, turned, spaced, strict=True):
        layout = header.layout
        size = (layout.rows, layout.columns, layout.photometric)
        kind = (header.sop_class_uid, header.modality, header.frame_of_reference_uid, header.spacing_source)
        groups[(kind, size, direction, spacing)].append(header)
    return list(groups.values())


def _kinds(rows: Sequence[tuple[float, ...]], tolerance: float, relative: bool = False) -> list[int]:
    """For each row the number of its kind; rows of a kind differ by the tolerance at most."""
    kinds: list[tuple[float, ...]] = []
    known: dict[tuple[float, ...], int] = {}
    for row in dict.fromkeys(rows):
        allowed = tolerance * min(row, default=1.0) if relative else tolerance
        near = (
            n
            for n, kind in enumerate(kinds)
            if len(kind) == len(row) and all(abs(a - b) <= allowed for a, b in zip(row, kind, strict=True))
        )
        number = next(near, len(kinds))
        # Thousands of directions are no stacks anyway: beyond a bound they share the last kind.
        if number == len(kinds) and len(kinds) < _MOST_KINDS:
            kinds.append(row)
        known[row] = min(number, _MOST_KINDS - 1)
    return [known[row] for row in rows]


def _by_unit(group: list[SliceHeader]) -> list[list[SliceHeader]]:
    """One group for each unit, unless kinds of image, magnitude and phase, explain the units."""
    pairs = {(header.dimensions.image_kind, header.rescale.unit) for header in group}
    units = {unit for _kind, unit in pairs}
    if len(units) == 1 or len({kind for kind, _unit in pairs}) == len(pairs):
        return [group]
    return [[header for header in group if header.rescale.unit == unit] for unit in sorted(units)]


def _lies_across(group: Sequence[SliceHeader], largest: Sequence[SliceHeader]) -> bool:
    """Whether a few images are turned against a stack of many."""
    if len(group) > _FEW_ACROSS or len(largest) < _STACK_OF_MANY * len(group):
        return False
    turned = np.abs(np.subtract(group[0].orientation or (), largest[0].orientation or ()))
    return bool(turned.max() > SAME_COSINE)


def _by_file(headers: Sequence[SliceHeader]) -> list[list[SliceHeader]]:
    """Each multi-frame file by itself, all single images together."""
    groups: dict[Hashable, list[SliceHeader]] = defaultdict(list)
    for header in headers:
        groups[header.path if header.layout.frames > 1 else None].append(header)
    return list(groups.values())


def _rank(part: Part) -> tuple[int, int]:
    """Volumes by size, then the others by role."""
    first = part.phases[0]
    is_volume = part.role == "images" and len(first) > 1 and first[0].position is not None
    voxels = sum(header.rows * header.columns for header in part.headers)
    return (0, -voxels) if is_volume else (1 + _ORDER.index(part.role), -len(first))


def _told_apart(parts: list[Part]) -> list[Part]:
    """*parts* with what sets them apart added where two labels would read alike."""
    groups: dict[str, list[int]] = defaultdict(list)
    for n, part in enumerate(parts):
        groups[str(part.label)].append(n)
    for numbers in groups.values():
        if len(numbers) < 2:
            continue
        for n, detail in zip(numbers, _details([parts[n] for n in numbers]), strict=True):
            part = parts[n]
            own = str(part.label.values.get("detail", ""))
            named = label(part.role, part.phases[0], " ".join(filter(None, (own, detail))))
            parts[n] = replace(part, label=named)
    return parts


def _details(parts: Sequence[Part]) -> Iterable[str]:
    """What differs between parts of one label, or else their numbers."""
    for fact in _FACTS:
        facts = [fact(part.phases[0][0]) for part in parts]
        if len(set(facts)) == len(facts) and all(facts):
            return facts
    return [str(n) for n in range(1, len(parts) + 1)]


def _spacing(header: SliceHeader) -> str:
    return f"{header.spacing[0]:.3g} × {header.spacing[1]:.3g} mm" if header.spacing else ""


_FACTS: tuple[Callable[[SliceHeader], str], ...] = (
    lambda header: f"{header.columns} × {header.rows}",
    _spacing,
    lambda header: header.rescale.unit,
    lambda header: header.dimensions.image_kind,
)
