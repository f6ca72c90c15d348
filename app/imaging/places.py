"""Images of one direction sorted by place, and stacks that lie apart or across each other told from one
another.

Places are compared in three dimensions: two stations of a spine share heights but not columns.

References
----------
PS3.3 C.7.6.2.1.1, C.7.6.16.2.2 (Stack ID, In-Stack Position Number).
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from app.imaging.geometry import slice_normal
from app.imaging.plan import MAX_GAP, SAME_PLACE_MM
from app.imaging.sliceheader import SliceHeader
from app.imaging.stackline import LINE_TOLERANCE, StackLine, stack_line

Place = tuple[SliceHeader, ...]
# Of the usual distance: nearer than this two images show the same slice.
_SAME_SHARE = 0.01
# Fewer images are no stack of their own.
LEAST_STACK = 3
_MOST_STACKS = 32


def places_of(headers: Sequence[SliceHeader]) -> list[Place]:
    """*headers*, all of one direction, in order along the normal; those at one place together."""
    normal = _normal(headers)
    positions = np.array([header.position for header in headers], np.float64)
    along = positions @ normal
    order = np.argsort(along, kind="stable")
    apart = np.diff(along[order])
    apart = apart[apart > SAME_PLACE_MM]
    tolerance = max(SAME_PLACE_MM, _SAME_SHARE * float(np.median(apart)) if len(apart) else 0.0)
    places: list[Place] = []
    level: list[int] = []
    for n in order:
        if level and along[n] - along[level[0]] > tolerance:
            places += _level_places(headers, positions, level, tolerance)
            level = []
        level.append(int(n))
    return places + _level_places(headers, positions, level, tolerance)


def _level_places(
    headers: Sequence[SliceHeader], positions: NDArray[np.float64], level: list[int], tolerance: float
) -> list[Place]:
    """The images at one height, by place."""
    found: list[list[int]] = []
    # Cells as wide as the tolerance: what lies near lies in one of the 27 around, however many there are.
    cells: dict[tuple[int, ...], int] = {}
    for n in level:
        x, y, z = (int(part) for part in np.floor(positions[n] / tolerance))
        around = ((x + dx, y + dy, z + dz) for dx, dy, dz in product((0, -1, 1), repeat=3))
        near = next(
            (
                place
                for cell in around
                if (place := cells.get(cell)) is not None
                and float(np.abs(positions[n] - positions[found[place][0]]).max()) <= tolerance
            ),
            None,
        )
        if near is None:
            cells[x, y, z] = len(found)
            found.append([n])
        else:
            found[near].append(n)
    return [tuple(headers[n] for n in place) for place in found]


def stacks_of(headers: Sequence[SliceHeader]) -> list[list[SliceHeader]]:
    """The stacks that *headers*, all of one direction, make: mostly one.

    Images that lie across each other are told apart by Stack ID, Acquisition Number, place in the plane or
    runs of Instance Numbers, if that makes each of them one line; gaps of more than four usual distances
    part stations. What cannot be told apart stays together.
    """
    line = _line(headers)
    if line is not None and (found := _scans(headers, line)):
        return found
    if line is not None and line.is_even and not _is_mixed(headers):
        return [list(headers)]
    for attribute in _APART:
        groups = _grouped(headers, attribute(headers))
        if 1 < len(groups) <= _MOST_STACKS and (found := _each_a_line(groups, line)):
            return found
    return [list(headers)] if line is None else _stations(headers, line)


def _scans(headers: Sequence[SliceHeader], whole: StackLine) -> list[list[SliceHeader]]:
    """CT scans and kernels whose slices fall between each other's, on one line by chance; none otherwise.

    MR acquires every other slice of one block; CT has no reason to, and contrast has moved on in between.
    Scans of the same places stay together: they are phases. What watched one or two places for contrast to
    arrive, or a needle, belongs to no scan around it.
    """
    if headers[0].modality != "CT":
        return []
    for attribute in (_acquisitions, _kernels):
        groups = _grouped(headers, attribute(headers))
        if not 1 < len(groups) <= _MOST_STACKS:
            continue
        # A slice that was taken again, with its first image gone, fills its place.
        is_full = whole.is_even and len(whole.along) == len(headers)
        watched, rest = ([], groups) if is_full else _watched(groups)
        stacks = _disjoint(rest)
        lines = [_line(stack) for stack in stacks]
        if len(stacks) > 1 and not (
            all(line is not None and len(line.along) >= LEAST_STACK for line in lines)
            and _cross(stacks, whole.usual_mm)
        ):
            stacks = [[header for stack in stacks for header in stack]]
        if watched or len(stacks) > 1:
            return [part for stack in stacks for part in stacks_of(stack)] + watched
    return []


def _watched(
    groups: list[list[SliceHeader]],
) -> tuple[list[list[SliceHeader]], list[list[SliceHeader]]]:
    """The groups of one or two places within the span of a larger one, and the others."""
    normal = _normal(groups[0])
    spans = []
    for group in groups:
        along = [float(np.dot(normal, header.position or ())) for header in group]
        spans.append((min(along), max(along), len(places_of(group))))
    large = [span for span in spans if span[2] >= LEAST_STACK]
    inside = [
        span[2] < LEAST_STACK and any(low < span[0] and span[1] < high for low, high, _count in large)
        for span in spans
    ]
    return (
        [group for group, is_inside in zip(groups, inside, strict=True) if is_inside],
        [group for group, is_inside in zip(groups, inside, strict=True) if not is_inside],
    )


def _disjoint(groups: list[list[SliceHeader]]) -> list[list[SliceHeader]]:
    """*groups*, those that share places as one."""
    headers = [header for group in groups for header in group]
    place_of = {id(header): n for n, place in enumerate(places_of(headers)) for header in place}
    apart: list[tuple[set[int], list[SliceHeader]]] = []
    for group in groups:
        places = {place_of[id(header)] for header in group}
        sharing = [one for one in apart if one[0] & places]
        apart = [one for one in apart if not one[0] & places]
        members = [header for one in sharing for header in one[1]]
        apart.append((places.union(*(one[0] for one in sharing)), members + group))
    return [group for _places, group in apart]


def _each_a_line(groups: list[list[SliceHeader]], whole: StackLine | None) -> list[list[SliceHeader]]:
    """The stations of *groups* if each is a line; none otherwise.

    Images that are one line together, *whole*, are only parted into even stacks that cross each other.
    """
    if whole is not None and not _cross(groups, whole.usual_mm):
        return []
    found = []
    for group in groups:
        line = _line(group)
        if line is None or (whole and (not line.is_even or len(line.along) < LEAST_STACK)):
            return []
        found += _stations(group, line)
    return found


def _line(headers: Sequence[SliceHeader]) -> StackLine | None:
    """How the places of *headers* lie, one behind the other; None where they do not."""
    places = places_of(headers)
    if len(places) < 2:
        return None
    normal = _normal(headers)
    positions = np.array([place[0].position for place in places], np.float64)
    if float(np.diff(positions @ normal).min()) <= SAME_PLACE_MM:
        return None
    line = stack_line(positions, normal)
    return line if line.farthest[1] <= LINE_TOLERANCE * line.usual_mm else None


def _is_mixed(headers: Sequence[SliceHeader]) -> bool:
    """Whether a minority of the places holds further images: thick slices among thin ones."""
    counts = [len(place) for place in places_of(headers)]
    return max(counts) > 1 and float(np.median(counts)) == 1


def _cross(groups: list[list[SliceHeader]], usual_mm: float) -> bool:
    """Whether two of *groups* share more of the normal than the end of one and the start of the other."""
    normal = _normal(groups[0])
    spans = []
    for group in groups:
        along = [float(np.dot(normal, header.position or ())) for header in group]
        spans.append((min(along), max(along)))
    return any(first[1] - second[0] > usual_mm / 2 for first, second in pairwise(sorted(spans)))


def _stations(headers: Sequence[SliceHeader], line: StackLine) -> list[list[SliceHeader]]:
    """*headers* parted at gaps that nothing can fill, if that leaves at least one stack."""
    if not any(gap.millimetres > MAX_GAP * line.usual_mm for gap in line.gaps):
        return [list(headers)]
    places = places_of(headers)
    distances = np.diff(line.along).tolist()
    stations: list[list[Place]] = [[places[0]]]
    pace: float | None = None
    for n, distance in enumerate(distances):
        # Each station has its own pace, 1 mm through the lungs, then 10 mm; a stray image has none.
        following = distances[min(n + 1, len(distances) - 1)]
        is_far = distance > MAX_GAP * following if pace is None else not _alike(distance, pace)
        if is_far:
            stations.append([places[n + 1]])
            pace = None
        else:
            stations[-1].append(places[n + 1])
            pace = distance if pace is None else pace
    if len(stations) > _MOST_STACKS or max(map(len, stations)) < LEAST_STACK:
        return [list(headers)]
    return [[header for place in station for header in place] for station in stations]


def _alike(distance: float, pace: float) -> bool:
    return pace / MAX_GAP <= distance <= pace * MAX_GAP


def _grouped(headers: Sequence[SliceHeader], keys: Iterable[Hashable]) -> list[list[SliceHeader]]:
    groups: dict[Hashable, list[SliceHeader]] = defaultdict(list)
    for header, key in zip(headers, keys, strict=True):
        groups[key].append(header)
    return list(groups.values())


def _stack_ids(headers: Sequence[SliceHeader]) -> list[Hashable]:
    return [header.dimensions.stack_id for header in headers]


def _acquisitions(headers: Sequence[SliceHeader]) -> list[Hashable]:
    return [header.dimensions.acquisition_number for header in headers]


def _kernels(headers: Sequence[SliceHeader]) -> list[Hashable]:
    return [header.dimensions.kernel for header in headers]


def _columns(headers: Sequence[SliceHeader]) -> list[Hashable]:
    """Images that stand above each other: the same place in the plane, to half a pixel."""
    orientation = np.array(headers[0].orientation, np.float64).reshape(2, 3)
    spacing = headers[0].spacing or (1.0, 1.0)
    in_plane = np.array([header.position for header in headers], np.float64) @ orientation.T
    columns: list[NDArray[np.float64]] = []
    keys: list[Hashable] = []
    for place in in_plane:
        near = [n for n, column in enumerate(columns) if np.abs(place - column).max() < min(spacing) / 2]
        if not near:
            columns.append(place)
        keys.append(near[0] if near else len(columns) - 1)
        if len(columns) > _MOST_STACKS:
            return [None] * len(headers)
    return keys


def _runs(headers: Sequence[SliceHeader]) -> list[Hashable]:
    """Runs of Instance Numbers that go one way at one pace along the normal."""
    if any(header.instance_number is None for header in headers):
        return [None] * len(headers)
    normal = _normal(headers)
    along = [float(np.dot(normal, header.position or ())) for header in headers]
    order = sorted(range(len(headers)), key=lambda n: headers[n].instance_number or 0)
    keys: list[Hashable] = [0] * len(headers)
    run, pace = 0, None
    for before, after in pairwise(order):
        step = along[after] - along[before]
        if pace is not None and abs(step - pace) > LINE_TOLERANCE * abs(pace):
            # The way to the next run is no step of it.
            run, pace = run + 1, None
        else:
            pace = step if pace is None else pace
        keys[after] = run
    return keys


def _normal(headers: Sequence[SliceHeader]) -> NDArray[np.float64]:
    return slice_normal(headers[0].orientation or ())


_APART: tuple[Callable[[Sequence[SliceHeader]], list[Hashable]], ...] = (
    _stack_ids,
    _acquisitions,
    _kernels,
    _columns,
    _runs,
)
