"""What a DICOM object of segments says of itself: its UIDs and name, and how each segment was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Algorithm:
    """How a segment was made (PS3.3 C.8.20.4).

    Attributes
    ----------
    kind : "MANUAL", "SEMIAUTOMATIC" or "AUTOMATIC"
    name : str
        Of the program or engine; not told of a manual one.
    family : "ai", "region", "threshold" or "manual"
    """

    kind: Literal["MANUAL", "SEMIAUTOMATIC", "AUTOMATIC"] = "SEMIAUTOMATIC"
    name: str = "Triplano"
    version: str = ""
    family: Literal["ai", "region", "threshold", "manual"] = "manual"


@dataclass(frozen=True)
class WrittenAs:
    """What surrounds the segments of a file: new UIDs, the name of the segmentation, what made it.

    Attributes
    ----------
    algorithms : by the number of the segment
        The default stands for those that are not in it.
    made_at : datetime or None
        When the segmentation was last changed; a structure set says it.
    """

    series_uid: str
    instance_uid: str
    name: str
    version: str
    algorithms: Mapping[int, Algorithm] = field(default_factory=dict)
    made_at: datetime | None = None

    def algorithm_of(self, number: int) -> Algorithm:
        """How segment *number* was made."""
        return self.algorithms.get(number, Algorithm())
