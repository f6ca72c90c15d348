"""Imports only go down. The table is the one of docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FEATURES = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")} - {
    "imaging",
    "engines",
    "models",
    "storage",
    "archive",
    "translations",
}
WEB = {
    "flask",
    "flask_wtf",
    "flask_login",
    "flask_babel",
    "flask_sqlalchemy",
    "flask_migrate",
    "werkzeug",
    "wtforms",
}
SQL = {"sqlalchemy", "alembic", "flask_sqlalchemy"}

# Floor: (the rooms of app/ it may use beside its own, outside packages it must not know)
FLOORS: dict[str, tuple[set[str], set[str]]] = {
    "imaging": (set(), WEB | SQL),
    "engines": ({"imaging"}, WEB | SQL),
    "storage": (set(), WEB | SQL | {"pydicom", "numpy"}),
    "models": (set(), {"flask", "flask_wtf", "flask_babel", "werkzeug", "wtforms", "pydicom", "numpy"}),
    "archive": ({"models", "storage", "imaging", "engines"}, WEB),
}
FEATURE_FLOORS = {
    "archive",
    "models",
    "storage",
    "imaging",
    "engines",
    "i18n",
    "errors",
    "fields",
    "security",
    "config",
}


def imported_modules(source: str) -> Iterator[str]:
    """Every absolute module name that *source* imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "app")


def faults(room: str, source: str) -> list[str]:
    """The imports of *source*, a module of ``app/<room>/``, that its floor does not allow."""
    allowed, forbidden = FLOORS.get(room, (FEATURE_FLOORS, set()))
    found = []
    for module in imported_modules(source):
        top, _, rest = module.partition(".")
        if top == "app":
            used = rest.partition(".")[0]
            if used and used not in allowed | {room}:
                found.append(module)
        elif top in forbidden:
            found.append(module)
    return found


def test_features_are_the_rooms_that_register_themselves() -> None:
    from app.features import FEATURES as REGISTERED

    assert set(REGISTERED) == FEATURES


# translations/ is a maintainer's command and the catalogues, no part of the application.
MODULES = [
    path
    for path in sorted((ROOT / "app").glob("*/**/*.py"))
    if path.relative_to(ROOT / "app").parts[0] != "translations"
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_go_down(path: Path) -> None:
    assert faults(path.relative_to(ROOT / "app").parts[0], path.read_text()) == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("imaging", "from flask import request"),
        ("imaging", "import app.archive.access"),
        ("archive", "from flask_login import current_user"),
        ("storage", "from app.models import db"),
        ("viewer", "from app.accounts.service import create_user"),
        ("viewer", "def late():\n    from app import accounts"),
    ],
)
def test_a_planted_fault_is_found(room: str, source: str) -> None:
    assert faults(room, source)
