"""What must hold of a PET series before SUV is computed of it.

References
----------
PS3.3 C.8.9.1 (PET Series). QIBA, SUV calculation: vendor-neutral pseudo-code.
"""

from app.imaging import values
from app.imaging.errors import N_, InvalidElement
from app.imaging.petfacts import PetFacts

# What one series can have only one of; the element named in the reason.
COMMON = {
    "units": "Units",
    "suv_type": "SUVType",
    "decay_correction": "DecayCorrection",
    "corrected": "CorrectedImage",
    "weight_kg": "PatientWeight",
    "dose_bq": "RadionuclideTotalDose",
    "half_life_s": "RadionuclideHalfLife",
    "items": "RadiopharmaceuticalInformationSequence",
    "injected": "RadiopharmaceuticalStartDateTime",
    "injected_time_s": "RadiopharmaceuticalStartTime",
}


def require_same(facts: list[PetFacts], field: str) -> None:
    """All images state the same in *field*, a key of :data:`COMMON`.

    Raises
    ------
    InvalidElement
        They differ.
    """
    if any(getattr(fact, field) != getattr(facts[0], field) for fact in facts):
        raise InvalidElement(
            N_("%(name)s %(tag)s differs between the images of the series."), **values.name_of(COMMON[field])
        )


def require_corrections(facts: list[PetFacts]) -> None:
    """Attenuation and decay corrected, and to which moment.

    Raises
    ------
    InvalidElement
        They are not, or it is not said.
    """
    for field in ("corrected", "decay_correction"):
        require_same(facts, field)
    corrected, moment = facts[0].corrected, facts[0].decay_correction
    if not corrected:
        raise values.missing("CorrectedImage")
    # DECY is the standard's term; QIBA's text and some makers have DECAY.
    for terms in (("ATTN",), ("DECY", "DECAY")):
        if not corrected.intersection(terms):
            raise InvalidElement(
                N_("%(name)s %(tag)s does not hold %(wanted)s: the values were not corrected for it."),
                **values.name_of("CorrectedImage"),
                wanted=terms[0],
            )
    if not moment:
        raise values.missing("DecayCorrection")
    if moment not in ("START", "ADMIN", "NONE"):
        raise InvalidElement(
            N_("%(name)s %(tag)s is neither START nor ADMIN."), **values.name_of("DecayCorrection")
        )
    if moment == "NONE":
        raise InvalidElement(
            N_("%(name)s %(tag)s is %(found)s; START or ADMIN is wanted."),
            **values.name_of("DecayCorrection"),
            found=moment,
        )


def plausible(found: float | None, keyword: str, unit: str, span: tuple[float, float]) -> float:
    """The number *found* in the element *keyword*, in *unit*, if it lies within *span*.

    Raises
    ------
    InvalidElement
        It is missing, or outside.
    """
    if found is None:
        raise values.missing(keyword)
    if not span[0] <= found <= span[1]:
        raise InvalidElement(
            N_("%(name)s %(tag)s is %(found)s %(unit)s; %(low)s to %(high)s is plausible."),
            **values.name_of(keyword),
            found=f"{found:g}",
            unit=unit,
            low=f"{span[0]:g}",
            high=f"{span[1]:g}",
        )
    return found
