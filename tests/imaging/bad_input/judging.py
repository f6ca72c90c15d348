"""Whether a bad series came to a good end."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.imaging.bad_input.cases import Case
from tests.imaging.bad_input.pipeline_claims import silent_changes
from tests.imaging.bad_input.reader import Reader

# Values that are wrong and yet could be meant: nothing in the file speaks against them.
PLAUSIBLE = {
    ("ct", "PixelRepresentation = b'\\x00\\x00'"),
    ("pet", "RadionuclideTotalDose = b'1e9'"),
    ("pet", "Units = b'GML'"),
    ("nm", "SpacingBetweenSlices = b'-1'"),  # against the normal
}
# Of another type, but numbers.
NUMBERS = (" as IS b'-99999999999'", " as US b'\\xff\\xff'")


def may_be_meant(kind: str, name: str) -> bool:
    """Whether the damage cannot be told from what somebody may have wanted to write."""
    if kind == "nifti":  # the offsets of the sform, and a qform in its place
        return name.startswith(("byte 252 = 01", "byte 292 =", "byte 308 =", "byte 324 ="))
    return (kind, name) in PLAUSIBLE or name.startswith("PixelData as") or name.endswith(NUMBERS)


def judge(
    reader: Reader, sound_outcome: Callable[[str], dict[str, Any]], kind: str, cases: Iterable[Case]
) -> list[str]:
    """What is wrong with the ends of *cases*: all findings, each with the case's name."""
    sound = sound_outcome(kind)
    found = []
    for name, files in cases:
        answer = reader.read(files)
        found += [f"{name}: {wrong}" for wrong in answer.wrong]
        if "claims" in answer.outcome and not may_be_meant(kind, name):
            found += [f"{name}: silently {change}" for change in silent_changes(sound, answer.outcome)]
    return found
