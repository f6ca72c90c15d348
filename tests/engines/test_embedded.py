"""The embedded engine on bodies whose voxels are known: clicks, edits near the click, undo, other prompts."""

import numpy as np
import pytest
from numpy.typing import NDArray

from app.engines.base import Box, EngineVolume, Lasso, Mask, MaskChange, Point, Prompt, Scribble
from app.engines.embedded import EmbeddedEngine, EmbeddedSession
from app.imaging.errors import UnsupportedData
from app.imaging.segments import BoxMask, Grid

Bools = NDArray[np.bool_]
SHAPE = (40, 64, 64)


def sphere(
    center_kji: tuple[float, ...], radius_mm: float, spacing: tuple[float, ...] = (1, 1, 1), shape=SHAPE
) -> Bools:
    k, j, i = np.ogrid[: shape[0], : shape[1], : shape[2]]
    squares = sum(((x - c) * s) ** 2 for x, c, s in zip((k, j, i), center_kji, spacing, strict=True))
    return np.asarray(squares <= radius_mm**2)


def volume(body: Bools, spacing: tuple[float, ...] = (1, 1, 1), noise: float = 8) -> EngineVolume:
    """100 in the body and 0 around it, and noise."""
    rng = np.random.default_rng(5)
    array = (body * 100 + rng.normal(0, noise, body.shape)).astype(np.int16)
    return EngineVolume(array, Grid.of(body.shape[::-1], np.diag([*spacing[::-1], 1.0])))


class Drawn:
    """A session and the mask that its changes add up to."""

    def __init__(self, given: EngineVolume) -> None:
        self.session: EmbeddedSession = EmbeddedEngine().open(given)
        self.mask = np.zeros(given.array.shape, np.bool_)

    def add(self, prompt: Prompt) -> Bools:
        self.put(self.session.add(prompt))
        return self.mask

    def put(self, change: MaskChange | None) -> None:
        assert change is not None
        i, j, k = change.first_ijk
        depth, height, width = change.voxels.shape
        self.mask = self.mask.copy()
        self.mask[k : k + depth, j : j + height, i : i + width] = change.voxels
        assert np.array_equal(self.session.mask.full(self.mask.shape), self.mask)


def dice(a: Bools, b: Bools) -> float:
    return float(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))


def test_one_click_finds_a_sphere() -> None:
    body = sphere((20, 32, 30), 12)
    assert dice(Drawn(volume(body)).add(Point((30, 32, 20))), body) > 0.95


def test_two_spheres_that_touch_are_parted() -> None:
    """They share a neck; a negative click takes the other one away where the first took both."""
    one, other = sphere((20, 32, 20), 10), sphere((20, 32, 40), 10.5)
    drawn = Drawn(volume(one | other))
    drawn.add(Point((20, 32, 20)))
    if dice(drawn.mask, one) < 0.9:
        drawn.add(Point((40, 32, 20), include=False))
    assert dice(drawn.mask, one) > 0.9


def test_far_slices_are_worked_on_one_by_one() -> None:
    spacing = (6.0, 0.8, 0.8)
    body = sphere((8, 40, 40), 20, spacing, (16, 80, 80))
    assert dice(Drawn(volume(body, spacing)).add(Point((40, 40, 8))), body) > 0.85


def test_the_same_prompts_give_the_same_mask() -> None:
    given = volume(sphere((20, 32, 30), 12))
    masks = []
    for _ in range(2):
        drawn = Drawn(given)
        drawn.add(Point((30, 32, 20)))
        masks.append(drawn.add(Point((50, 50, 20))))
    assert np.array_equal(*masks)


def test_an_edit_has_its_sign_and_stays_near() -> None:
    body = sphere((20, 32, 14), 8) | sphere((20, 32, 46), 8)
    drawn = Drawn(volume(body))
    first = drawn.add(Point((14, 32, 20)))
    both = drawn.add(Point((46, 32, 20)))
    assert np.array_equal(both & first, first)
    assert dice(both, body) > 0.9
    less = drawn.add(Point((46, 32, 20), include=False))
    assert not np.any(less & ~both)
    assert np.array_equal(less[:, :, :24], both[:, :, :24])
    assert not less[20, 32, 46]


def test_a_click_that_says_nothing_new_changes_nothing() -> None:
    drawn = Drawn(volume(sphere((20, 32, 30), 12)))
    before = drawn.add(Point((30, 32, 20)))
    assert np.array_equal(drawn.add(Point((31, 32, 20))), before)
    assert Drawn(volume(before)).session.add(Point((1, 1, 1), include=False)).voxels.size == 0


def test_undo_goes_back_step_by_step() -> None:
    drawn = Drawn(volume(sphere((20, 32, 30), 12)))
    masks = [drawn.mask]
    for prompt in (
        Point((30, 32, 20)),
        Point((5, 5, 5)),
        Point((30, 32, 24), include=False),
        Box((0, 0, 0), (9, 9, 9), include=False),
        Mask(BoxMask.of(sphere((20, 20, 20), 5))),
    ):
        masks.append(drawn.add(prompt))
    for before in reversed(masks[:-1]):
        drawn.put(drawn.session.undo())
        assert np.array_equal(drawn.mask, before)
    assert drawn.session.undo() is None


@pytest.mark.parametrize(
    "prompt",
    [
        Box((17, 19, 7), (44, 46, 34)),
        Box((17, 19, 20), (44, 46, 21)),
        Scribble(((22, 32, 20), (38, 32, 20), (30, 38, 20))),
        Lasso(((20, 26, 20), (30, 21, 20), (40, 26, 20), (40, 38, 20), (30, 43, 20), (20, 38, 20))),
    ],
    ids=["box", "flat box", "scribble", "lasso"],
)
def test_other_prompts(prompt: Prompt) -> None:
    body = sphere((20, 32, 30), 12)
    assert dice(Drawn(volume(body)).add(prompt), body) > 0.85


def test_a_box_is_not_left() -> None:
    found = Drawn(volume(np.ones(SHAPE, np.bool_))).add(Box((20, 20, 10), (40, 40, 30)))
    outside = found.copy()
    outside[10:30, 20:40, 20:40] = False
    assert not outside.any()


def test_a_given_mask_is_gone_on_from() -> None:
    body = sphere((20, 32, 30), 12)
    drawn = Drawn(volume(body))
    drawn.session.set_mask(BoxMask.of(body & (np.arange(64) < 24)))
    drawn.mask = body & (np.arange(64) < 24)
    assert dice(drawn.add(Point((33, 32, 20))), body) > 0.9
    drawn.session.reset()
    assert drawn.session.mask.count == 0
    drawn.session.close()
    drawn.session.close()


def test_a_click_at_the_corner_of_the_volume() -> None:
    body = sphere((0, 0, 0), 12)
    assert dice(Drawn(volume(body)).add(Point((0, 0, 0))), body) > 0.9
    assert Drawn(volume(body[:1])).add(Point((0, 0, 0)))[0, 0, 0]


@pytest.mark.parametrize(
    ("array", "word"),
    [
        (np.zeros((4, 5, 6), np.int16), "zero"),
        (np.full((4, 5, 6), 7, np.int16), "same value"),
        (np.full((4, 5, 6), np.nan, np.float32), "zero"),
        (np.ones((4, 5, 6, 3), np.uint8), "Colour"),
        (np.zeros((0, 5, 6), np.int16), "no voxel"),
    ],
)
def test_what_holds_nothing_to_outline_is_refused(array: NDArray[np.generic], word: str) -> None:
    with pytest.raises(UnsupportedData, match=word):
        EmbeddedEngine().open(EngineVolume(array, Grid.of((6, 5, 4), np.eye(4))))


def test_values_that_are_no_numbers_do_no_harm() -> None:
    body = sphere((20, 32, 30), 12)
    given = volume(body)
    array = given.array.astype(np.float32)
    array[:, :4] = np.nan
    assert dice(Drawn(EngineVolume(array, given.grid)).add(Point((30, 32, 20))), body) > 0.9
