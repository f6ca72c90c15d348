"""What a process keeps of files that never change, within a bound by size and not by number."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The most recently used values, up to a total weight. The last one stays, whatever its weight.

    Keys are (root, series id, …), or anything else where nothing is to be dropped by its series.
    """

    def __init__(self, limit: int, weight: Callable[[Value], int]) -> None:
        self._limit = limit
        self._weigh = weight
        self._values: OrderedDict[tuple[Any, ...], Value] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[Any, ...]) -> Value | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: tuple[Any, ...], value: Value) -> None:
        with self._lock:
            self._remove(key)
            self._values[key] = value
            self._total += self._weigh(value)
            while self._total > self._limit and len(self._values) > 1:
                self._remove(next(iter(self._values)))

    def drop(self, series_id: str) -> None:
        with self._lock:
            for key in [key for key in self._values if key[1] == series_id]:
                self._remove(key)

    def _remove(self, key: tuple[Any, ...]) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._total -= self._weigh(value)
