"""The viewer in Chromium: opening, scrolling, windowing, the crosshair; beside the ways it must beat.

    python benchmarks/viewer.py [--rounds 5] [--steps 20] [--quick]

A server of its own with the synthetic chest CT, 512 × 512. Four ways take turns in each round: ``volume``,
the viewer with the volume in the browser; ``pngs``, the same with the server's PNG for each slice; ``img``, a
page that puts each slice's PNG into an ``<img>``; ``bare``, a page that does one ``putImageData`` of a pane's
size for each event. Work is from the event's handler to the last picture that it caused, input to paint from
the event's time stamp to the frame after that picture. One event at a time for both; for frames per second
and lag 100 events at 60 Hz. Machines differ: read the ratios.
"""

import argparse
import io
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.imaging.synthetic import thorax_series  # noqa: E402 - after the path

WAYS = ("volume", "pngs", "img", "bare")
SLICES = 300
PLANES = 3
ACTIONS = ("scroll", "window", "crosshair")
PASSWORD = "correct horse battery"
BROWSER = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RECORDER = (ROOT / "benchmarks/viewer_recorder.js").read_text()
CONTROL = (ROOT / "benchmarks/viewer_control.html").read_text()
SHOWN = ".stage[data-state=ready]"
AXIAL = ".pane[data-plane=axial]:not([data-pane], [data-series]) canvas.pane-image"
HERE = ".viewer[data-volume=here]"


@dataclass
class Found:
    """What was measured of one way."""

    work_ms: dict[str, list[float]] = field(default_factory=dict)
    paint_ms: dict[str, list[float]] = field(default_factory=dict)
    fps: dict[str, list[float]] = field(default_factory=dict)
    lag_ms: dict[str, list[float]] = field(default_factory=dict)
    first_ms: list[float] = field(default_factory=list)
    first_mb: list[float] = field(default_factory=list)
    full_ms: list[float] = field(default_factory=list)
    full_mb: list[float] = field(default_factory=list)


def main() -> None:
    """Start, measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="single events of each action and round")
    parser.add_argument("--quick", action="store_true", help="one round, to see that it runs")
    options = parser.parse_args()
    rounds = 1 if options.quick else max(5, options.rounds)
    found = {way: Found() for way in WAYS}
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder)) as (url, series_id),
        sync_playwright() as driver,
    ):
        for way in WAYS * rounds:
            browser = driver.chromium.launch(executable_path=chromium_path(), args=BROWSER)
            measure(browser, url, series_id, way, found[way], options.steps)
            browser.close()
    report(found, rounds)


def measure(browser: Browser, url: str, series_id: str, way: str, found: Found, steps: int) -> None:
    """One cold start of *way*, and a hand that scrolls, windows and moves the crosshair."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(RECORDER)
    page = context.new_page()
    page.goto(f"{url}/login")
    page.fill("input[name=name]", "bench")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button.btn-primary")
    page.wait_for_load_state()
    devtools = context.new_cdp_session(page)
    if way in ("img", "bare"):
        open_control(page, url, series_id, way)
    else:
        if way == "pngs":
            page.route("**/series/*/voxels*", lambda route: route.abort())
        open_viewer(page, devtools, f"{url}/viewer/{series_id}", way, found)
    target = ".target:visible" if way in ("img", "bare") else AXIAL
    box = page.locator(target).bounding_box()
    assert box
    hand = Hand(page, devtools, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for action in ACTIONS:
        if action == "crosshair" and way == "img":
            continue  # it has one plane
        if way in ("volume", "pngs") and action == "crosshair":
            page.keyboard.press("x")
        single = [one for n in range(steps) if (one := hand.step(action, n, steps))]
        found.work_ms.setdefault(action, []).extend(one["work"] for one in single)
        found.paint_ms.setdefault(action, []).extend(one["paint"] for one in single)
        if burst := hand.burst(action):
            found.fps.setdefault(action, []).append(burst["fps"])
            found.lag_ms.setdefault(action, []).append(burst["lag"])
        hand.release()
    context.close()


def open_viewer(page: Page, devtools: CDPSession, address: str, way: str, found: Found) -> None:
    """Open with an empty cache; note times and bytes to the first pictures and the whole volume."""
    received: list[tuple[float, int]] = []
    devtools.send("Network.enable")
    devtools.send("Network.clearBrowserCache")
    devtools.on(
        "Network.dataReceived",
        lambda told: received.append((time.perf_counter(), max(told["encodedDataLength"], 0))),
    )
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    for times, amounts, goal in (
        (found.first_ms, found.first_mb, SHOWN),
        (found.full_ms, found.full_mb, HERE),
    ):
        if goal == HERE and way == "pngs":
            break
        page.wait_for_selector(goal, state="attached", timeout=120_000)
        moment = time.perf_counter()
        if goal == SHOWN and len(seen := page.evaluate("() => window.__recorder.first")) >= PLANES:
            moment = start + max(seen) / 1000
        times.append((moment - start) * 1000)
        amounts.append(sum(size for at, size in received if at <= moment) / 1e6)
    page.wait_for_timeout(1500)


def open_control(page: Page, url: str, series_id: str, way: str) -> None:
    answer = page.request.get(f"{url}/viewer/{series_id}").text()
    revision = re.search(r"revision&#34;: ?(\d+)", answer) or re.search(r"revision&quot;: ?(\d+)", answer)
    control = {
        "mode": way,
        "base": f"/series/{series_id}/slices/axial",
        "query": f"cmap=gray&rev={revision[1] if revision else 1}",
        "count": SLICES,
    }
    page.add_init_script(f"window.__control = {control!r}")
    page.route("**/benchmark-control", lambda route: route.fulfill(body=CONTROL, content_type="text/html"))
    page.goto(f"{url}/benchmark-control")
    page.wait_for_timeout(800)


class Hand:
    """Wheel and mouse by the browser's own input path."""

    def __init__(self, page: Page, devtools: CDPSession, x: float, y: float) -> None:
        self._page, self._devtools, self._place, self._at = page, devtools, (x, y), [x, y]
        self._is_down = False
        self._send("mouseMoved")

    def _send(self, kind: str, **more: Any) -> None:
        event = {"type": kind, "x": self._at[0], "y": self._at[1], **more}
        self._devtools.send("Input.dispatchMouseEvent", event)

    def _act(self, action: str, step: int, turn: int) -> None:
        on = step % (2 * turn) < turn
        if action == "scroll":
            self._send("mouseWheel", deltaX=0, deltaY=100 if on else -100)
            return
        if not self._is_down:
            self._send("mousePressed", button="left", buttons=1, clickCount=1)
            self._is_down = True
        self._at[0] += 2 if on else -2
        self._at[1] += 1 if on else -1
        self._send("mouseMoved", button="left", buttons=1)

    def release(self) -> None:
        """Let go, and go back."""
        if self._is_down:
            self._send("mouseReleased", button="left", buttons=0, clickCount=1)
        self._is_down = False
        self._at = list(self._place)
        self._send("mouseMoved")
        self._page.wait_for_timeout(500)

    def step(self, action: str, step: int, steps: int) -> dict[str, float] | None:
        """One event; its work and its time to paint."""
        seen = self._page.evaluate("() => window.__recorder.events.length")
        self._act(action, step, steps // 2)
        answer: dict[str, float] | None = self._page.evaluate("n => window.__recorder.answer(n, 2000)", seen)
        self._page.evaluate("() => window.__recorder.settle(60)")
        return answer

    def burst(self, action: str, events: int = 100) -> dict[str, float] | None:
        """100 events at 60 Hz: pictures a second, and how long the last one comes after the last event."""
        seen = self._page.evaluate("() => window.__recorder.events.length")
        start = time.perf_counter()
        for step in range(events):
            time.sleep(max(0.0, start + step / 60 - time.perf_counter()))
            self._act(action, step, events // 2)
        self._page.evaluate("() => window.__recorder.settle(700)")
        answer: dict[str, float] | None = self._page.evaluate("n => window.__recorder.burst(n)", seen)
        return answer


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, str]]:
    """A server with the series; its address and the series' id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "TRIPLANO_INSTANCE": str(folder / "instance"),
        "PORT": str(port),
        "HOST": "127.0.0.1",
    }

    def flask(*arguments: str, text: str | None = None) -> str:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout

    flask("db", "upgrade")
    flask("create-user", "bench", "--role", "teacher", "--password-stdin", text=PASSWORD)
    token = flask("create-token", "bench").strip().splitlines()[-1]
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        yield url, upload(url, token)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def upload(url: str, token: str) -> str:
    """Send the synthetic series; wait until its volume is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for n, dataset in enumerate(thorax_series(SLICES)):
            written = io.BytesIO()
            dataset.save_as(written, enforce_file_format=True)
            archive.writestr(f"{n}.dcm", written.getvalue())
    border = "benchmark-border"
    head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="ct.zip"\r\n\r\n'
    body = head.encode() + packed.getvalue() + f"\r\n--{border}--\r\n".encode()
    series_id = str(ask(url, token, "/api/v1/uploads", body, border)["series"][0])
    while ask(url, token, f"/api/v1/series/{series_id}")["state"] != "ready":
        time.sleep(0.5)
    return series_id


def ask(url: str, token: str, path: str, body: bytes | None = None, border: str = "") -> dict[str, Any]:
    """The JSON of an address, asked until the server is there."""
    headers = {"Authorization": f"Bearer {token}"}
    if body is not None:
        headers["Content-Type"] = f"multipart/form-data; boundary={border}"
    for _ in range(100):
        try:
            with urllib.request.urlopen(urllib.request.Request(url + path, body, headers)) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except ConnectionError:
            pass
        except urllib.error.URLError as fault:
            if isinstance(fault, urllib.error.HTTPError):
                raise
        time.sleep(0.2)
    raise RuntimeError("the server did not start")


def chromium_path() -> str:
    return os.environ.get("CHROMIUM") or which("chromium") or which("chromium-browser") or "chromium"


def median(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))] if values else float("nan")


def report(found: dict[str, Found], rounds: int) -> None:
    """Tables and ratios on standard output."""
    print(f"{os.cpu_count()} cores, {rounds} rounds, ways in turns; medians (95th percentile)")
    print(f"{'opening':<12}{'first ms':>10}{'MB':>8}{'full ms':>10}{'MB':>8}")
    for way in ("volume", "pngs"):
        one = found[way]
        numbers = (median(one.first_ms), median(one.first_mb), median(one.full_ms), median(one.full_mb))
        print(f"{way:<12}{numbers[0]:>10.0f}{numbers[1]:>8.2f}{numbers[2]:>10.0f}{numbers[3]:>8.1f}")
    for action in ACTIONS:
        print(f"{action:<12}{'work ms':>18}{'input to paint ms':>20}{'fps':>8}{'lag ms':>8}")
        for way in WAYS:
            one = found[way]
            if action not in one.work_ms:
                continue
            work, paint = one.work_ms[action], one.paint_ms[action]
            rates, lags = one.fps.get(action, []), one.lag_ms.get(action, [])
            row = f"{median(work):.2f} ({p95(work):.1f})", f"{median(paint):.1f} ({p95(paint):.1f})"
            print(f"  {way:<10}{row[0]:>18}{row[1]:>20}{median(rates):>8.1f}{median(lags):>8.0f}")
        volume, bare = found["volume"], found["bare"]
        ratios = (
            [f"work / img {median(volume.work_ms[action]) / median(found['img'].work_ms[action]):.2f}"]
            if (action in found["img"].work_ms)
            else []
        )
        ratios.append(
            f"fps / bare {median(volume.fps.get(action, [])) / median(bare.fps.get(action, [])):.2f}"
        )
        ratios.append(f"paint / bare {median(volume.paint_ms[action]) / median(bare.paint_ms[action]):.2f}")
        print(f"  volume: {', '.join(ratios)}")


if __name__ == "__main__":
    main()
