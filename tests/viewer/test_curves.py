"""The curve in addresses of slices, planes and images."""

import pytest

from tests.viewer.conftest import Reader

# Stored = HU + 1024 = 100·k + 10·row + column: grey = stored up to 100, then half as steep.
BENT = "curve=-1024:0,-924:100,-614:255"


def test_a_slice_by_a_curve(volume: Reader) -> None:
    assert volume.greys(f"slices/axial/0.png?{BENT}")[1] == [10, 11, 12, 13, 14]
    # 100 + 11 × 155 / 310 = 105.5, up to 106.
    assert volume.greys(f"slices/axial/1.png?{BENT}")[1][:3] == [105, 106, 106]
    assert volume.greys(f"slices/axial/1.png?{BENT}&invert=1")[1][:3] == [150, 149, 149]


def test_a_plane_by_a_curve(volume: Reader) -> None:
    plane = "origin=-60,-70,-100&row=1,0,0&col=0,1,0&size=2,2&spacing=1"
    assert volume.get(f"plane.png?{plane}&{BENT}").mimetype == "image/png"
    assert volume.get(f"plane.png?{plane}&curve=1:2").status_code == 400


def test_an_image_of_a_stack_by_a_curve(stack: Reader) -> None:
    # Stored 30 … 34; image 1 is 150 throughout: 100 + 50 / 2.
    assert stack.greys(f"images/0.png?{BENT}")[3] == [30, 31, 32, 33, 34]
    assert stack.greys(f"images/1.png?{BENT}") == [[125] * 7] * 6


def test_another_curve_is_another_picture(volume: Reader) -> None:
    curves = ("curve=0:0,1:255", "curve=0:0,1:254", "curve=0:0,2:255", "curve=0:0,0.5:9,1:255", "ww=1&wc=0")
    tags = {volume.get(f"slices/axial/0.png?{curve}").headers["ETag"] for curve in curves}
    assert len(tags) == len(curves)
    same = [volume.get(f"slices/axial/0.png?curve={text}") for text in ("-0:0,1:255", "0.0:0.0,1e0:255")]
    assert same[0].headers["ETag"] == same[1].headers["ETag"]


@pytest.mark.parametrize(
    "query",
    [
        "curve=",
        "curve=0:0",
        "curve=0:0,",
        "curve=0:0,1",
        "curve=0:0,1:2:3",
        "curve=0:0,0:255",
        "curve=5:0,4:255",
        "curve=0:0,1:256",
        "curve=0:-1,1:255",
        "curve=nan:0,1:255",
        "curve=0:0,inf:255",
        "curve=0:0,2e9:255",
        "curve=" + ",".join(f"{n}:0" for n in range(33)),
        "curve=" + "9" * 5000,
        "curve=0:0,1:255&ww=400&wc=40",
        "curve=0:0,1:255&lut=0",
        "curve=0:0,1:255&fn=exact",
    ],
)
def test_what_is_no_curve_is_named(volume: Reader, query: str) -> None:
    answer = volume.get(f"slices/axial/0.png?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]["field"] == "curve"
    assert "%(" not in answer.json["error"]["message"]
