"""A real server (gunicorn, job runner and all) and a real browser (the system's Chromium).

A worker has one of each, for all its files; what a file must keep to itself are its accounts and its pages.
Every page is watched: a request to another origin, a CSP violation, an error in the console or an unhandled
exception fails the test that caused it.
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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from app import create_app
from app.accounts.service import find_user
from app.accounts.tokens import create_token
from app.models import db
from tests.browser.windows import Watch, Window, Windows
from tests.conftest import PASSWORD, close_app, make_user

__all__ = ["PASSWORD", "Watch"]  # for the tests, beside what is defined here

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
LAST_SAVE_MS = 2000
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
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
        """Run ``flask --app wsgi …`` on the server's instance; its output. Two seconds of computing."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout

    @cached_property
    def _app(self) -> Flask:
        """The same instance without a start of its own: for accounts."""
        return create_app({"INSTANCE": self.instance, "JOBS_START": False, "PARSE_WORKERS": 1})

    def add_user(self, name: str, role: str = "student") -> None:
        """An account with :data:`PASSWORD`."""
        make_user(self._app, name, role)

    def token_of(self, name: str) -> str:
        """A new token of the API."""
        with self._app.app_context():
            user = find_user(name)
            assert user is not None
            token = create_token(user, "tests")
            db.session.commit()
            return token

    def let_go(self) -> None:
        """Close what was opened for accounts."""
        if "_app" in self.__dict__:
            close_app(self._app)


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


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """gunicorn on a free port, with an empty database in *folder*."""
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
        made.let_go()
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The worker's server. A file that needs one without any account takes ``own_server``."""
    with serving(tmp_path_factory.mktemp("server")) as made:
        yield made


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of one file, with an empty database: six seconds of computing."""
    with serving(tmp_path_factory.mktemp("server")) as made:
        yield made


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


NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def windows(chromium: Browser) -> Iterator[Windows]:
    made = Windows(chromium)
    yield made
    made.close()


@pytest.fixture
def watch(server: Server) -> Watch:
    return Watch(server.url)


@pytest.fixture
def new_page(
    windows: Windows, server: Server, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[NewPage]:
    """Open a watched page: ``new_page(width=360, height=740, locale="en-GB", scale=2)``.

    It is as good as new, except for the browser's cache. ``alone=True`` gives one that nobody had before: for
    tests that count on an empty cache or that leave a script of theirs in the context.
    """
    taken: list[Window] = []
    failed_before = request.session.testsfailed

    def open_page(
        width: int = 1440, height: int = 900, locale: str = "es-MX", scale: float = 1, **options: Any
    ) -> Page:
        window = windows.take(
            watch,
            size=(width, height),
            base_url=server.url,
            locale=locale,
            device_scale_factor=scale,
            accept_downloads=True,
            reduced_motion="reduce",
            **options,
        )
        window.page.set_default_timeout(20_000)
        taken.append(window)
        return window.page

    yield open_page
    is_fit = request.session.testsfailed == failed_before
    for window in taken:
        windows.give_back(window, is_fit)
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


def signed_in(driver: Playwright, server: Server, name: str) -> Any:
    """The cookies of a browser in which *name* has signed in, for ``new_page(storage_state=…)``."""
    requests = driver.request.new_context(base_url=server.url)
    try:
        token = requests.get("/login").text().split('name="csrf-token" content="')[1].split('"')[0]
        form = {"csrf_token": token, "name": name, "password": PASSWORD}
        answer = requests.post("/login", form=form, max_redirects=0)
        assert answer.status == 302, answer.text()
        return requests.storage_state()
    finally:
        requests.dispose()


def until_saved(page: Page) -> None:
    """Wait for what a viewer saves at last; not for ever, since some tests leave it offline."""
    with suppress(Error):
        page.wait_for_timeout(50)
        page.wait_for_selector(
            "[data-saved=none], [data-saved=saved]", state="attached", timeout=LAST_SAVE_MS
        )


# The hand-made series of the viewer's tests. They are imported late: they use this module's names.


@pytest.fixture(scope="session")
def standard_archive(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All hand-made series of series.py, Vera's, uploaded with a token and prepared."""
    from tests.browser.series import take_in

    return take_in(server, "vera", tmp_path_factory.mktemp("phantoms"))


@pytest.fixture(scope="module")
def archive(standard_archive: Any) -> Any:
    """What ``look`` opens. A file with series of its own has a fixture of this name, and a user for them:
    ``take_in(server, "petra", folder, SERIES)``. Of the standard series none may be deleted."""
    return standard_archive


@pytest.fixture(scope="module")
def session(archive: Any, playwright_driver: Playwright) -> Any:
    """The cookies of the browser of the archive's owner."""
    return signed_in(playwright_driver, archive.server, archive.owner)


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
        page = new_page(locale="en-GB", storage_state=session, saves_data=not whole, **options)
        page.set_default_timeout(10_000)
        pages.append(page)
        open_viewer(page, archive.ids[name])
        return page

    yield open_series
    # What a page saves as it is left would come to the next test, after that forgot this one.
    for page in pages:
        until_saved(page)
