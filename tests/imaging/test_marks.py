"""Marks as browsers send them; anything else is refused with its field, what was found and what is wanted."""

from typing import Any

import pytest

from app.imaging.marks import InvalidMark, check_mark, check_shape

PLANE = {
    "name": "axial",
    "index": 82,
    "origin_lps": [0, 0, 30],
    "right_lps": [1, 0, 0],
    "down_lps": [0, 0.8, 0.6],
    "normal_lps": [0, 0.6, -0.8],
    "thickness_mm": 3,
}
LENGTH: dict[str, Any] = {
    "kind": "length",
    "space": "patient",
    "points": [[1, 2, 3], [4, 5.00000049, 6]],
    "plane": PLANE,
}
IMAGE: dict[str, Any] = {"kind": "probe", "space": "image", "points": [[3.5, 4]], "image": 2}


def fault_of(mark: dict[str, Any]) -> InvalidMark:
    with pytest.raises(InvalidMark) as caught:
        check_mark(mark)
    return caught.value


def test_a_length_in_the_patient() -> None:
    check_mark(LENGTH)
    assert check_shape(LENGTH) == {
        "kind": "length",
        "space": "patient",
        "points": [[1.0, 2.0, 3.0], [4.0, 5.00000049, 6.0]],
        "plane": PLANE,
        "image": None,
        "spacing_mm": None,
    }


def test_a_probe_in_an_image() -> None:
    words = {"label": "nódulo\n2", "color": "#FFAA00", "hidden": True, "phase": 3, "shown": {"x": True}}
    check_mark(IMAGE | {"spacing_mm": [0.5, 0.25]} | words)
    found = check_shape(IMAGE | {"spacing_mm": [0.5, 0.25], "plane": {"name": "stack", "index": 2}})
    assert (found["points"], found["image"], found["spacing_mm"]) == ([[3.5, 4.0]], 2, [0.5, 0.25])
    bare = dict.fromkeys(("origin_lps", "right_lps", "down_lps", "normal_lps"))
    assert found["plane"] == {"name": "stack", "index": 2.0, "thickness_mm": None, **bare}


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        *(("length", 2), ("bidirectional", 4), ("angle", 3), ("cobb", 4), ("ellipse", 3)),
        *(("rectangle", 4), ("arrow", 2), ("probe", 1), ("keyimage", 1)),
    ],
)
def test_each_kind_has_its_number_of_points(kind: str, count: int) -> None:
    points = [[n, 0, 0] for n in range(count)]
    check_mark(LENGTH | {"kind": kind, "points": points})
    for wrong in (points[1:], [*points, [9, 9, 9]]):
        fault = fault_of(LENGTH | {"kind": kind, "points": wrong})
        assert fault.field == "points"
        assert (fault.message.values["found"], fault.message.values["wanted"]) == (
            str(len(wrong)),
            str(count),
        )


def test_an_outline_has_3_to_5000_points() -> None:
    freehand = LENGTH | {"kind": "freehand"}
    check_mark(freehand | {"points": [[0, 0, 0]] * 5000})
    for count in (2, 5001):
        assert fault_of(freehand | {"points": [[0, 0, 0]] * count}).field == "points"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("kind", {"kind": "volume"}),
        ("kind", {"kind": ["length"]}),
        ("space", {"space": None}),
        ("points", {"points": None}),
        ("points", {"points": [[1, 2, 3], [1, 2]]}),
        ("points", {"points": [[1, 2, 3], [1, 2, float("nan")]]}),
        ("points", {"points": [[1, 2, 3], [1, 2, float("inf")]]}),
        ("points", {"points": [[1, 2, 3], [1, 2, 1.1e6]]}),
        ("points", {"points": [[1, 2, 3], [1, 2, 10**400]]}),
        ("points", {"points": [[1, 2, 3], [1, 2, True]]}),
        ("points", {"points": [[1, 2, 3], [1, 2, "3"]]}),
        ("plane", {"plane": "axial"}),
        ("plane.name", {"plane": PLANE | {"name": "x" * 33}}),
        ("plane.index", {"plane": PLANE | {"index": "8"}}),
        ("plane.right_lps", {"plane": PLANE | {"right_lps": [1, 0, 0.1]}}),
        ("plane.right_lps", {"plane": PLANE | {"right_lps": None}}),
        ("plane.down_lps", {"plane": PLANE | {"down_lps": [0.6, 0.8, 0]}}),
        ("plane.normal_lps", {"plane": PLANE | {"normal_lps": [0, 1, 0]}}),
        ("plane.thickness_mm", {"plane": PLANE | {"thickness_mm": -1}}),
        ("plane.owner", {"plane": PLANE | {"owner": 1}}),
        ("phase", {"phase": -1}),
        ("phase", {"phase": 1.5}),
        ("label", {"label": "x" * 201}),
        ("label", {"label": "a\x00b"}),
        ("label", {"label": "\ud800"}),
        ("label", {"label": 7}),
        ("color", {"color": "red"}),
        ("color", {"color": "#12345g"}),
        ("color", {"color": "#123456\n"}),
        ("color", {"color": None}),
        ("hidden", {"hidden": 0}),
        ("statistics", {"statistics": []}),
        ("shown", {"shown": 1}),
        ("owner", {"owner": "x"}),
    ],
)
def test_what_cannot_be_meant_is_named(field: str, changes: dict[str, Any]) -> None:
    fault = fault_of(LENGTH | changes)
    assert (fault.field, fault.code) == (field, "invalid_mark")
    assert field in str(fault)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("image", {"image": None}),
        ("points", {"points": [[1, 2, 3]]}),
        ("spacing_mm", {"spacing_mm": [0.5]}),
        ("spacing_mm", {"spacing_mm": [0.5, 0]}),
        ("spacing_mm", {"spacing_mm": [0.5, -1]}),
    ],
)
def test_marks_of_images_have_pixels(field: str, changes: dict[str, Any]) -> None:
    assert fault_of(IMAGE | changes).field == field


def test_a_shape_is_taken_out_of_whatever_surrounds_it() -> None:
    assert set(check_shape(LENGTH | {"owner": "x", "label": 7})) == {
        "kind", "space", "points", "plane", "image", "spacing_mm"
    }  # fmt: skip
