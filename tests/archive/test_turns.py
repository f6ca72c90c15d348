"""So much heavy work at once, some in line, and nobody beyond."""

import threading
from contextlib import ExitStack

import pytest

from app.archive.turns import Busy, Turns


def test_one_works_one_waits_and_the_next_is_told() -> None:
    turns = Turns(1, waiting=1, patience=60)
    entered = threading.Event()

    def wait() -> None:
        with turns.turn():
            entered.set()

    waiting = threading.Thread(target=wait)
    with turns.turn():
        waiting.start()
        for _ in range(1000):  # until it stands in line
            if turns._line._value == 0:
                break
            threading.Event().wait(0.005)
        with pytest.raises(Busy), turns.turn():
            pass
        assert not entered.is_set()
    waiting.join(10)
    assert entered.is_set()


def test_patience_ends_and_places_come_back() -> None:
    turns = Turns(2, waiting=1, patience=0)
    with ExitStack() as at_work:
        at_work.enter_context(turns.turn())
        at_work.enter_context(turns.turn())
        with pytest.raises(Busy), turns.turn():
            pass
    with pytest.raises(ValueError, match="broke"), turns.turn():
        raise ValueError("it broke")
    with turns.turn(), turns.turn():
        pass
