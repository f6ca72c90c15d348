"""When a PET series' values hold, and how long after the injection that is.

References
----------
QIBA, SUV calculation: series or private scan time as reference, midnight. PS3.3 C.8.9.1 (Decay Correction),
C.8.9.4.1.5 (Frame Reference Time, and the mean moment of a decaying frame).
"""

import math

from app.imaging import values
from app.imaging.errors import N_, InvalidElement, Message
from app.imaging.petfacts import DAY_S, PetFacts

# Six half-lives after the injection a sixty-fourth is left: nobody scans then.
_MOST_HALF_LIVES = 6
_DATE_NEEDED_ABOVE_S = 12 * 3600
# Clocks of one scanner write 11:20:11 here and 11:20:10.6 there.
_SAME_MOMENT_S = 1.0
_LONGEST_SERIES_S = 12 * 3600
_FRAMES_AGREE_S = 60.0


def reference_moment(facts: list[PetFacts]) -> tuple[float, tuple[Message, ...]]:
    """The moment to which START corrected the values, and what was assumed to find it.

    The series' start, unless that lies after the acquisition: then the series was made later, of images taken
    before (QIBA), and the maker's or the frames' own times tell.

    Raises
    ------
    MissingElement, InvalidElement
        No time at all, or midnight to the second throughout.
    """
    series = min((fact.series_start for fact in facts if fact.series_start is not None), default=None)
    acquired = [fact.acquisition_start for fact in facts if fact.acquisition_start is not None]
    known = [*acquired, *(() if series is None else (series,))]
    if known and not any(moment % DAY_S for moment in known):
        raise _placeholder("SeriesTime")
    if not acquired:
        if series is None:
            raise values.missing("SeriesTime")
        return series, (Message(N_("Acquisition Time (0008,0032) is missing; Series Time was relied on.")),)
    earliest = min(acquired)
    if series is not None and -_SAME_MOMENT_S <= earliest - series <= _LONGEST_SERIES_S:
        return series, ()
    scan = facts[0].scan_start
    if scan is not None and -_SAME_MOMENT_S <= earliest - scan <= _LONGEST_SERIES_S:
        template = N_("The series was made after the scan; decay is counted to the scan time (0009,100D).")
        return scan, (Message(template),)
    by_frames = _reference_of_frames(facts, earliest)
    if by_frames is not None:
        template = N_(
            "The series was made after the scan; decay is counted by Frame Reference Time (0054,1300)."
        )
        return by_frames, (Message(template),)
    template = N_(
        "The series was made after the scan; decay is counted to the first Acquisition Time (0008,0032)."
    )
    return earliest, (Message(template),)


def _reference_of_frames(facts: list[PetFacts], earliest: float) -> float | None:
    """Acquisition start − Frame Reference Time + mean moment of the frame; None unless all frames agree."""
    found = []
    for fact in facts:
        started, offset, duration = fact.acquisition_start, fact.frame_reference_s, fact.frame_duration_s
        if started is None or not offset or not duration or not fact.half_life_s:
            return None
        constant = math.log(2) / fact.half_life_s
        decayed = constant * duration
        if not 1e-9 < decayed < 50 or offset < 0:
            return None
        found.append(started - offset + math.log(decayed / -math.expm1(-decayed)) / constant)
    agree = max(found) - min(found) <= _FRAMES_AGREE_S
    return min(found) if agree and 0 <= earliest - min(found) + _FRAMES_AGREE_S <= _LONGEST_SERIES_S else None


def uptake_seconds(fact: PetFacts, reference: float, half_life_s: float) -> tuple[float, tuple[Message, ...]]:
    """Seconds between injection and *reference*, and what is doubtful about them.

    Without a date the injection was the last time that it was so late: before midnight, if need be.

    Raises
    ------
    MissingElement, InvalidElement
        No time of injection, or one that cannot be meant.
    """
    longest = _MOST_HALF_LIVES * half_life_s
    time_s = fact.injected_time_s
    told = time_s if fact.injected is None else fact.injected % DAY_S
    if told == 0:
        raise _placeholder("RadiopharmaceuticalStartTime")
    if fact.injected is not None:
        if fact.has_dates and 0 <= reference - fact.injected <= longest:
            return reference - fact.injected, _disagreement(fact)
        time_s = fact.injected % DAY_S if time_s is None else time_s
    if time_s is None:
        raise values.missing("RadiopharmaceuticalStartTime")
    if half_life_s > _DATE_NEEDED_ABOVE_S:
        raise InvalidElement(
            N_("Without a usable date in %(name)s %(tag)s the day of the injection is not known."),
            **values.name_of("RadiopharmaceuticalStartDateTime"),
        )
    uptake_s = (reference - time_s) % DAY_S
    if uptake_s > longest:
        raise InvalidElement(
            N_("From the injection to the scan it is %(hours)s hours by the file, too long to be meant."),
            hours=f"{uptake_s / 3600:.1f}",
        )
    if fact.injected is None:
        return uptake_s, ()
    return uptake_s, (
        Message(N_("The dates of injection and scan do not fit; only their times of day were used.")),
    )


def _placeholder(keyword: str) -> InvalidElement:
    """Midnight to the second is what de-identification leaves in the place of a time (PS3.15 E.1.1)."""
    return InvalidElement(
        N_("%(name)s %(tag)s is midnight exactly, as where times were taken out: decay cannot be counted."),
        **values.name_of(keyword),
    )


def _disagreement(fact: PetFacts) -> tuple[Message, ...]:
    if fact.injected is None or fact.injected_time_s is None:
        return ()
    apart = abs(fact.injected % DAY_S - fact.injected_time_s)
    if min(apart, DAY_S - apart) <= _FRAMES_AGREE_S:
        return ()
    return (
        Message(
            N_("Radiopharmaceutical Start Time and Start DateTime differ; the latter (0018,1078) was used.")
        ),
    )
