"""Standardised uptake values by body weight: which factor leads from a PET series' values to SUVbw.

SUVbw [g/ml] = activity concentration [Bq/ml] × body weight [g] ÷ dose [Bq], both at one moment. To which
moment the values were corrected the file says in Decay Correction (0054,1102): START, the start of the
series, to which the dose is then decayed; or ADMIN, the injection, with the dose as it is. Nothing is
corrected twice. Where an element that this needs is missing or cannot be meant, the values stay what they
are and the reason is given: a wrong SUV is worse than none.

References
----------
QIBA, SUV calculation: vendor-neutral and vendor-specific pseudo-code. PS3.3 C.8.9.1 (Units, SUV Type, Decay
Correction), C.8.9.2 (PET Isotope), C.8.9.4 (Frame Reference Time).
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from app.imaging import values
from app.imaging.errors import N_, ImagingError, InvalidElement, Message, UnsupportedData
from app.imaging.limits import DEFAULT_LIMITS, ReadLimits
from app.imaging.petchecks import COMMON, plausible, require_corrections, require_same
from app.imaging.petfacts import PetFacts, read_pet_facts
from app.imaging.sliceheader import SliceHeader
from app.imaging.uptake import reference_moment, uptake_seconds

SUV = "SUVbw"
BECQUEREL = "Bq/ml"
# Enhanced PET, and Legacy Converted Enhanced PET.
_ENHANCED = ("1.2.840.10008.5.1.4.1.1.130", "1.2.840.10008.5.1.4.1.1.128.1")
_SUV_TYPES = {
    "": SUV,  # PS3.3 C.8.9.1: body weight where Units are GML and nothing else is said
    "BW": SUV,
    "LBM": "SUVlbm",
    "LBMJAMES128": "SUVlbm",
    "LBMJANMA": "SUVlbm",
    "BSA": "SUVbsa",
    "IBW": "SUVibw",
}
# The other defined terms of Units (PS3.3 C.8.9.1.1.3).
_OTHER_UNITS = (
    "NONE", "CM2", "CM2ML", "PCNT", "CPS", "MGMINML", "UMOLMINML", "MLMING", "MLG", "1CM", "UMOLML",
    "PROPCNTS", "PROPCPS", "MLMINML", "MLML", "STDDEV",
)  # fmt: skip
_WEIGHT_KG = (1.0, 400.0)
_DOSE_BQ = (1e6, 1e12)
# Below it megabecquerels must be meant, above it kilobecquerels may be.
_MEGABECQUERELS = 1e5
_HALF_LIFE_S = (60.0, 1e7)


@dataclass(frozen=True)
class SuvResult:
    """What became of a PET series' values.

    Attributes
    ----------
    unit : str
        Of the values now: "SUVbw" (g/ml), "SUVlbm", "SUVbsa" or "SUVibw" as the file has them, "Bq/ml", or
        the file's own.
    reason : Message or None
        Why they are no SUVbw.
    warnings : tuple of Message
        What was assumed on the way.
    weight_kg, dose_bq, half_life_s, uptake_s : float or None
        What was used; the time is that between injection and reference moment.
    """

    unit: str
    reason: Message | None = None
    warnings: tuple[Message, ...] = ()
    weight_kg: float | None = None
    dose_bq: float | None = None
    half_life_s: float | None = None
    uptake_s: float | None = None

    @property
    def is_suv(self) -> bool:
        """Whether the values are SUVbw."""
        return self.unit == SUV

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept with the volume; no dates are in it."""
        return asdict(self) | {
            "reason": self.reason.as_json() if self.reason else None,
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def to_suv(
    headers: Sequence[SliceHeader], limits: ReadLimits = DEFAULT_LIMITS
) -> tuple[list[SliceHeader], SuvResult]:
    """A PET series' headers with slopes, intercepts and windows that lead to SUVbw, or the reason why not.

    *headers* are to be all of the series that there are: the earliest acquisition counts. Other modalities,
    and values that are SUVbw already, come back as they are.
    """
    kept = list(headers)
    unit = kept[0].rescale.unit if kept else ""
    if not kept or unit == SUV or any(header.modality != "PT" for header in kept):
        return kept, SuvResult(unit)
    try:
        return _converted(kept, limits)
    except _Refused as refused:
        return refused.headers, SuvResult(refused.headers[0].rescale.unit, refused.reason)
    except ImagingError as fault:
        return kept, SuvResult(unit, fault.message)


class _Refused(Exception):
    """No SUV, but values that are better named or scaled than in the file."""

    def __init__(self, headers: list[SliceHeader], reason: Message) -> None:
        super().__init__()
        self.headers, self.reason = headers, reason


def _converted(headers: list[SliceHeader], limits: ReadLimits) -> tuple[list[SliceHeader], SuvResult]:
    if any(header.sop_class_uid in _ENHANCED or header.frames > 1 for header in headers):
        raise UnsupportedData(
            N_("SUV is not computed of enhanced PET, which states units and corrections frame by frame.")
        )
    facts = [read_pet_facts(path, limits) for path in (header.path for header in headers)]
    for field in ("units", "suv_type"):
        require_same(facts, field)
    units, suv_type = facts[0].units, facts[0].suv_type
    if not units:
        raise values.missing("Units")
    if not all(header.rescale.is_stated or header.rescale.has_table for header in headers):
        raise values.missing("RescaleSlope")
    if units == "GML" and suv_type in _SUV_TYPES:
        named = _SUV_TYPES[suv_type]
        return _scaled(headers, [1.0] * len(headers), named), SuvResult(named, _not_by_weight(named))
    if units == "CM2ML":
        return _scaled(headers, [1.0] * len(headers), "SUVbsa"), SuvResult("SUVbsa", _not_by_weight("SUVbsa"))
    if any(header.rescale.has_table for header in headers):
        raise UnsupportedData(N_("SUV is not computed of values from a Modality LUT Sequence (0028,3000)."))
    if units == "CNTS":
        return _from_counts(headers, facts)
    if units != "BQML":
        if units not in _OTHER_UNITS:  # which may be anything, and is not to be quoted
            raise InvalidElement(N_("Units (0054,1001) is none of BQML, CNTS and GML: SUV is not computed."))
        raise InvalidElement(
            N_("Units (0054,1001) is %(found)s; SUV is computed from BQML, CNTS and GML."), found=units
        )
    return _from_activity(_scaled(headers, [1.0] * len(headers), BECQUEREL), facts)


def _not_by_weight(unit: str) -> Message | None:
    if unit == SUV:
        return None
    return Message(N_("The file's values are %(unit)s, not SUV by body weight."), {"unit": unit})


def _from_counts(headers: list[SliceHeader], facts: list[PetFacts]) -> tuple[list[SliceHeader], SuvResult]:
    """Philips' counts: by its factor to SUV, else by the one to Bq/ml (vendor-specific branch)."""
    to_suv_factors = [fact.suv_factor for fact in facts]
    to_activity = [fact.activity_factor for fact in facts]
    if None not in to_suv_factors:
        require_corrections(facts)
        return _scaled(headers, _known(to_suv_factors), SUV), SuvResult(SUV)
    if None not in to_activity:
        return _from_activity(_scaled(headers, _known(to_activity), BECQUEREL), facts)
    raise InvalidElement(
        N_("Units (0054,1001) is CNTS and the maker's factors (7053,1000) and (7053,1009) are missing.")
    )


def _known(factors: Iterable[float | None]) -> list[float]:
    return [factor for factor in factors if factor is not None]


def _from_activity(headers: list[SliceHeader], facts: list[PetFacts]) -> tuple[list[SliceHeader], SuvResult]:
    """From Bq/ml, by dose and body weight."""
    try:
        factor, result = _by_weight(facts)
    except ImagingError as fault:
        raise _Refused(headers, fault.message) from None
    return _scaled(headers, [factor] * len(headers), SUV), result


def _by_weight(facts: list[PetFacts]) -> tuple[float, SuvResult]:
    """SUV of one Bq/ml: from weight, dose, and with START half-life and time of decay, each checked."""
    for field in COMMON:
        require_same(facts, field)
    require_corrections(facts)
    fact = facts[0]
    weight_kg = plausible(fact.weight_kg, "PatientWeight", "kg", _WEIGHT_KG)
    if not fact.items:
        raise values.missing("RadiopharmaceuticalInformationSequence")
    if fact.items > 1:
        raise UnsupportedData(
            N_("%(name)s %(tag)s has %(found)s items; SUV is computed of one injection."),
            **values.name_of("RadiopharmaceuticalInformationSequence"),
            found=fact.items,
        )
    if fact.dose_bq is not None and 1 <= fact.dose_bq < _MEGABECQUERELS:
        raise InvalidElement(
            N_("%(name)s %(tag)s is %(found)s Bq, which looks like megabecquerels; becquerels are wanted."),
            **values.name_of("RadionuclideTotalDose"),
            found=f"{fact.dose_bq:g}",
        )
    dose_bq = plausible(fact.dose_bq, "RadionuclideTotalDose", "Bq", _DOSE_BQ)
    if fact.decay_correction == "ADMIN":
        return weight_kg * 1000 / dose_bq, SuvResult(SUV, weight_kg=weight_kg, dose_bq=dose_bq)
    half_life_s = plausible(fact.half_life_s, "RadionuclideHalfLife", "s", _HALF_LIFE_S)
    reference, assumed = reference_moment(facts)
    uptake_s, doubts = uptake_seconds(fact, reference, half_life_s)
    decayed_bq = dose_bq * 2.0 ** (-uptake_s / half_life_s)
    result = SuvResult(SUV, None, (*assumed, *doubts), weight_kg, dose_bq, half_life_s, uptake_s)
    return weight_kg * 1000 / decayed_bq, result


def _scaled(headers: list[SliceHeader], factors: list[float], unit: str) -> list[SliceHeader]:
    """The headers with values times *factors*, named *unit*, and windows that give the same greys."""
    return [
        replace(
            header,
            rescale=replace(
                header.rescale, slope=header.slope * f, intercept=header.intercept * f, unit=unit
            ),
            windows=header.windows if f == 1 else _scaled_windows(header.windows, f),
        )
        for header, f in zip(headers, factors, strict=True)
    ]


def _scaled_windows(windows: Sequence[dict[str, Any]], factor: float) -> tuple[dict[str, Any], ...]:
    """LINEAR counts in whole steps of 1, too coarse for SUV: the same window as LINEAR_EXACT."""
    scaled = []
    for window in windows:
        center, width, function = window["center"], window["width"], window.get("function") or "LINEAR"
        if function == "LINEAR":
            center, width, function = center - 0.5, width - 1, "LINEAR_EXACT"
        if width * factor > 0:
            scaled.append(
                {**window, "center": center * factor, "width": width * factor, "function": function}
            )
    return tuple(scaled)
