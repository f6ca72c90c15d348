"""Tables for spreadsheets: CSV in which nothing runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# As static/js/lib/csv.js has it: what a spreadsheet would take for a formula.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def as_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """*rows* under the names of their *columns* (RFC 4180, marked as UTF-8)."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: object) -> str:
    """A cell; what a spreadsheet would run gets an apostrophe in front. Numbers may begin with a minus."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and _STARTS_FORMULA.match(text) else text
