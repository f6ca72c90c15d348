"""The table's cases as tests, and what the table promises of itself."""

from pathlib import Path

import numpy as np
import pytest

from app.imaging.errors import InvalidElement
from tests.conformance.case import Case, Differs, Finding, Work, refusal_of, require_near, run
from tests.conformance.inventory import CASES, files_of, uncovered
from tests.conformance.references import Grid, corner_distance_mm, reoriented, require_equal
from tests.conformance.report import BAD, is_good, written
from tests.shared_data import shared

PAGE = Path(__file__).resolve().parents[2] / "docs/conformance.md"
QUICK = [case for case in CASES if not case.is_heavy]


@pytest.mark.parametrize("case", QUICK, ids=[case.name for case in QUICK])
def test_case(case: Case) -> None:
    finding = run(case, shared("data"))
    assert finding.verdict not in BAD, finding.came_out


def test_every_file_of_the_data_is_in_a_case() -> None:
    assert uncovered(files_of(shared("data"))) == []


def test_every_case_has_files() -> None:
    files = files_of(shared("data"))
    for case in CASES:
        for name in case.files:
            alone = Case(case.name, (name,), "", "", case.check)
            assert any(map(alone.covers, files)), name


def test_names_of_cases_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_page_names_every_case_and_nothing_that_differs() -> None:
    page = PAGE.read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [case.name for case in CASES]
    assert not [row for row in rows if f"**{BAD[0]}**" in row or f"**{BAD[1]}**" in row]
    for case in CASES:
        assert " ".join(case.expected.split()) in page


# ---- the table itself must be able to fail


def case_of(check) -> Case:
    return Case("a", ("folder",), "what", "expected", check)


def differing(work: Work) -> Finding:
    require_near("value", 1.5, 1, 0.1)
    return Finding("", "")


def refused(work: Work) -> Finding:
    raise InvalidElement("Rows is %(found)s.", found=3)


def broken(work: Work) -> Finding:
    raise KeyError("nothing")


@pytest.mark.parametrize(
    ("check", "words"),
    [(differing, "value: 1.5, not 1"), (refused, "refused: Rows is 3."), (broken, "KeyError: 'nothing'")],
    ids=["differing", "refused", "broken"],
)
def test_whatever_goes_wrong_is_a_row_that_differs(tmp_path: Path, check, words: str) -> None:
    case = case_of(check)
    finding = run(case, tmp_path)
    assert (finding.verdict, finding.came_out) == ("DIFFERS", words)
    page = written({"Title": [(case, finding)]}, ["zoo/new.dcm"])
    assert (
        "**1 cases: 0 agrees, 0 shown with a warning, 0 refused by name, 1 DIFFERS, 1 not covered.**" in page
    )
    assert f"| `a` | what | expected | {words} | the row's expectation | **DIFFERS** |" in page
    assert "| `zoo/new.dcm` | **not covered** |" in page
    assert not is_good([(case, finding)], [])


def test_a_new_file_is_not_covered() -> None:
    cases = [case_of(differing)]
    assert uncovered(["folder/a.dcm", "folder2/a.dcm", "b.dcm"], cases) == ["folder2/a.dcm", "b.dcm"]
    good = [(cases[0], Finding("", "", "agrees"))]
    assert is_good(good, [])
    assert not is_good(good, ["b.dcm"])


def test_reading_without_a_word_is_no_refusal() -> None:
    with pytest.raises(Differs, match="read without a word"):
        refusal_of(lambda: 1)


def turned() -> tuple[Grid, Grid]:
    """One grid, and the same with its axes swapped and one of them turned round, by hand."""
    values = np.arange(24).reshape(4, 3, 2)  # (k, j, i)
    affine = np.array([[2.0, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 30], [0, 0, 0, 1]])
    # Its first axis is our third from above, its second our first, its third our second.
    other = np.array([[0, 2.0, 0, 10], [0, 0, 3, 20], [-4, 0, 0, 42], [0, 0, 0, 1]])
    return Grid(values, affine), Grid(values[::-1].transpose(1, 2, 0), other)


def test_grids_are_compared_by_place() -> None:
    ours, theirs = turned()
    same = reoriented(theirs, ours)
    assert same.values.tolist() == ours.values.tolist()
    assert corner_distance_mm(ours, same) == 0
    assert require_equal(ours, theirs, "it") == "it: every value equal, corners within 0.001 mm"


def test_a_shift_a_flip_or_a_value_is_seen() -> None:
    ours, theirs = turned()
    shifted = theirs.affine.copy()
    shifted[0, 3] += 0.5
    with pytest.raises(Differs, match=r"corners apart, mm: 0\.5"):
        require_equal(ours, Grid(theirs.values, shifted), "it")
    with pytest.raises(Differs, match="greatest difference of values"):
        require_equal(ours, Grid(theirs.values[::-1], theirs.affine), "it")
    oblique = theirs.affine.copy()
    oblique[:3, 0] = (0, 2.4, -3.2)
    with pytest.raises(Differs, match="axes cross"):
        require_equal(ours, Grid(theirs.values, oblique), "it")
