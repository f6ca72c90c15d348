import csv
import io
import json
from typing import Any

import pytest
from flask import Flask

from tests.conftest import sign_in
from tests.imaging.phantoms import ct_slice
from tests.reports.conftest import AXIAL, Marker, mark_id
from tests.viewer.conftest import Reader, reader_of

# Columns 1 and 2 of rows 1 and 2, with a border of half a pixel: x 10.25 … 11.25, y −19 … −15.
BOX = [[10.25, -19, 33], [11.25, -19, 33], [11.25, -15, 33], [10.25, -15, 33]]


def table(marker: Marker, path: str = "marks.csv") -> list[dict[str, str]]:
    answer = marker.get(path)
    assert answer.status_code == 200, answer.text
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_one_row_a_measure(marker: Marker) -> None:
    marker.put(1, "length", [[10, -20, 33], [12, -16, 33]], label="Nódulo", color="#ff0000")
    marker.put(2, "arrow", [[10, -20, 33], [12, -16, 33]], label="aquí")
    first, second = table(marker)
    assert first | {"created_at": "", "updated_at": ""} == {
        "mark_id": mark_id(1),
        "kind": "length",
        "label": "Nódulo",
        "measure": "length",
        "value": "4.4721",  # the root of 2² + 4²
        "unit": "mm",
        "space": "patient",
        "plane": "axial",
        "slice": "2",
        "phase": "1",
        "x": "11.0",
        "y": "-18.0",
        "z": "33.0",
        "color": "#ff0000",
        "created_at": "",
        "updated_at": "",
        "mm_source": "patient",
    }
    assert (second["measure"], second["value"], second["label"]) == ("", "", "aquí")


def test_a_turned_plane_has_no_slice_of_the_volume(marker: Marker) -> None:
    """Number 1 of a plane that lies at 36 mm, where the volume has its slice 2."""
    turned = AXIAL | {"origin_lps": [10, -20, 36], "thickness_mm": 0.5}
    marker.put(1, "length", [[10, -20, 36], [12, -20, 36]], plane=turned)
    (row,) = table(marker)
    assert (row["plane"], row["slice"], row["value"]) == ("oblique", "", "2.0")


def test_millimetres_at_the_detector_say_so(app: Flask, people: dict[str, Any]) -> None:
    images = [ct_slice(k) for k in range(2)]
    for image in images:
        image.SOPClassUID, image.Modality = "1.2.840.10008.5.1.4.1.1.1", "CR"
        image.ImagerPixelSpacing = image.PixelSpacing
        del image.PixelSpacing, image.ImagePositionPatient, image.ImageOrientationPatient
    marker = Marker(reader_of(app, people["alice"], images))
    for number, spacing in ((1, [0.5, 2]), (2, None)):
        marker.put(number, "length", [[0, 0], [4, 0]], space="image", image=1, spacing_mm=spacing, plane=None)
    assert [(row["value"], row["unit"], row["mm_source"]) for row in table(marker)] == [
        ("2.0", "mm", "detector"), ("4.0", "px", "none"),
    ]  # fmt: skip


def test_values_are_counted_here_and_not_believed(marker: Marker) -> None:
    marker.put(1, "rectangle", BOX, statistics={"mean": 5000, "area_mm2": 1})
    found = {row["measure"]: (row["value"], row["unit"]) for row in table(marker)}
    # Stored 111, 112, 121, 122: mean 116.5, less 1024.
    assert found == {
        "area": ("4.0", "mm²"),
        "perimeter": ("10.0", "mm"),
        "mean": ("-907.5", "HU"),
        "std": ("5.0249", "HU"),  # of −5.5, −4.5, 4.5, 5.5: the root of 25.25
        "min": ("-913.0", "HU"),
        "max": ("-902.0", "HU"),
    }


def test_a_probe_tells_its_voxel(marker: Marker) -> None:
    marker.put(1, "probe", [[11.5, -16, 33]])
    (row,) = table(marker)
    assert (row["measure"], row["value"], row["unit"]) == ("value", "-901.0", "HU")  # stored 123


def test_nothing_in_a_spreadsheet_runs(marker: Marker) -> None:
    for number, label in enumerate(("=1+1", "+1", "-2", "@SUM(A1)", " =1", "\uff1d1")):
        marker.put(number, "probe", [[-11.5, -16, 33]], label=label)
    rows = table(marker)
    assert sorted(row["label"] for row in rows) == sorted(
        ["'=1+1", "'+1", "'-2", "'@SUM(A1)", "' =1", "'\uff1d1"]
    )
    assert {row["x"] for row in rows} == {"-11.5"}  # a number is none


def test_keys_are_english_in_spanish(marker: Marker) -> None:
    marker.put(1, "angle", [[10, -20, 33], [11, -20, 33], [11, -16, 33]])
    answer = marker.get("marks.csv", **{"Accept-Language": "es"})
    assert '"angle","90.0","°"' in answer.data.decode()


def test_json_has_marks_and_measures(marker: Marker) -> None:
    drawn = marker.put(1, "length", [[10, -20, 33], [13, -16, 33]], statistics={"mean": 1})
    answer = marker.get("marks.json")
    found = json.loads(answer.data)
    assert (found["series_id"], found["part"]) == (marker.reader.series_id, 0)
    (mark,) = found["marks"]
    assert mark["measures"] == [{"name": "length", "value": 5.0, "unit": "mm"}]
    assert mark["points"] == drawn["points"]
    assert "statistics" not in mark
    assert mark["id"] == mark_id(1)


def test_files_are_attachments_without_a_name(marker: Marker) -> None:
    marker.put(1, "probe", [[11.5, -16, 33]])
    for suffix, kind in (
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
        ("dcm", "application/dicom"),
    ):
        answer = marker.get(f"marks.{suffix}")
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="triplano-measurements.{suffix}"'
        )


def test_without_marks_there_are_headings_alone(marker: Marker) -> None:
    assert table(marker) == []
    assert json.loads(marker.get("marks.json").data)["marks"] == []


def test_a_stack_measures_in_pixels_where_nothing_is_known(stack: Reader) -> None:
    marker = Marker(stack)
    image = {"space": "image", "image": 1, "spacing_mm": None, "plane": {"name": "stack", "index": 1}}
    marker.put(1, "length", [[0, 0], [3, 4]], **image)
    marker.put(2, "rectangle", [[1, 1], [3, 1], [3, 3], [1, 3]], **image | {"spacing_mm": [0.5, 2]})
    rows = table(marker)
    assert (rows[0]["value"], rows[0]["unit"], rows[0]["slice"]) == ("5.0", "px", "2")
    found = {row["measure"]: (row["value"], row["unit"]) for row in rows[1:]}
    assert found["area"] == ("4.0", "mm²")  # 1 mm × 4 mm
    assert found["mean"] == ("-874.0", "HU")  # stored 150 everywhere


@pytest.mark.parametrize("path", ["marks.csv", "marks.json", "marks.dcm"])
def test_marks_of_others_are_not_found(marker: Marker, path: str) -> None:
    marker.put(1, "probe", [[11.5, -16, 33]])
    charlie: Any = sign_in(marker.reader.app, "charlie")
    assert charlie.get(f"{marker.url}/{path}").status_code == 404
