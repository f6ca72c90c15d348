"""Vendored parts keep their licence and version; pinned packages keep off known holes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


VENDORED = sorted([*(ROOT / "static/vendor").iterdir(), *(ROOT / "tests/browser/vendor").glob("*/")])


@pytest.mark.parametrize("folder", VENDORED, ids=lambda p: p.name)
def test_vendored_folder_has_licence_and_version(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names & {"LICENSE", "OFL.txt", "LICENSE.txt"}, f"{folder.name} has no licence"
    assert re.fullmatch(r"\d+(\.\d+)+\s*", (folder / "VERSION").read_text())


@pytest.mark.parametrize("path", sorted((ROOT / "static").rglob("*.css")), ids=lambda p: p.name)
def test_stylesheets_ask_nobody_else(path: Path) -> None:
    asked = re.findall(r"url\(\s*[\"']?((?:https?:)?//[^\"')]+)", path.read_text())
    assert asked == []


def test_own_stylesheets_take_their_colours_from_the_tokens() -> None:
    own = [path for path in (ROOT / "static/css").glob("*.css") if path.name != "tokens.css"]
    fixed = {
        (path.name, colour)
        for path in own
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\s*\{)", path.read_text())
    }
    assert fixed == set()


def test_pins_avoid_known_vulnerabilities() -> None:
    pins = dict(re.findall(r"^([a-z-]+)==([\d.]+)$", (ROOT / "requirements.txt").read_text(), re.M))
    known_good = {
        "pydicom": (3, 0, 2),  # CVE-2026-32711: path traversal by FileSet
        "bokeh": (3, 8, 2),  # GHSA-793v-589g-574v: websocket origin check
    }
    for name, least in known_good.items():
        assert tuple(int(part) for part in pins[name].split(".")) >= least


def test_torch_is_pinned_without_a_local_version() -> None:
    text = (ROOT / "requirements.txt").read_text()
    assert "torch==2.13.0\n" in text
    assert "torchvision==0.28.0\n" in text
    assert "nninteractive==2.6.0\n" in text
