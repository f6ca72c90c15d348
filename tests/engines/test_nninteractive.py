"""nnInteractive's real session on the CPU, with a network that follows a rule."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.engines.base import (
    Box,
    EngineBusy,
    EngineError,
    EngineUnavailable,
    EngineVolume,
    InvalidPrompt,
    Lasso,
    Mask,
    MaskChange,
    Point,
    Prompt,
    Scribble,
    SessionLost,
)
from app.engines.nninteractive import LocalSession, NnInteractive
from app.engines.sessions import SessionKey, Sessions
from app.engines.turns import Cancelled
from app.engines.volumes import UnsuitableVolume
from app.imaging.segments import BoxMask, Grid, Index
from tests.engines.conftest import CENTRE, SHAPE_KJI

# What torch and nnU-Net warn of as they are imported is not ours.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
FIXED = 5 * 64 * 128 * 128 + 2 * 64 * 128 * 128


@pytest.fixture(scope="module")
def engine(rule_folder: Path) -> Iterator[NnInteractive]:
    made = NnInteractive(rule_folder, device="cpu", threads=2, memory=4 * FIXED, most=3)
    yield made
    made.close()


class Drawn:
    """A session, and the mask that its changes add up to."""

    def __init__(self, session: LocalSession) -> None:
        self.session = session
        self.mask = np.zeros(SHAPE_KJI, bool)

    def add(self, prompt: Prompt) -> int:
        self.take(self.session.add(prompt))
        return int(self.mask.sum())

    def take(self, change: MaskChange | None) -> None:
        assert change is not None
        self.mask[BoxMask(change.first_ijk, change.voxels).slices_kji] = change.voxels

    def at(self, index_ijk: Index) -> bool:
        i, j, k = index_ijk
        return bool(self.mask[k, j, i])


@pytest.fixture
def drawn(engine: NnInteractive, volume: EngineVolume) -> Iterator[Drawn]:
    session = engine.open(volume)
    yield Drawn(session)
    session.close()


def test_nothing_heavy_is_loaded_to_say_what_it_can(rule_folder: Path, tmp_path: Path) -> None:
    engine = NnInteractive(rule_folder, device="cpu")
    found = engine.capabilities()
    assert not engine.is_loaded
    assert found.prompts == {"point", "box", "scribble", "lasso", "mask"}
    assert (found.licence, found.device) == ("TEST ONLY (no trained weights)", "cpu")
    assert found.is_slow
    assert found.is_learned
    assert found.flat_boxes_only
    assert found.reason is None
    (tmp_path / "fold_0").mkdir()
    for name in ("plans.json", "dataset.json", "fold_0/checkpoint_final.pth"):
        assert str(NnInteractive(tmp_path).capabilities().reason) == (
            f"The folder of nnInteractive's weights lacks {name.replace('fold_0', 'fold_*')}."
        )
        (tmp_path / name).write_text('{"dataset_name": "Dataset225_nnInteractiveV2"}')
    assert NnInteractive(tmp_path).capabilities().licence == "CC BY-NC-SA 4.0"
    (tmp_path / "plans.json").write_text("{}")
    assert NnInteractive(tmp_path).capabilities().licence == "unknown"
    engine.close()


def test_without_a_folder_it_says_so(volume: EngineVolume) -> None:
    engine = NnInteractive(None)
    assert str(engine.capabilities().reason) == "No weights of nnInteractive have been set up on this server."
    with pytest.raises(EngineUnavailable):
        engine.open(volume)


def test_weights_that_cannot_be_read_are_named(tmp_path: Path, volume: EngineVolume) -> None:
    (tmp_path / "fold_0").mkdir()
    for name in ("plans.json", "dataset.json", "inference_info.json", "fold_0/checkpoint_final.pth"):
        (tmp_path / name).write_text("{}")
    engine = NnInteractive(tmp_path, device="cpu")
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        engine.open(volume)
    engine.close()


def test_a_point_outlines_the_ball(drawn: Drawn, ball_kji: np.ndarray) -> None:
    assert drawn.add(Point(CENTRE)) == 3673
    assert not (drawn.mask & ~ball_kji).any()
    assert drawn.at(CENTRE)


def test_a_negative_point_takes_away_and_undo_brings_back(drawn: Drawn) -> None:
    drawn.add(Point(CENTRE))
    assert drawn.add(Point((74, 60, 32), include=False)) < 3673
    assert not drawn.at((74, 60, 32))
    drawn.take(drawn.session.undo())
    assert int(drawn.mask.sum()) == 3673
    assert drawn.session.undo() is None  # one step is all it has: the journal has the others


def test_strokes_lassos_and_flat_boxes_add(drawn: Drawn) -> None:
    stroke = drawn.add(Scribble(((62, 60, 32), (78, 60, 32), (78, 66, 32))))
    assert stroke > 0
    assert all(drawn.at((i, 60, 32)) for i in range(62, 79))
    drawn.session.reset()
    drawn.mask[:] = False
    lasso = drawn.add(Lasso(((66, 56, 32), (74, 56, 32), (74, 64, 32), (66, 64, 32))))
    assert lasso > 9 * 9
    assert drawn.at((70, 60, 32))
    drawn.session.reset()
    drawn.mask[:] = False
    # One slice along i: a box that the order of axes must not stand up.
    assert drawn.add(Box((70, 56, 28), (71, 65, 37))) > 9 * 9
    assert drawn.at((70, 64, 36))


def test_a_negative_lasso_takes_away(drawn: Drawn) -> None:
    drawn.add(Point(CENTRE))
    drawn.add(Lasso(((66, 56, 32), (74, 56, 32), (70, 64, 32)), include=False))
    assert not drawn.at((70, 58, 32))


def test_reset_forgets_prompts_and_mask(drawn: Drawn) -> None:
    drawn.add(Point(CENTRE))
    drawn.session.reset()
    drawn.mask[:] = False
    count = drawn.add(Point((80, 60, 32)))
    assert 0 < count < 3673
    assert not drawn.at((64, 60, 32))
    drawn.session.reset()
    assert drawn.session.undo() is None


def test_it_goes_on_from_a_mask(drawn: Drawn) -> None:
    kept = BoxMask((60, 55, 30), np.ones((4, 8, 8), bool))  # within the ball
    drawn.session.set_mask(kept)
    assert drawn.session.undo() is None
    drawn.mask[kept.slices_kji] = True
    drawn.add(Point((80, 60, 32)))
    assert drawn.mask[kept.slices_kji].all()
    assert drawn.at((80, 60, 32))


def test_a_mask_as_prompt_shows_what_it_replaced(drawn: Drawn) -> None:
    drawn.add(Point(CENTRE))
    assert drawn.add(Mask(BoxMask((5, 6, 7), np.ones((1, 2, 3), bool)))) == 6
    assert drawn.at((7, 7, 7))
    assert not drawn.at(CENTRE)
    drawn.take(drawn.session.undo())
    assert int(drawn.mask.sum()) == 3673


BAD: dict[str, Any] = {
    "outside": Point((128, 0, 0)),
    "before": Point((0, -1, 0)),
    "nan": Point((float("nan"), 0, 0)),  # type: ignore[arg-type]
    "deep box": Box((60, 50, 30), (70, 60, 32)),
    "reversed box": Box((70, 60, 33), (60, 50, 32)),
    "no stroke": Scribble(()),
    "mask": Mask(BoxMask((127, 0, 0), np.ones((1, 1, 2), bool))),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_prompts_do_not_reach_it(drawn: Drawn, name: str) -> None:
    with pytest.raises(InvalidPrompt):
        drawn.session.add(BAD[name])
    with pytest.raises(InvalidPrompt):
        drawn.session.set_mask(BoxMask((0, 0, 60), np.ones((5, 1, 1), bool)))
    assert drawn.session.undo() is None


def block(value: int) -> np.ndarray:
    array = np.zeros((4, 5, 6), np.int16)
    array[1:3, 1:4, 2:5] = value
    return array


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 5, 6), np.int16), "All voxels of the volume are 0"),
        (np.full((4, 5, 6), 7, np.int16), "All voxels of the volume hold 7"),
        (
            block(9),
            "All voxels of the volume hold 9",
        ),  # the session would answer with an empty mask, for ever
        (block(-9), "All voxels of the volume hold -9"),
        (np.full((4, 5, 6), np.nan, np.float32), "hold no number"),
        (np.ones((4, 5, 6, 3), np.uint8), "4 × 5 × 6 × 3"),
        (np.ones((4, 6, 5), np.uint8), "4 × 6 × 5"),
        (np.ones((4, 5, 6), bool), "no numbers"),
    ],
)
def test_volumes_without_an_object_are_refused(engine: NnInteractive, array: np.ndarray, words: str) -> None:
    before = engine.count
    with pytest.raises(UnsuitableVolume, match=words):
        engine.open(EngineVolume(array, Grid.of((6, 5, 4), np.eye(4))))
    assert engine.count == before


def test_two_sessions_in_turns_answer_as_alone(engine: NnInteractive, volume: EngineVolume) -> None:
    prompts = {
        "one": [Point(CENTRE), Point((74, 60, 32), include=False), Scribble(((60, 60, 30), (66, 60, 30)))],
        "two": [Point((80, 60, 32)), Lasso(((66, 56, 32), (74, 56, 32), (70, 64, 32))), Point((62, 60, 32))],
    }

    def alone(which: str) -> np.ndarray:
        drawn = Drawn(engine.open(volume))
        for prompt in prompts[which]:
            drawn.add(prompt)
        drawn.session.close()
        return drawn.mask

    both = {which: Drawn(engine.open(volume)) for which in prompts}
    threads = [
        threading.Thread(target=lambda which=which: [both[which].add(prompt) for prompt in prompts[which]])
        for which in prompts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for which, drawn in both.items():
        drawn.session.close()
        assert drawn.mask.any()
        assert np.array_equal(drawn.mask, alone(which))


def test_opening_in_a_row_does_not_deadlock(engine: NnInteractive, volume: EngineVolume) -> None:
    done = threading.Event()

    def work() -> None:
        for _ in range(4):
            engine.open(volume).close()  # closed while its image is being prepared
        session = engine.open(volume)
        session.add(Point(CENTRE))
        session.close()
        done.set()

    threading.Thread(target=work, daemon=True).start()
    assert done.wait(30)
    assert (engine.count, engine.nbytes) == (0, 0)


def test_the_least_recently_used_session_is_evicted(engine: NnInteractive, volume: EngineVolume) -> None:
    first, second, third = (engine.open(volume) for _ in range(3))
    first.add(Point(CENTRE))
    assert first.nbytes > FIXED  # it has grown with the prompt
    fourth = engine.open(volume)
    with pytest.raises(SessionLost):
        second.add(Point(CENTRE))
    assert first.undo() is not None
    second.close()
    for session in (first, third, fourth):
        session.close()
        session.close()
    assert engine.count == 0


def test_memory_is_bounded_by_bytes(rule_folder: Path, volume: EngineVolume) -> None:
    engine = NnInteractive(rule_folder, device="cpu", threads=2, memory=FIXED + 1_000_000, most=9)
    long = EngineVolume(np.tile(volume.array, (4, 1, 1)), Grid.of((128, 128, 256), np.eye(4)))
    with pytest.raises(EngineUnavailable, match="takes 28 MiB in the engine; 7 MiB are set aside"):
        engine.open(long)
    first = engine.open(volume)
    assert (first.nbytes, engine.nbytes) == (FIXED, FIXED)
    second = engine.open(volume)
    assert engine.count == 1
    with pytest.raises(SessionLost):
        first.undo()
    with second._lock:  # at work: it stays, and the newcomer has to wait
        refused: list[EngineBusy] = []

        def come() -> None:
            try:
                engine.open(volume)
            except EngineBusy as busy:
                refused.append(busy)

        thread = threading.Thread(target=come)
        thread.start()
        thread.join(20)
    assert refused[0].retry_after_s == 5.0
    engine.close()


def test_a_prompt_that_waits_can_be_given_up(engine: NnInteractive, drawn: Drawn) -> None:
    drawn.add(Point(CENTRE))
    hold, errors = threading.Event(), []
    engine.predict(hold.wait)

    def come() -> None:
        try:
            drawn.session.add(Point((80, 60, 32)))
        except Cancelled as cancelled:
            errors.append(cancelled)

    thread = threading.Thread(target=come)
    thread.start()
    while not drawn.session.cancel():
        time.sleep(0.01)
    hold.set()
    thread.join(20)
    assert len(errors) == 1
    assert drawn.session.undo() is not None  # of the first prompt: the second never came


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (MemoryError(), SessionLost),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), SessionLost),
        (RuntimeError("CUDA error: device-side assert triggered"), SessionLost),
        (RuntimeError("of another kind"), EngineError),
    ],
)
def test_faults_of_the_device_cost_the_session_and_no_more(
    engine: NnInteractive, volume: EngineVolume, fault: Exception, expected: type[Exception]
) -> None:
    session = engine.open(volume)
    session.add(Point(CENTRE))
    network = engine._model.artifacts["network"]  # type: ignore[union-attr]

    def fail(*_: object) -> None:
        raise fault

    hook = network.register_forward_pre_hook(fail)
    with pytest.raises(expected) as raised:
        session.add(Point((80, 60, 32)))
    hook.remove()
    is_lost = isinstance(raised.value, SessionLost)
    assert is_lost == (expected is SessionLost)
    assert (engine.count == 0) == is_lost
    if is_lost:
        session.close()
        again = Drawn(engine.open(volume))  # where the device was lost the network is loaded again
        assert again.add(Point(CENTRE)) == 3673
        again.session.close()
    else:
        drawn = Drawn(session)
        drawn.take(session.undo())  # the failed prompt left nothing behind
        assert not drawn.mask.any()
        session.close()


def test_an_evicted_session_is_rebuilt_without_notice(engine: NnInteractive, volume: EngineVolume) -> None:
    held = Sessions({"nninteractive": engine}).claim(SessionKey("alice", "head", 0, "one"))
    mask = np.zeros(SHAPE_KJI, bool)

    def click(prompt: Prompt, before: int) -> int:
        with held.turn(supersedes=True):
            change = held.add(
                "nninteractive",
                prompt,
                volume=lambda: volume,
                state=before,
                restore=lambda session: session.set_mask(BoxMask.of(mask)),
            )
            mask[BoxMask(change.first_ijk, change.voxels).slices_kji] = change.voxels
            held.settle(before + 1)
        return int(mask.sum())

    assert click(Point(CENTRE), 0) == 3673
    others = [engine.open(volume) for _ in range(3)]
    assert isinstance(held._session, LocalSession)
    assert held._session._prompted is None
    assert click(Point((80, 60, 32)), 1) > 3673
    undisturbed = Drawn(others[2])
    undisturbed.add(Point(CENTRE))
    undisturbed.add(Point((80, 60, 32)))
    assert np.array_equal(mask, undisturbed.mask)
    assert held.facts().nbytes > FIXED
    held.end()
    for session in others:
        session.close()
    assert engine.count == 0


def test_a_newer_click_supersedes_one_that_waits_for_others(
    engine: NnInteractive, volume: EngineVolume
) -> None:
    held = Sessions({"nninteractive": engine}).claim(SessionKey("alice", "head", 0, "one"))
    went: list[str] = []

    def click(state: int) -> None:
        try:
            with held.turn(supersedes=True):
                held.add(
                    "nninteractive",
                    Point(CENTRE),
                    volume=lambda: volume,
                    state=0,
                    restore=lambda session: session.reset(),
                )
                went.append(f"{state} done")
        except EngineError as error:
            went.append(f"{state} {error.code}")

    click(0)
    session, hold = held._session, threading.Event()
    assert isinstance(session, LocalSession)
    engine.predict(hold.wait)  # somebody else's long prediction
    first = threading.Thread(target=click, args=(1,))
    first.start()
    while not session._is_adding:
        time.sleep(0.001)
    second = threading.Thread(target=click, args=(2,))
    second.start()
    first.join(20)
    hold.set()
    second.join(20)
    assert went == ["0 done", "1 superseded", "2 done"]
    held.end()


def test_it_prints_nothing_of_what_is_clicked(drawn: Drawn, capfd: pytest.CaptureFixture[str]) -> None:
    drawn.add(Point(CENTRE))
    assert capfd.readouterr() == ("", "")


def test_importing_the_engine_imports_no_torch() -> None:
    import subprocess
    import sys

    code = "import sys, app.engines.nninteractive, app.engines.nninteractive_remote, app.engines.sessions; "
    code += "assert not {'torch', 'nnInteractive', 'httpx'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
