"""Settings, and the files that stand beside them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import _INTEGERS, _STRINGS, load_settings


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_key_and_database_are_the_servers_alone(tmp_path: Path, loose_umask: None) -> None:
    instance = tmp_path / "instance"
    first = load_settings({"INSTANCE": instance})
    assert mode(instance) == 0o700
    assert {path.name: mode(path) for path in instance.iterdir()} == {
        "secret_key": 0o600,
        "triplano.db": 0o600,
    }
    assert load_settings({"INSTANCE": instance})["SECRET_KEY"] == first["SECRET_KEY"]


def test_a_database_elsewhere_leaves_no_file_here(tmp_path: Path) -> None:
    settings = load_settings({"INSTANCE": tmp_path, "DATABASE_URL": "postgresql://db/triplano"})
    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql://db/triplano"
    assert not (tmp_path / "triplano.db").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("REGISTRATION", "closed"), ("DEFAULT_LANGUAGE", "fr"), ("JOB_WORKERS", "two"), ("MAX_FILE_SIZE", "-1")],
)
def test_a_setting_that_cannot_be_meant_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name} is '{value}'"):
        load_settings({"INSTANCE": tmp_path})


def test_settings_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FILE_SIZE", "12345")
    monkeypatch.setenv("DEFAULT_LANGUAGE", "en")
    monkeypatch.setenv("JOB_WORKERS", "")  # as an empty line of a compose file
    settings = load_settings({"INSTANCE": tmp_path})
    assert (settings["MAX_FILE_SIZE"], settings["DEFAULT_LANGUAGE"], settings["JOB_WORKERS"]) == (
        12345,
        "en",
        2,
    )


def test_every_setting_stands_in_the_readme() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in (*_INTEGERS, *_STRINGS, "SECURE_COOKIES") if f"`{name}`" not in readme] == []
