"""What hostile input may cost."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bounded(peak_bytes: int, seconds: float = 4) -> Iterator[None]:
    """Fail when the block takes more processor time or memory; tracemalloc itself doubles the time."""
    tracemalloc.start()
    begun = time.process_time()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - begun < seconds
    assert peak < peak_bytes
