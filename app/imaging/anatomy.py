"""Common structures and findings with their SNOMED CT codes, to name segments by.

``data/anatomy.json`` holds them in the order of a menu: by region from head to foot, then what lies anywhere,
findings and devices. The codes and English meanings are DICOM's; sides have no codes of their own there, so
"left kidney" is the kidney, and its side stands in the segment's name.

References
----------
PS3.16 CID 7150 (Segmentation Property Categories), CID 7151 (Segmentation Property Types) and the sets for
findings (6030, 6105, 6335, 3810) and regions (1000, 7601, 8134) beside it.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.imaging.segments import Code

_SCHEME = "SCT"
UNNAMED = Code("85756007", _SCHEME, "Tissue")
"""Category and type of a segment of which nobody said what it is (as dcmqi and 3D Slicer have it)."""


@dataclass(frozen=True)
class Concept:
    """One entry of the menu.

    Attributes
    ----------
    code : Code
        The type: what it is; its meaning is English.
    name_es : str
        Its name in the Spanish of Mexico.
    category : Code
    group : str
        "head", "neck", "thorax", "abdomen", "pelvis", "bones", "general", "lesions" or "devices".
    """

    code: Code
    name_es: str
    category: Code
    group: str

    def name(self, language: str) -> str:
        """The name in *language*, "es" or English."""
        return self.name_es if language.startswith("es") else self.code.meaning


@cache
def concepts() -> tuple[Concept, ...]:
    """All entries, in the order of the menu."""
    text = files("app.imaging").joinpath("data/anatomy.json").read_text("utf-8")
    stored = json.loads(text)
    categories = {
        key: Code(entry["value"], _SCHEME, entry["meaning"]) for key, entry in stored["categories"].items()
    }
    return tuple(
        Concept(
            Code(entry["value"], _SCHEME, entry["meaning"]),
            entry["es"],
            categories[entry["category"]],
            entry["group"],
        )
        for entry in stored["concepts"]
    )


def concept_of(code: Code | None) -> Concept | None:
    """The entry of *code*; None for a code that is not in the menu."""
    return _by_value().get((code.scheme, code.value)) if code is not None else None


def category_of(code: Code | None) -> Code:
    """The category of the type *code*: of the menu, "Anatomical Structure" for other codes, else "Tissue"."""
    if code is None:
        return UNNAMED
    found = concept_of(code)
    return found.category if found else concepts()[0].category


@cache
def _by_value() -> dict[tuple[str, str], Concept]:
    return {(concept.code.scheme, concept.code.value): concept for concept in concepts()}
