"""Handlers for tests of the workers; the worker processes import them as their parent did."""

import os
import time
from pathlib import Path

from app.archive import jobs


@jobs.handler("append")
def append(context: jobs.JobContext) -> dict[str, int]:
    """Write a line at the beginning, wait while a file tells to, and end."""
    folder = Path(context.arguments["folder"])
    with (folder / "started").open("a") as file:
        file.write(f"{os.getpid()}\n")
    while (folder / "wait").exists():
        context.progress(0.5)
        time.sleep(0.05)
    with (folder / "ended").open("a") as file:
        file.write(f"{os.getpid()}\n")
    return {"pid": os.getpid()}


@jobs.handler("hang")
def hang(_context: jobs.JobContext) -> None:
    """Never end, and never look whether it is still wanted."""
    while True:
        time.sleep(60)
