"""What a list of studies is asked for: search words, modalities, dates, order, page."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from app.imaging.errors import N_, TriplanoError

PER_PAGE = 50
MOST_PER_PAGE = 200
MOST_PAGES = 1_000_000
LONGEST_SEARCH = 200
SORTS = ("patient", "modality", "description", "date", "series", "images", "size", "added")
DEFAULT_SORT = "-date"
_MODALITY = re.compile(r"[A-Z0-9_]{1,16}")


class InvalidQuery(TriplanoError):
    """A parameter of the address that cannot be meant; ``field`` names it."""

    code = "invalid"

    def __init__(self, field: str, template: str, /, **values: Any) -> None:
        super().__init__(template, **values)
        self.field = field


@dataclass(frozen=True)
class StudyFilter:
    """A checked question; the defaults ask for everything, newest study first."""

    q: str = ""
    modalities: tuple[str, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    sort: str = DEFAULT_SORT
    page: int = 1
    per_page: int = PER_PAGE

    @property
    def words(self) -> list[str]:
        """What must all be found; the signs that part a name, stored or shown, part words too."""
        return [word for word in re.split(r"[\s,^=·]+", self.q) if word][:12]

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def narrows(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.words or self.modalities or self.from_date or self.to_date)

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """The address's parameters of this question with *changes*; what is default is left out."""
        asked = replace(self, **({"page": 1} | changes))
        parameters: dict[str, Any] = {
            "q": asked.q,
            "modality": list(asked.modalities),
            "from": asked.from_date.isoformat() if asked.from_date else "",
            "to": asked.to_date.isoformat() if asked.to_date else "",
            "sort": asked.sort if asked.sort != DEFAULT_SORT else "",
            "page": asked.page if asked.page > 1 else "",
            "per_page": asked.per_page if asked.per_page != PER_PAGE else "",
        }
        return {name: value for name, value in parameters.items() if value}

    def with_modality(self, modality: str) -> dict[str, Any]:
        """The parameters with *modality* switched."""
        chosen = set(self.modalities) ^ {modality}
        return self.arguments(modalities=tuple(sorted(chosen)))

    def sorted_by(self, key: str) -> dict[str, Any]:
        """The parameters for a click on a column's head: numbers and dates begin with the greatest."""
        first, second = (
            (key, f"-{key}") if key in {"patient", "modality", "description"} else (f"-{key}", key)
        )
        return self.arguments(sort=second if self.sort == first else first)


@dataclass
class _Reader:
    """Reads parameters one by one and keeps the first fault of each."""

    asked: MultiDict[str, str]
    faults: list[InvalidQuery] = field(default_factory=list)

    def search(self) -> str:
        # NUL ends a string inside some databases; no other control sign is ever searched for.
        text = "".join(sign for sign in self.asked.get("q", "") if sign.isprintable()).strip()
        if len(text) > LONGEST_SEARCH:
            self.faults.append(
                InvalidQuery("q", N_("The search is longer than %(most)s characters."), most=LONGEST_SEARCH)
            )
            return ""
        return text

    def modalities(self) -> tuple[str, ...]:
        named = ",".join(self.asked.getlist("modality")).upper().split(",")
        found = tuple(sorted({name.strip() for name in named if name.strip()}))
        if len(found) > 20 or not all(_MODALITY.fullmatch(name) for name in found):
            self.faults.append(
                InvalidQuery("modality", N_("A modality is a DICOM code such as CT; commas part several."))
            )
            return ()
        return found

    def day(self, name: str) -> date | None:
        text = self.asked.get(name, "").strip()
        if not text:
            return None
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
                raise ValueError
            return date.fromisoformat(text)
        except ValueError:
            self.faults.append(
                InvalidQuery(name, N_("A date is written as year-month-day, such as 2026-11-20."))
            )
            return None

    def sort(self) -> str:
        text = self.asked.get("sort", "") or DEFAULT_SORT
        if text.removeprefix("-") not in SORTS:
            self.faults.append(
                InvalidQuery(
                    "sort",
                    N_("Sort by one of %(names)s, with - in front for the reverse."),
                    names=", ".join(SORTS),
                )
            )
            return DEFAULT_SORT
        return text

    def number(self, name: str, default: int, most: int) -> int:
        text = self.asked.get(name, "") or str(default)
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= most:
            self.faults.append(
                InvalidQuery(name, N_("%(name)s is a whole number from 1 to %(most)s."), name=name, most=most)
            )
            return default
        return int(text)


def read_filter(asked: MultiDict[str, str]) -> tuple[StudyFilter, list[InvalidQuery]]:
    """The question in an address's parameters, and what is wrong in it (left at its default)."""
    reader = _Reader(asked)
    question = StudyFilter(
        q=reader.search(),
        modalities=reader.modalities(),
        from_date=reader.day("from"),
        to_date=reader.day("to"),
        sort=reader.sort(),
        page=reader.number("page", 1, MOST_PAGES),
        per_page=reader.number("per_page", PER_PAGE, MOST_PER_PAGE),
    )
    if question.from_date and question.to_date and question.from_date > question.to_date:
        reader.faults.append(InvalidQuery("to", N_("The range of dates ends before it begins.")))
        question = replace(question, to_date=None)
    return question, reader.faults
