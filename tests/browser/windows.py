"""Windows of the one Chromium of a worker: each test gets them as if new, but their scripts are compiled.

A first load of the viewer in a new context costs over two seconds of computing, the next one in the same
page a third of that. So a window that a test is done with is emptied and kept for the next test that asks for
one alike: no cookies, nothing stored, no routes, no permissions, online, the pointer in the corner.
"""

from collections.abc import Hashable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page

KEPT = 5  # windows that wait for another test; each is a process of 100 MB and more
SAVES_DATA = "Object.defineProperty(Navigator.prototype, 'connection', { value: { saveData: true } })"
EMPTY = "/healthz"  # a page of the same origin, so of the same process, without a script
PATIENCE_MS = 5000


class Watch:
    """What went wrong on the pages of one test."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self.expected: list[str] = []  # parts of messages that a test provokes on purpose

    def request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", f"blob:{self.origin}")):
            self.faults.append(f"request to another origin: {request.url}")

    def console(self, message: Any) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def exception(self, error: Any) -> None:
        self.faults.append(f"exception: {error.error}")

    def verdict(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]


class Window:
    """A context with one page; who watches it changes with the test."""

    def __init__(self, kind: Hashable, context: BrowserContext) -> None:
        self.kind, self.context = kind, context
        self.page: Page = context.new_page()
        self.watch: Watch | None = None
        context.on("request", lambda request: self.watch and self.watch.request(request))
        context.on("console", lambda message: self.watch and self.watch.console(message))
        context.on("weberror", lambda error: self.watch and self.watch.exception(error))

    def empty(self) -> None:
        """Make it as good as new; ``Error`` where that cannot be."""
        for page in self.context.pages:
            if page != self.page:
                page.close()
        self.context.set_offline(False)
        self.context.unroute_all(behavior="ignoreErrors")
        self.page.unroute_all(behavior="ignoreErrors")
        self.watch = None  # the empty page has no icon
        self.page.goto(EMPTY, timeout=PATIENCE_MS)
        self.page.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")
        self.context.clear_cookies()
        self.context.clear_permissions()
        self.page.mouse.up()
        self.page.mouse.move(0, 0)

    def close(self) -> None:
        self.watch = None
        self.context.close()


class Windows:
    """Hands out windows of a browser and takes them back."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: list[Window] = []

    def take(
        self,
        watch: Watch,
        storage_state: Any = None,
        size: Any = None,
        saves_data: bool = False,
        alone: bool = False,
        **options: Any,
    ) -> Window:
        """A window with *options* of ``Browser.new_context``; with *alone* one that nobody had before."""
        kind = (saves_data, *sorted((name, repr(value)) for name, value in options.items()))
        window = None if alone else next((one for one in self._idle if one.kind == kind), None)
        if window:
            self._idle.remove(window)
        else:
            if size:
                options["viewport"] = {"width": size[0], "height": size[1]}
            window = Window(None if alone else kind, self._browser.new_context(**options))
            if saves_data:
                window.context.add_init_script(SAVES_DATA)
        if size:
            window.page.set_viewport_size({"width": size[0], "height": size[1]})
        if storage_state:
            window.context.add_cookies(storage_state["cookies"])
        window.watch = watch
        return window

    def give_back(self, window: Window, is_fit: bool) -> None:
        """Keep it for another test, unless it was alone or its test failed."""
        if is_fit and window.kind is not None:
            with suppress(Error):
                window.empty()
                self._idle.append(window)
                if len(self._idle) > KEPT:
                    self._idle.pop(0).close()
                return
        window.close()

    def close(self) -> None:
        for window in self._idle:
            window.close()
        self._idle.clear()
