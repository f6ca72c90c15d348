"""Bokeh's, Panel's and vtk.js's own scripts, taken out of the installed packages.

They stand among the static files under ``vendor/<package>/<version>/``: no copy of them in the repository can
fall behind the packages that make the documents they draw. Panel's documents name its style sheets below
``PANEL_CDN_ROOT`` (:mod:`app.imaging.scenebuild`), so what they may name is served as well.
"""

from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

FOLDER = "vendor/"
_FOLDERS = {"bokeh": "server/static/js", "panel": "dist"}
_SCRIPTS = (
    ("bokeh", "bokeh.min.js"),
    ("bokeh", "bokeh-widgets.min.js"),  # panel.min.js throws without it
    ("bokeh", "bokeh-tables.min.js"),
    ("panel", "dist/bundled/abstractvtkplot/vtk.js@30.1.0/vtk.js"),
    ("panel", "dist/panel.min.js"),
)
_STYLES = {".css", ".png", ".svg", ".woff", ".woff2"}


def vendor_scripts() -> list[str]:
    """The names of the scripts among the static files, in the order in which they are to be loaded."""
    return [f"{FOLDER}{package}/{version(package)}/{name}" for package, name in _SCRIPTS]


def is_packaged(filename: str) -> bool:
    """Whether the static file *filename* is one of a package, and not of our own folder of vendors' files."""
    return any(filename.startswith(f"{FOLDER}{package}/") for package in _FOLDERS)


def vendor_file(filename: str) -> Path | None:
    """Where the static file *filename* lies in an installed package; None for what is not served."""
    parts = PurePosixPath(filename).parts
    if len(parts) < 4 or f"{parts[0]}/" != FOLDER or parts[1] not in _FOLDERS or ".." in parts:
        return None
    package, name = parts[1], "/".join(parts[3:])
    is_style = package == "panel" and parts[3] == "dist" and Path(name).suffix in _STYLES
    if parts[2] != version(package) or not (is_style or (package, name) in _SCRIPTS):
        return None
    # Panel adds "dist" to the address itself.
    return _folder(package) / name.removeprefix("dist/")


@lru_cache(maxsize=len(_FOLDERS))
def _folder(package: str) -> Path:
    """The package is found, not imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent / _FOLDERS[package]
