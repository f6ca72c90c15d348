"""The menu of codes, held against the context groups that pydicom has from the standard."""

from collections import defaultdict

import pytest
from pydicom.sr import _concepts_dict

from app.imaging.anatomy import UNNAMED, category_of, concept_of, concepts
from app.imaging.segments import Code

# One value has several keywords there, with meanings and context groups of their own.
MEANINGS: dict[str, set[str]] = defaultdict(set)
GROUPS: dict[str, set[int]] = defaultdict(set)
for named in _concepts_dict.concepts["SCT"].values():
    for code_value, (meaning, groups) in named.items():
        MEANINGS[code_value].add(meaning.lower())
        GROUPS[code_value].update(groups)
CATEGORIES, TYPES = 7150, 7151
# Findings and structures from the sets beside CID 7151, which is extensible.
BESIDE_7151 = {
    "18234004", "78076003", "15924003", "31389004", "66754008", "23416004", "49076000",
    "12611008", "35566002", "85659009", "60046008", "36118008", "112674009",
}  # fmt: skip


@pytest.mark.parametrize("concept", concepts(), ids=lambda concept: concept.code.meaning)
def test_code_and_meaning_are_those_of_the_standard(concept):
    code, category = concept.code, concept.category

    assert code.meaning.lower() in MEANINGS[code.value]
    assert category.meaning.lower() in MEANINGS[category.value]
    assert CATEGORIES in GROUPS[category.value]
    assert (TYPES in GROUPS[code.value]) == (code.value not in BESIDE_7151)


def test_menu_is_whole_and_without_doubles():
    menu = concepts()

    assert len(menu) == 185
    assert len({concept.code.value for concept in menu}) == 185
    assert len({concept.name_es for concept in menu}) == 185
    assert all(len(concept.code.meaning) <= 64 and concept.name_es for concept in menu)


def test_names_in_both_languages():
    kidney = concept_of(Code("64033007", "SCT", "Kidney"))

    assert (kidney.name("es"), kidney.name("en"), kidney.name("es-MX")) == ("Riñón", "Kidney", "Riñón")
    assert kidney.group == "abdomen"


def test_categories():
    assert category_of(Code("64033007", "SCT", "Kidney")).meaning == "Anatomical Structure"
    assert category_of(Code("4147007", "SCT", "Mass")).meaning == "Morphologically Abnormal Structure"
    assert category_of(Code("55603005", "SCT", "Fat")).meaning == "Tissue"
    assert category_of(Code("GTV", "99LOCAL", "Tumour")).meaning == "Anatomical Structure"
    assert category_of(None) == UNNAMED
