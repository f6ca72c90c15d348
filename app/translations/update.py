"""``make translations``: collect the strings, update the catalogue, compile it for server and browser.

The English text is the key, so English is complete by itself; Spanish is ``es/LC_MESSAGES/messages.po``.
What the browser's modules use is written to ``static/js/words/es.js``.
"""

import io
import json
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent.parent
PO = ROOT / "app/translations/es/LC_MESSAGES/messages.po"
MO = PO.with_suffix(".mo")
WORDS = ROOT / "static/js/words/es.js"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}


def collect() -> Catalog:
    """Every string of the application, with the files it stands in."""
    with (ROOT / "babel.cfg").open() as handle:
        methods, options = parse_mapping_cfg(handle)  # type: ignore[no-untyped-call]
    catalog = Catalog(project="Triplano", charset="utf-8")
    found = extract_from_dir(str(ROOT), methods, options, keywords=KEYWORDS)
    for filename, _line, message, _comments, context in found:
        # JavaScript's plurals are two messages, chosen in the browser.
        if filename.startswith("static/js/") and isinstance(message, tuple):
            for single in message:
                catalog.add(single, locations=[(filename, 0)], context=context)
        else:
            catalog.add(message, locations=[(filename, 0)], context=context)
    return catalog


def read_spanish() -> Catalog:
    """The Spanish catalogue as it is kept."""
    with PO.open("rb") as handle:
        return read_po(handle, locale="es")


def update(spanish: Catalog) -> Catalog:
    """*spanish* with today's strings: new ones empty, gone ones dropped, no guesses."""
    spanish.update(collect(), no_fuzzy_matching=True)
    spanish.obsolete.clear()
    return spanish


def browser_words(spanish: Catalog) -> str:
    """The module with the words of the browser's code."""
    words = {
        str(message.id): message.string
        for message in spanish
        if message.id
        and message.string
        and any(name.startswith("static/js/") for name, _ in message.locations)
    }
    body = json.dumps(dict(sorted(words.items())), ensure_ascii=False, indent=2)
    head = "// Written by `make translations` from app/translations; change the words there."
    return f"{head}\nexport default {body};\n"


def compiled(spanish: Catalog) -> bytes:
    """The catalogue in gettext's binary form."""
    target = io.BytesIO()
    write_mo(target, spanish)
    return target.getvalue()


def main() -> None:
    """Update, compile, and say what still wants words."""
    spanish = update(read_spanish()) if PO.exists() else update(Catalog(locale="es", charset="utf-8"))
    with PO.open("wb") as handle:
        write_po(handle, spanish, width=110, sort_output=True, omit_header=False, include_lineno=False)
    MO.write_bytes(compiled(spanish))
    WORDS.write_text(browser_words(spanish), encoding="utf-8")
    missing = [message.id for message in spanish if message.id and not message.string]
    print(f"{len(spanish)} strings, {len(missing)} without Spanish")
    for text in missing:
        print("  ", text)


if __name__ == "__main__":
    main()
