"""3D scenes: how long the server takes for each mode and detail, and how much it sends.

    python benchmarks/scene3d.py [--rounds 3] [--quick]

A server of its own with the synthetic chest CT, 512 × 512 × 300. The very first scene is told by itself: for
it a job's process and the child with VTK and Panel are started. ``made`` is a scene that nobody asked for
before, in a child that is there; ``cached`` the same scene asked for again. Each from the request to the last
byte of the answer, the job polled as the page polls it. Machines differ: read the ratios.
"""

import argparse
import gzip
import json
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from viewer import PASSWORD, server  # noqa: E402 - after the path

POLL_S = 0.05
LIMIT_S = 300
SURFACES = {
    "bone": [{"level": 175}],
    "skin": [{"level": -200, "largest": True, "opacity": 0.5}],
    "bone and skin": [{"level": 175}, {"level": -200, "largest": True, "opacity": 0.5}],
}


@dataclass
class Row:
    """What was measured of one scene."""

    name: str
    made_s: list[float] = field(default_factory=list)
    cached_s: list[float] = field(default_factory=list)
    sent: int = 0
    unpacked: int = 0


class Server:
    """The series' addresses, asked as a page asks them."""

    def __init__(self, url: str, series_id: str) -> None:
        self._url, self._series = url, series_id
        self._headers = {"Accept-Encoding": "gzip"}
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        form = {"name": "bench", "password": PASSWORD, "csrf_token": self._token("/login")}
        self._browser.open(url + "/login", urllib.parse.urlencode(form).encode())
        self._headers |= {"X-CSRFToken": self._token("/account"), "Content-Type": "application/json"}

    def _token(self, page: str) -> str:
        text: str = self._browser.open(self._url + page).read().decode()
        return text.split('name="csrf-token" content="')[1].split('"')[0]

    def ask(self, path: str, body: dict[str, Any] | None = None) -> bytes:
        """The body of an answer as it was sent."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers)
        with self._browser.open(request, timeout=LIMIT_S) as answer:
            return bytes(answer.read())

    def scene(self, body: dict[str, Any]) -> tuple[float, bytes]:
        """Seconds until the whole scene was here, and its bytes."""
        began = time.perf_counter()
        ordered = json.loads(self.ask(f"/series/{self._series}/scenes", body))
        while "job" in ordered:
            job = json.loads(self.ask(f"/api/v1/jobs/{ordered['job']}"))
            if job["state"] == "done":
                break
            if job["state"] != "queued" and job["state"] != "running":
                raise SystemExit(f"a scene failed: {job['error']}")
            time.sleep(POLL_S)
        sent = self.ask(ordered["url"])
        return time.perf_counter() - began, sent

    def mesh(self, level: float, detail: str) -> tuple[float, bytes]:
        """As :meth:`scene`, of a mesh alone."""
        began = time.perf_counter()
        sent = self.ask(f"/series/{self._series}/surfaces/{level}.mesh?detail={detail}")
        return time.perf_counter() - began, sent


def measured(name: str, rounds: int, ask: Callable[[int], tuple[float, bytes]]) -> Row:
    """*ask* with 0, 1, 2 …, of which each is another scene of the same size, twice."""
    row = Row(name)
    for n in range(rounds):
        seconds, sent = ask(n)
        row.made_s.append(seconds)
        row.cached_s.append(ask(n)[0])
        row.sent, row.unpacked = len(sent), len(gzip.decompress(sent))
    return row


def shifted(surfaces: list[dict[str, Any]], n: int) -> list[dict[str, Any]]:
    """The same surfaces a little beside: no scene of the cache."""
    return [{**surface, "level": surface["level"] + n + 1} for surface in surfaces]


def rows_of(served: Server, rounds: int, details: tuple[str, ...]) -> list[Row]:
    """Everything but the cold start."""
    rows = []
    for detail in details:
        for name, surfaces in SURFACES.items():

            def surface(n: int, detail: str = detail, surfaces: Any = surfaces) -> tuple[float, bytes]:
                return served.scene({"detail": detail, "surfaces": shifted(surfaces, n)})

            rows.append(measured(f"{name}, {detail}", rounds, surface))
        if detail == "full":
            continue  # 75 million voxels: no browser of a laptop

        def projection(n: int, detail: str = detail) -> tuple[float, bytes]:
            window = {"center": 300 + n, "width": 1400}
            return served.scene({"mode": "mip", "detail": detail, "window": window})

        rows.append(measured(f"MIP, {detail}", rounds, projection))
        presets = ("ct-bone", "ct-angio", "ct-soft")

        def composite(n: int, detail: str = detail, presets: Any = presets) -> tuple[float, bytes]:
            return served.scene({"mode": "composite", "detail": detail, "preset": presets[n]})

        rows.append(measured(f"composite, {detail}", min(rounds, len(presets)), composite))

        def mesh(n: int, detail: str = detail) -> tuple[float, bytes]:
            return served.mesh(176 + n, detail)

        rows.append(measured(f"mesh of bone, {detail}", rounds, mesh))
    return rows


def table(cold_s: float, rows: list[Row]) -> str:
    """Markdown, medians."""
    lines = [
        "| scene | made s | cached s | sent MB | unpacked MB |",
        "|---|---|---|---|---|",
        f"| the very first (bone, coarse), processes started | {cold_s:.2f} | | | |",
    ]
    for row in rows:
        made, cached = statistics.median(row.made_s), statistics.median(row.cached_s)
        sizes = f"{row.sent / 1e6:.2f} | {row.unpacked / 1e6:.2f}"
        lines.append(f"| {row.name} | {made:.2f} | {cached:.3f} | {sizes} |")
    return "\n".join(lines)


def main() -> None:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round without full detail")
    options = parser.parse_args()
    details = ("coarse", "fine") if options.quick else ("coarse", "fine", "full")
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (url, series_id):
        served = Server(url, series_id)
        cold_s, _sent = served.scene({"detail": "coarse", "surfaces": SURFACES["bone"]})
        rows = rows_of(served, 1 if options.quick else options.rounds, details)
    print(table(cold_s, rows))


if __name__ == "__main__":
    main()
