"""Both languages are complete, and what is compiled is what is kept."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.translations.update import (
    MO,
    PO,
    ROOT,
    WORDS,
    browser_words,
    collect,
    compiled,
    read_spanish,
    update,
)

PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%%")
# Names and codes that are the same in every language.
SAME = {
    "Triplano",
    "MIP",
    "MinIP",
    "GIF",
    "WebP",
    "WebM",
    "JSON",
    "SR",
    "OHIF",
    "RadiAnt",
    "Horos",
    "Slicer",
    "Esc",
    "fps",
    "Lin",
    "Log",
    "ES",
    "EN",
    "W",
    "L",
    "HU",
    "UH",
    "LPS",
    "mm",
    "ml",
    "ZIP",
    "CSV",
    "DICOM",
    "SEG",
    "seg",
    "RTSTRUCT",
    "NIfTI",
    "nii",
    "gz",
    "NRRD",
    "nrrd",
    "STL",
    "OBJ",
    "PLY",
    "GLB",
    "?",
    "3D",
    "2×2",
    "2 × 2",
    "1×",
    "MB",
}


@pytest.fixture(scope="module")
def spanish():  # type: ignore[no-untyped-def]
    return update(read_spanish())


def untranslated(catalog) -> list[object]:  # type: ignore[no-untyped-def]
    """The strings of *catalog* that lack Spanish words, plurals among them."""
    return [message.id for message in catalog if message.id and not all(_strings(message.string))]


def test_every_string_has_spanish_words(spanish) -> None:  # type: ignore[no-untyped-def]
    assert untranslated(spanish) == []


def test_placeholders_are_the_same_in_both_languages(spanish) -> None:  # type: ignore[no-untyped-def]
    wrong = [
        (message.id, message.string)
        for message in spanish
        if message.id
        and set(PLACEHOLDER.findall(_strings(message.id)[-1]))
        != set(PLACEHOLDER.findall(_strings(message.string)[-1]))
    ]
    assert wrong == []


def test_no_string_is_kept_that_nobody_uses() -> None:
    used = {message.id for message in collect()}
    assert [message.id for message in read_spanish() if message.id not in used] == []


def test_compiled_catalogues_are_up_to_date() -> None:
    kept = read_spanish()
    assert MO.read_bytes() == compiled(kept), f"{PO.name} changed: run make translations"
    assert WORDS.read_text(encoding="utf-8") == browser_words(kept), "run make translations"


def test_an_untranslated_string_would_be_found(spanish) -> None:  # type: ignore[no-untyped-def]
    from copy import deepcopy

    planted = deepcopy(spanish)
    planted.add("A sentence nobody translated")
    planted.add(("one forgotten", "many forgotten"), ("una olvidada", ""))
    assert set(untranslated(planted)) == {
        "A sentence nobody translated",
        ("one forgotten", "many forgotten"),
    }


class _Texts(HTMLParser):
    """The words a template would show, Jinja's parts taken out before."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style", "code", "kbd"}
        self.found += [
            value or ""
            for name, value in attrs
            if name in {"title", "placeholder", "aria-label", "alt"} and value
        ]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style", "code", "kbd"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: p.name)
def test_templates_hold_no_bare_words(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    # Blocks that stand inside a tag hold attributes, not words.
    source = re.sub(r"\{% block \w*(attributes|class) %\}.*?\{% endblock %\}", "", source, flags=re.S)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.S)
    parser = _Texts()
    parser.feed(source)
    words = {" ".join(text.split()) for text in parser.found}
    bare = {text for text in words if not set(re.findall(r"\w*[A-Za-zÁ-ú]{2}\w*", text)) <= SAME}
    assert bare - {"Español", "English"} == set()


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (tuple, list)) else (str(value or ""),)
