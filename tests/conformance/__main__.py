"""Run every case and write the page to standard output.."""

import sys
from pathlib import Path

from tests.conformance.case import run
from tests.conformance.inventory import CHAPTERS, files_of, uncovered
from tests.conformance.report import BAD, is_good, written
from tests.shared_data import SHARED


def main(data: Path = SHARED / "data") -> int:
    """The exit status: 0 all is well, 1 something is not, 2 there are no data."""
    if not data.is_dir():
        print(f"there are no data at {data}; set TRIPLANO_SHARED", file=sys.stderr)
        return 2
    chapters = {title: [(case, run(case, data)) for case in cases] for title, cases in CHAPTERS.items()}
    left = uncovered(files_of(data))
    sys.stdout.write(written(chapters, left))
    rows = [row for some in chapters.values() for row in some]
    for case, finding in rows:
        if finding.verdict in BAD:
            print(f"{finding.verdict}: {case.name}: {finding.came_out}", file=sys.stderr)
    for file in left:
        print(f"not covered: {file}", file=sys.stderr)
    return 0 if is_good(rows, left) else 1


if __name__ == "__main__":
    sys.exit(main())
