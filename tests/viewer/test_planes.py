"""Oblique planes and slabs over HTTP. The volume: stored = 100·k + 10·row + column; 0.5 × 2 × 3 mm."""

import pytest

from tests.viewer.conftest import AS_STORED, Reader

# Screen x along x, screen y along y, through slice 1 (z = 33): two rows, three columns of the voxels.
ORIGIN, ROW, COLUMN = "origin=10,-20,33", "row=1,0,0", "col=0,1,0"
PLANE = f"plane.png?{ORIGIN}&{ROW}&{COLUMN}&{AS_STORED}"


def test_a_plane_through_voxel_centres_shows_the_voxels(volume: Reader) -> None:
    assert volume.greys(f"{PLANE}&size=5,1&spacing=0.5") == [[100, 101, 102, 103, 104]]
    # Every 2 mm: each fourth column, each row; column 8 does not exist, and outside is black.
    assert volume.greys(f"{PLANE}&size=3,4&spacing=2") == [
        [100, 104, 0],
        [110, 114, 0],
        [120, 124, 0],
        [130, 134, 0],
    ]


def test_a_plane_across_the_slices(volume: Reader) -> None:
    # From the first voxel along z, every 1.5 mm: slice 0, halfway, slice 1, halfway, slice 2. Downwards
    # along x: 1.5 mm are three columns.
    across = f"plane.png?origin=10,-20,30&row=0,0,1&col=1,0,0&{AS_STORED}"
    assert volume.greys(f"{across}&size=5,2&spacing=1.5") == [[0, 50, 100, 150, 200], [3, 53, 103, 153, 203]]
    # Every 1.25 mm: 0, 0.42, 0.83, 1.25 and 1.67 slices.
    assert volume.greys(f"{across}&size=5,1&spacing=1.25&interpolation=nearest") == [[0, 0, 100, 100, 200]]


def test_a_slab_around_a_plane(volume: Reader) -> None:
    slab = f"{PLANE}&size=2,1&spacing=0.5&slab_mm=3"
    assert volume.greys(slab) == [[150, 151]]
    assert volume.greys(f"{slab}&projection=minip") == [[50, 51]]
    assert volume.greys(f"{slab}&projection=mean") == [[100, 101]]


def test_a_slab_of_whole_slices(volume: Reader) -> None:
    axial = f"slices/axial/1.png?{AS_STORED}"
    first = [volume.greys(f"{axial}&slab_mm={mm}")[0] for mm in (0, 5.9, 6)]
    assert first == [[100, 101, 102, 103, 104]] * 2 + [[200, 201, 202, 203, 204]]
    assert volume.greys(f"{axial}&slab_mm=6&projection=minip")[0] == [0, 1, 2, 3, 4]
    assert volume.greys(f"{axial}&slab_mm=6&projection=mean")[0] == [100, 101, 102, 103, 104]
    # Sagittal at column 2: one to each side; the head is above.
    assert volume.greys(f"slices/sagittal/2.png?{AS_STORED}&slab_mm=1")[2] == [3, 13, 23, 33]


def test_the_rendering_applies_to_planes_too(volume: Reader) -> None:
    assert volume.greys(f"{PLANE}&size=2,1&spacing=0.5&invert=1") == [[155, 154]]
    assert volume.get(f"{PLANE}&size=2,1&spacing=0.5&cmap=rainbow").json["error"]["field"] == "cmap"


def test_what_the_browser_has_is_not_drawn_again(volume: Reader) -> None:
    address = f"{PLANE}&size=2,1&spacing=0.5"
    etag = volume.get(address).headers["ETag"]
    assert volume.get(address, headers={"If-None-Match": etag}).status_code == 304
    for change in ("&slab_mm=3", "&interpolation=nearest", "&invert=1"):
        assert volume.get(address + change).headers["ETag"] != etag
    assert volume.get(address.replace("size=2", "size=3")).headers["ETag"] != etag


GOOD = {"origin": "10,-20,33", "row": "1,0,0", "col": "0,1,0", "size": "2,1", "spacing": "0.5"}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("origin", None),
        ("origin", "1,2"),
        ("origin", "1,2,3,4"),
        ("origin", "1,2,"),
        ("origin", "1,2,nan"),
        ("origin", "1,2,1e9"),
        ("row", "0,0,0"),
        ("row", "2,0,0"),
        ("row", "inf,0,0"),
        ("col", "0.6,0.8,0"),
        ("col", "1,0,0"),
        ("col", "a,b,c"),
        ("size", "2"),
        ("size", "0,1"),
        ("size", "1.5,1"),
        ("size", "2049,1"),
        ("size", "1e308,1"),
        ("spacing", "0"),
        ("spacing", "-1"),
        ("spacing", "nan"),
        ("slab_mm", "-1"),
        ("slab_mm", "1e6"),
        ("slab_mm", "nan"),
        ("projection", "max"),
        ("interpolation", "cubic"),
    ],
)
def test_parameters_without_sense_are_named(volume: Reader, field: str, text: str | None) -> None:
    wanted = GOOD | ({field: text} if text is not None else {})
    if text is None:
        del wanted[field]
    answer = volume.get("plane.png?" + "&".join(f"{name}={value}" for name, value in wanted.items()))
    assert answer.status_code == 400, answer.text
    assert answer.json["error"]["field"] == field
    assert len(answer.text) < 500


@pytest.mark.parametrize(
    "query", ["slab_mm=-1", "slab_mm=1e6", "slab_mm=nan", "slab_mm=", "slab_mm=3&projection=x"]
)
def test_slabs_without_sense_are_named(volume: Reader, query: str) -> None:
    answer = volume.get(f"slices/axial/1.png?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]["field"] in ("slab_mm", "projection")


def test_a_slab_beside_the_volume_is_not_there(volume: Reader) -> None:
    assert volume.get("slices/axial/3.png?slab_mm=6").status_code == 404


def test_a_stack_has_no_planes(stack: Reader) -> None:
    query = "&".join(f"{name}={value}" for name, value in GOOD.items())
    assert stack.get(f"plane.png?{query}").status_code == 409
