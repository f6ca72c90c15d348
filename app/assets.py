"""Static files under an address that names their content, compressed once.

``url_for("static", filename=…)`` gives ``/static/v/<version>/…``, where the version is a hash of everything
that is served: browsers keep such a file for good and ask again for none after a reload. Modules that import
each other by relative addresses stay under the same version. ``modules_of`` lists what a page's script will
import, so that the page can ask for all of it at once instead of level by level.
"""

import hashlib
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from flask import Flask, Response, request, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from isal import igzip
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from app.vendor import is_packaged, vendor_file, vendor_scripts

_COMPRESSED = {".js", ".css", ".svg", ".json"}
_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;'"]*?['"](\.{1,2}/[^'"]+)['"]""", re.MULTILINE)
_KEEP = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: ``compressed`` is None where that gains nothing."""

    content: bytes
    compressed: bytes | None
    mimetype: str
    etag: str


class Assets:
    """The files below *folder*; read when first asked for, and kept unless *watches* for changes."""

    def __init__(self, folder: Path, watches: bool = False) -> None:
        self.folder = folder
        self.version = "now" if watches else _hash_of(folder)
        self._watches = watches
        self._kept = lru_cache(maxsize=None)(self._read)

    def asset(self, filename: str) -> Asset:
        """The file of that name.

        Raises
        ------
        NotFound
        """
        return self._read(filename) if self._watches else self._kept(filename)

    def modules_of(self, filename: str) -> list[str]:
        """*filename*, a module, and all that it imports, each once, nearest first."""
        found = [filename]
        for name in found:
            found.extend(one for one in self._imports(name) if one not in found)
        return found

    def _imports(self, filename: str) -> Iterator[str]:
        for address in dict.fromkeys(_IMPORT.findall(self.asset(filename).content.decode())):
            parts: list[str] = []
            for part in (PurePosixPath(filename).parent / address).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            yield "/".join(parts)

    def _read(self, filename: str) -> Asset:
        path = vendor_file(filename) if is_packaged(filename) else safe_join(str(self.folder), filename)
        if path is None:
            raise NotFound
        try:
            content = Path(path).read_bytes()
        except (OSError, ValueError):  # no file, a folder, a name too long for one or with a NUL
            raise NotFound from None
        compressed = igzip.compress(content, 3) if Path(path).suffix in _COMPRESSED else None
        mimetype = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return Asset(content, compressed, mimetype, hashlib.sha256(content).hexdigest()[:32])


def _hash_of(folder: Path) -> str:
    """A text that is another one when any file below *folder* is."""
    digest = hashlib.sha256("\0".join(vendor_scripts()).encode())  # their names hold their versions
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class _Sessions(SecureCookieSessionInterface):
    """Static files are the same for everybody: an answer that varied by cookie would not be kept."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static":
            super().save_session(app, session, response)


def register_assets(app: Flask, folder: Path) -> None:
    """Serve *folder* as the endpoint ``static``; give templates ``modules_of`` and ``scene_scripts``."""
    assets = Assets(folder, watches=app.debug)

    def static(filename: str, version: str = "") -> Response:
        asset = assets.asset(filename)
        is_current = version == assets.version and not app.debug
        takes_gzip = asset.compressed is not None and request.accept_encodings["gzip"] > 0
        answer = Response(asset.compressed if takes_gzip else asset.content, mimetype=asset.mimetype)
        if takes_gzip:
            answer.headers["Content-Encoding"] = "gzip"
        if asset.compressed is not None:
            answer.vary.add("Accept-Encoding")
        answer.set_etag(f"{asset.etag}-gzip" if takes_gzip else asset.etag)
        answer.headers["Cache-Control"] = _KEEP if is_current else _ASK_AGAIN
        answer.make_conditional(request)
        return answer

    app.session_interface = _Sessions()
    app.add_url_rule("/static/v/<version>/<path:filename>", "static", static)
    app.add_url_rule("/static/<path:filename>", "static", static)

    @app.url_defaults
    def name_the_version(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static":
            values.setdefault("version", assets.version)

    app.jinja_env.globals["modules_of"] = assets.modules_of
    app.jinja_env.globals["scene_scripts"] = lambda: [
        url_for("static", filename=name) for name in vendor_scripts()
    ]
