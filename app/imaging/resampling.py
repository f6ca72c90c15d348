"""What is done to a sheared or uneven stack to make a volume of it, and what is said of that.

The resampling itself is :mod:`app.imaging.straighten`'s (docs/geometry.md has the thresholds).

References
----------
PS3.3 C.7.6.2.1.1.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from app.imaging.errors import N_, Message, NotAVolume
from app.imaging.stackline import Gap, StackLine, listed
from app.imaging.straighten import made_up_slices

# A volume of which more than this share is filling is no picture of a patient.
MAX_MADE_UP = 0.5

_TILTED = N_(
    "Gantry tilt of %(degrees)s° corrected: each slice was moved within its own plane, so that "
    "lengths and angles are true."
)
_SHEARED = N_(
    "Slices sheared by %(degrees)s° straightened: each slice was moved within its own plane, so that "
    "lengths and angles are true."
)


@dataclass(frozen=True)
class Resampling:
    """What is done to a stack to make a volume of it.

    Attributes
    ----------
    tilt_degrees : float
        The shear that is undone; 0 where there was none.
    usual_mm, step_mm : float
        The distance that most slices keep, and that of the new ones.
    gaps : distances unlike the usual one, the first of them
    made_up : int
        New slices that lie in a gap, almost a step from every original.
    """

    kind: Literal["tilt", "spacing", "tilt+spacing"]
    tilt_degrees: float
    usual_mm: float
    step_mm: float
    gaps: tuple[Gap, ...]
    made_up: int

    def as_json(self) -> dict[str, Any]:
        """The form of the sidecar file."""
        return asdict(self) | {"gaps": [asdict(gap) for gap in self.gaps]}


def resampling_of(line: StackLine, slices: int) -> Resampling | None:
    """What is done to the stack to make *slices* even ones of it; None where nothing needs to be.

    Raises
    ------
    NotAVolume
        Too many slices would have to be made up.
    """
    if line.is_even and not line.is_tilted:
        return None
    step = float(line.along[-1] - line.along[0]) / (slices - 1)
    made_up = 0 if line.is_even else made_up_slices((line.along - line.along[0]) / step, slices)
    if made_up > MAX_MADE_UP * slices:
        raise NotAVolume(
            N_(
                "Uneven slice spacing: between slices %(gaps)s, %(usual)s mm elsewhere. "
                "%(count)s of %(total)s slices would have to be made up."
            ),
            gaps=listed(line.gaps),
            usual=f"{line.usual_mm:.3f}",
            count=made_up,
            total=slices,
        )
    kind: Literal["tilt", "spacing", "tilt+spacing"] = "spacing"
    if line.is_tilted:
        kind = "tilt" if line.is_even else "tilt+spacing"
    return Resampling(
        kind=kind,
        tilt_degrees=round(line.tilt_degrees, 3) if line.is_tilted else 0.0,
        usual_mm=round(line.usual_mm, 6),
        step_mm=round(step, 6),
        gaps=() if line.is_even else line.gaps[:16],
        made_up=made_up,
    )


def resampling_warnings(resampling: Resampling, line: StackLine, modality: str) -> Iterable[Message]:
    """What a reader of the volume must know of it."""
    if resampling.tilt_degrees:
        # Only CT has a gantry; other makers shear stacks of MR on purpose.
        template = _TILTED if modality == "CT" else _SHEARED
        yield Message(template, {"degrees": f"{resampling.tilt_degrees:.1f}"})
    numbers: dict[str, Any] = {
        "usual": f"{resampling.usual_mm:.3f}",
        "step": f"{resampling.step_mm:.3f}",
        "gaps": listed(resampling.gaps),
    }
    if resampling.gaps:
        yield Message(
            N_(
                "Uneven slice spacing: %(usual)s mm, but between slices %(gaps)s. Resampled to one slice "
                "every %(step)s mm, interpolated from its neighbours."
            ),
            numbers,
        )
    elif not line.is_even:
        yield Message(
            N_(
                "The slice spacing drifts around %(usual)s mm. Resampled to one slice every %(step)s mm, "
                "interpolated from its neighbours."
            ),
            numbers,
        )
    if resampling.made_up:
        yield Message(
            N_("Slices in a gap, where no image was taken: %(count)s. What they show is made up."),
            {"count": resampling.made_up},
        )
