"""Prompts that cannot be meant never reach an engine."""

from typing import Any

import numpy as np
import pytest

from app.engines.base import Box, Capabilities, InvalidPrompt, Lasso, Mask, Point, Scribble, check_prompt
from app.imaging.segments import BoxMask, Grid

GRID = Grid.of((10, 20, 30), np.eye(4))
ALL = Capabilities("embedded", frozenset({"point", "box", "scribble", "lasso", "mask"}))


@pytest.mark.parametrize(
    "prompt",
    [
        Point((0, 0, 0)),
        Point((9, 19, 29), include=False),
        Box((0, 0, 0), (10, 20, 30)),
        Box((3, 4, 5), (4, 5, 6)),
        Scribble(((1, 2, 3),)),
        Lasso(((1, 2, 3), (4, 2, 3), (4, 8, 3))),
        Mask(BoxMask((8, 18, 28), np.ones((2, 2, 2), bool))),
    ],
    ids=lambda prompt: prompt.kind,
)
def test_what_lies_in_the_volume_is_taken(prompt: Any) -> None:
    check_prompt(prompt, GRID, ALL)


BAD: dict[str, tuple[Any, str]] = {
    "before": (Point((-1, 0, 0)), "-1, 0, 0"),
    "behind": (Point((10, 0, 0)), "10, 0, 0"),
    "fraction": (Point((1.5, 0, 0)), "1.5, 0, 0"),  # type: ignore[arg-type]
    "nan": (Point((float("nan"), 0, 0)), "nan, 0, 0"),  # type: ignore[arg-type]
    "truth": (Point((True, 0, 0)), "True, 0, 0"),
    "two": (Point((1, 2)), "1, 2"),  # type: ignore[arg-type]
    "box-behind": (Box((0, 0, 0), (11, 1, 1)), "10, 0, 0"),
    "box-empty": (Box((3, 3, 3), (3, 4, 4)), "3, 4, 4"),
    "box-reversed": (Box((5, 5, 5), (4, 6, 6)), "4, 6, 6"),
    "no-stroke": (Scribble(()), "0"),
    "long": (Lasso(((1, 1, 1),) * 10_001), "10001"),
    "line": (Lasso(((1, 1, 1), (2, 2, 1))), "2"),
    "slanted": (Lasso(((1, 2, 3), (2, 3, 4), (3, 4, 6))), "one slice"),
    "mask": (Mask(BoxMask((9, 0, 0), np.ones((1, 1, 2), bool))), "11, 1, 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_meant_is_refused_with_what_was_found(name: str) -> None:
    prompt, found = BAD[name]
    with pytest.raises(InvalidPrompt) as refused:
        check_prompt(prompt, GRID, ALL)
    assert found in str(refused.value)


def test_an_engine_gets_only_what_it_takes() -> None:
    flat = Capabilities("nninteractive", frozenset({"point", "box"}), flat_boxes_only=True)
    check_prompt(Box((0, 0, 3), (4, 4, 4)), GRID, flat)
    with pytest.raises(InvalidPrompt, match="one slice thick"):
        check_prompt(Box((0, 0, 3), (4, 4, 5)), GRID, flat)
    with pytest.raises(InvalidPrompt, match="takes no scribble"):
        check_prompt(Scribble(((1, 2, 3),)), GRID, flat)
