"""The phantom in all its scans on a server, and desks at which it is read."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, expect

from tests.browser.conftest import Server, Watch
from tests.browser.looking import open_viewer
from tests.browser.phantom.desk import Desk
from tests.browser.phantom.scans import PHANTOMS, SCANS
from tests.browser.series import Archive, take_in
from tests.browser.viewing import oracle


@pytest.fixture(scope="module")
def archive(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    server.add_user("vera")
    return take_in(server, "vera", tmp_path_factory.mktemp("scans"), PHANTOMS)


@pytest.fixture(scope="module")
def screens(
    chromium: Browser, archive: Archive, session: Any
) -> Iterator[Callable[[int], tuple[BrowserContext, Watch]]]:
    """One window for each kind of screen, so that scripts are fetched once."""
    opened: dict[int, tuple[BrowserContext, Watch]] = {}

    def screen(ratio: int) -> tuple[BrowserContext, Watch]:
        if ratio not in opened:
            context = chromium.new_context(
                base_url=archive.server.url,
                viewport={"width": 1440, "height": 900},
                locale="en-GB",
                device_scale_factor=ratio,
                reduced_motion="reduce",
                storage_state=session,
            )
            watch = Watch(archive.server.url)
            watch.attend(context)
            opened[ratio] = context, watch
        return opened[ratio]

    yield screen
    for context, _ in opened.values():
        context.close()


@pytest.fixture(scope="module")
def images(archive: Archive) -> dict[str, Any]:
    """SimpleITK's reading of the scans."""
    return {name: oracle(archive, name) for name in SCANS}


Sit = Callable[..., Desk]


@pytest.fixture
def sit(archive: Archive, images: dict[str, Any], screens: Any) -> Iterator[Sit]:
    """Open a phantom that nobody has read: ``sit("tilted", ratio=2)``."""
    desks: list[tuple[Desk, Watch]] = []

    def at(name: str, ratio: int = 1) -> Desk:
        archive.forget(name)
        context, watch = screens(ratio)
        page = context.new_page()
        page.set_default_timeout(20_000)
        desk = Desk(page, archive, name, SCANS[name], images[name], ratio)
        desks.append((desk, watch))
        open_viewer(page, archive.ids[name])
        expect(page.locator(".viewer")).to_have_attribute("data-volume", "here")
        return desk

    yield at
    for desk, watch in desks:
        with suppress(Error, AssertionError):
            desk.saved()
        desk.page.close()
        faults, watch.faults = watch.verdict(), []
        assert faults == []
