"""Two runs compared: what the bad one claims otherwise than the sound one, without a word about it."""

from collections.abc import Iterator
from typing import Any

# Values without a unit claim nothing; nor do those that a file calls by a name of its own.
_CLAIMING = ("HU", "Gy", "SUVbw", "BQML", "Bq/ml")


def silent_changes(sound: dict[str, Any], bad: dict[str, Any]) -> Iterator[str]:
    """What the *bad* run claims otherwise than the *sound* one without a new word about it."""
    if set(bad["said"]) - set(sound["said"]):
        return
    mine, theirs = bad["claims"], sound["claims"]
    for field in ("spacings", "places"):
        known = [*theirs[field], [None, "none"]]
        for claim in mine[field]:
            if claim not in known and not (field == "places" and None in claim):
                yield f"{field}: {claim}"
    for name, (shape, digest, unit) in mine["frames"].items():
        known_shape, known_digest, known_unit = theirs["frames"].get(name, (shape, digest, unit))
        if unit in _CLAIMING and [shape, digest, unit] != [known_shape, known_digest, known_unit]:
            yield f"values of {name}: {shape} {digest} {unit}, were {known_shape} {known_digest} {known_unit}"
        elif shape != known_shape:
            yield f"shape of {name}: {shape}, was {known_shape}"
    for affine, shape_ijk, digest, unit in mine["volumes"]:
        others = theirs["volumes"]
        if not any([affine, shape_ijk] == other[:2] for other in others):
            yield f"volume: {affine} {shape_ijk}"
        elif unit in _CLAIMING and [digest, unit] not in [other[2:] for other in others]:
            yield f"values of a volume: {digest} {unit}, were {[other[2:] for other in others]}"
