"""What `make run` does before the server starts, in a process of its own."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("start") / "instance"


def prepare(instance: Path, **environment: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"]
    settings = {**os.environ, "TRIPLANO_INSTANCE": str(instance), "PORT": "5432", "MIN_FREE_DISK": "0"}
    done = subprocess.run(
        command, cwd=ROOT, env=settings | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_first_start_makes_all_that_is_wanted_and_the_second_no_more(instance: Path) -> None:
    first = prepare(instance)
    assert "Triplano: http://127.0.0.1:5432" in first
    assert re.search(r"http://127\.0\.0\.1:5432/setup/\S{40,}", first)
    key = instance / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 48
    with sqlite3.connect(instance / "triplano.db") as database:
        assert database.execute("select count(*), sum(is_demo) from studies").fetchone() == (1, 1)
        assert database.execute("select state from series").fetchall() == [("ready",)]
        # No account can sign in before the link was used.
        assert database.execute("select count(*) from users where password_hash != ''").fetchone() == (0,)

    secret = key.read_text()
    second = prepare(instance)
    assert "demo" not in second.lower()
    assert key.read_text() == secret


def test_public_url_is_what_the_links_show(instance: Path) -> None:
    assert "https://triplano.example/setup/" in prepare(instance, PUBLIC_URL="https://triplano.example/")


def test_a_foreign_registration_mode_stops_the_start(instance: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as stopped:
        prepare(instance, REGISTRATION="perhaps")
    assert "one of open, invitation, off is wanted" in stopped.value.stderr
