"""The phantom in all its scans on a server, and desks at which it is read."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import NewPage, Server
from tests.browser.looking import open_viewer
from tests.browser.phantom.desk import Desk
from tests.browser.phantom.scans import PHANTOMS, SCANS
from tests.browser.series import Archive, take_in
from tests.browser.viewing import oracle


@pytest.fixture(scope="session")
def archive(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return take_in(server, "fanny", tmp_path_factory.mktemp("scans"), PHANTOMS)


@pytest.fixture(scope="session")
def images(archive: Archive) -> dict[str, Any]:
    """SimpleITK's reading of the scans."""
    return {name: oracle(archive, name) for name in SCANS}


Sit = Callable[..., Desk]


@pytest.fixture
def screen(new_page: NewPage, session: Any) -> Callable[[int], Page]:
    """A page on a kind of screen: ``screen(2)``."""
    return lambda ratio: new_page(locale="en-GB", scale=ratio, storage_state=session)


@pytest.fixture
def sit(archive: Archive, images: dict[str, Any], screen: Callable[[int], Page]) -> Iterator[Sit]:
    """Open a phantom that nobody has read: ``sit("tilted", ratio=2)``."""
    desks: list[Desk] = []

    def at(name: str, ratio: int = 1) -> Desk:
        archive.forget(name)
        page = screen(ratio)
        desk = Desk(page, archive, name, SCANS[name], images[name], ratio)
        desks.append(desk)
        open_viewer(page, archive.ids[name])
        expect(page.locator(".viewer")).to_have_attribute("data-volume", "here")
        return desk

    yield at
    for desk in desks:
        with suppress(Error, AssertionError):
            desk.saved()
