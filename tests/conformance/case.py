"""What a case of the table is, and how it ends.

A case names the files it covers. Its check runs the application's own reading on them, holds the result
against numbers written down here and against another tool, and says what came out; whatever is not as
expected ends it as :class:`Differs`.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from app.imaging.errors import ImagingError

Verdict = Literal["agrees", "refused by name", "shown with a warning", "DIFFERS", "not covered"]


@dataclass(frozen=True)
class Finding:
    """What came out, what it was held against, and how it compares."""

    came_out: str
    reference: str
    verdict: Verdict = "agrees"


class Differs(Exception):
    """What came out is not what was expected; the text says both."""


@dataclass(frozen=True)
class Work:
    """Where a check finds the data, and a folder of its own that is removed afterwards."""

    data: Path
    folder: Path


Check = Callable[[Work], Finding]


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes
    ----------
    name : str
        Stable, unique; as a rule the path of the file or folder.
    files : paths below the data folder; one that is a folder, or ends in "*", stands for all below it
    what, expected : str
    check : function
    is_heavy : bool
        Whether it takes long enough to run in ``make conformance`` alone.
    """

    name: str
    files: tuple[str, ...]
    what: str
    expected: str
    check: Check
    is_heavy: bool = False

    def covers(self, file: str) -> bool:
        """Whether *file*, relative to the data folder, is one of this case's."""
        return any(
            file == one or file.startswith(f"{one}/") or (one.endswith("*") and file.startswith(one[:-1]))
            for one in self.files
        )


def run(case: Case, data: Path) -> Finding:
    """The case's finding; anything that goes wrong is one that differs, never an end of the run."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        try:
            return case.check(Work(data, Path(folder)))
        except Differs as fault:
            return Finding(str(fault), "the row's expectation", "DIFFERS")
        except ImagingError as fault:
            return Finding(f"refused: {fault}", "the row's expectation", "DIFFERS")
        except Exception as fault:
            return Finding(f"{type(fault).__name__}: {fault}", "the row's expectation", "DIFFERS")


def require(holds: bool, otherwise: str) -> None:
    """End as differing, with *otherwise* as what came out, unless it holds."""
    if not holds:
        raise Differs(otherwise)


def require_same(name: str, found: Any, expected: Any) -> None:
    """End as differing unless *found* equals *expected*."""
    if found != expected:
        raise Differs(f"{name}: {found}, not {expected}")


def require_near(name: str, found: Any, expected: Any, within: float) -> None:
    """End as differing unless each number of *found* is *within* so much of its fellow."""
    apart = np.max(np.abs(np.asarray(found, np.float64) - np.asarray(expected, np.float64)))
    if not apart <= within:
        raise Differs(f"{name}: {found}, not {expected}")


def refusal_of(read: Callable[[], object], *wanted: str) -> str:
    """The words with which *read* is refused, in which each of *wanted* occurs."""
    try:
        read()
    except ImagingError as fault:
        words = f"{type(fault).__name__}: {fault}"
        for part in wanted:
            require(part in words, f"{words}; without “{part}”")
        return words
    raise Differs("read without a word")
