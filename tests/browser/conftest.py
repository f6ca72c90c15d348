"""A real server (gunicorn, job runner and all) and a real browser (the system's Chromium).

Every page is watched: a request to another origin, a CSP violation, an error in the console or an
unhandled exception fails the test that caused it.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
LAST_SAVE_MS = 2000
PASSWORD = "tres planos y un cubo"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SAVES_DATA = "Object.defineProperty(Navigator.prototype, 'connection', { value: { saveData: true } })"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

pytestmark = pytest.mark.browser


@dataclass
class Server:
    """A running Triplano with a folder of its own."""

    url: str
    instance: Path
    environment: dict[str, str]

    def flask(self, *arguments: str, text: str | None = None) -> str:
        """Run ``flask --app wsgi …`` on the server's instance; its output."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout

    def add_user(self, name: str, role: str = "student") -> None:
        """An account with :data:`PASSWORD`."""
        self.flask("create-user", name, "--role", role, "--password-stdin", text=PASSWORD)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """gunicorn on a free port, with an empty database."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    environment = {
        **os.environ,
        "TRIPLANO_INSTANCE": str(folder / "instance"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "REGISTRATION": "open",
        "MIN_FREE_DISK": "0",
        "JOB_WORKERS": "1",
        "PARSE_WORKERS": "1",
    }
    made = Server(f"http://127.0.0.1:{port}", folder / "instance", environment)
    made.flask("db", "upgrade")
    log = folder / "server.log"
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        wait_until_ready(made.url, process, log)
        yield made
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium is missing: run make chromium")
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


class Watch:
    """What went wrong on the pages of one context."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self.expected: list[str] = []  # parts of messages that a test provokes on purpose

    def attend(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", f"blob:{self.origin}")):
            self.faults.append(f"request to another origin: {request.url}")

    def _console(self, message: Any) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def verdict(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]


NewPage = Callable[..., Page]


@pytest.fixture
def watch(server: Server) -> Watch:
    return Watch(server.url)


@pytest.fixture
def new_page(chromium: Browser, server: Server, watch: Watch) -> Iterator[NewPage]:
    """Open a watched page: ``new_page(width=360, height=740, locale="en-GB", scale=2)``."""
    contexts: list[BrowserContext] = []

    def open_page(
        width: int = 1440, height: int = 900, locale: str = "es-MX", scale: float = 1, **options: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=server.url,
            viewport={"width": width, "height": height},
            locale=locale,
            device_scale_factor=scale,
            accept_downloads=True,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(20_000)
        watch.attend(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert watch.verdict() == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One watched page, 1440×900, Spanish."""
    return new_page()


def sign_in(page: Page, name: str) -> None:
    """Sign in through the form."""
    page.goto("/login")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("form[action*=login] button[type=submit], form:has(input[name=password]) button.btn-primary")
    page.wait_for_url(lambda url: "/login" not in url)


def picture(page: Page, name: str) -> Path:
    """A screenshot under tests/artifacts, to be looked at."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    page.screenshot(path=path)
    return path


# The hand-made series of the viewer's tests. They are imported late: they use this module's names.


@pytest.fixture(scope="module")
def archive(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All hand-made series, uploaded with a token and prepared."""
    from tests.browser.series import take_in

    server.add_user("vera")
    return take_in(server, "vera", tmp_path_factory.mktemp("phantoms"))


@pytest.fixture(scope="module")
def session(archive: Any, chromium: Browser) -> Any:
    """The cookies of a signed-in browser."""
    context = chromium.new_context(base_url=archive.server.url, locale="en-GB")
    sign_in(context.new_page(), "vera")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def look(archive: Any, session: Any, new_page: NewPage) -> Iterator[NewPage]:
    """Open the viewer of a hand-made series, in English: ``look("straight", scale=2)``.

    What was done to the series before is forgotten, unless ``fresh=False``. With ``whole=False`` the browser
    saves data, as a reader may tell it to: pictures come one by one, and never the whole volume.
    """
    from tests.browser.looking import open_viewer

    pages: list[Page] = []

    def open_series(name: str, fresh: bool = True, whole: bool = True, **options: Any) -> Page:
        if fresh:
            archive.forget(name)
        page = new_page(locale="en-GB", storage_state=session, **options)
        if not whole:
            page.add_init_script(SAVES_DATA)
        page.set_default_timeout(10_000)
        pages.append(page)
        open_viewer(page, archive.ids[name])
        return page

    yield open_series
    # What a page saves as it is closed would come to the next test, after that forgot this one.
    for page in pages:
        with suppress(Error):
            page.wait_for_timeout(50)
            page.wait_for_selector(
                "[data-saved=none], [data-saved=saved]", state="attached", timeout=LAST_SAVE_MS
            )
