"""nnInteractive in this process: one network for all sessions, one thread for all predictions.

Locks are taken in one order: a session's, then the engine's table. A session waits for its prediction with
its own lock held; the thread that predicts takes none.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from app.engines.base import (
    Capabilities,
    EngineBusy,
    EngineError,
    EngineUnavailable,
    EngineVolume,
    Mask,
    MaskChange,
    Prompt,
    SessionLost,
)
from app.engines.nnmodel import Folder, Model, default_threads, has_gpu, imported, load_model, read_folder
from app.engines.nnprompts import Prompted
from app.engines.turns import Cancelled
from app.engines.volumes import check_volume
from app.imaging.errors import N_
from app.imaging.segments import BoxMask, Index

Answer = TypeVar("Answer")
MIB = 1 << 20
GONE = N_("The engine has let this session go; it is opened again with the next prompt.")
_NO_ROOM = N_("The volume takes %(found)s MiB in the engine; %(limit)s MiB are set aside for all sessions.")
_ALL_BUSY = N_("The engine's memory is full of sessions that are at work; try again in a moment.")
_FAILED = N_("nnInteractive could not answer (%(found)s); the mask is as it was.")
_NO_MEMORY = N_("The engine ran out of memory; the session is opened again.")
_NO_DEVICE = N_("The graphics card has failed; the session is opened again.")
_log = logging.getLogger(__name__)


class NnInteractive:
    """The engine. Nothing is imported or loaded before the first :meth:`open`.

    Parameters
    ----------
    folder : Path or None
        Of the weights, which the administrator put there.
    device : str
        "auto": CUDA where there is one, else the CPU; or torch's name of one.
    memory : int
        Bytes for all sessions together, besides the network.
    most : int
        Sessions at once.
    threads : int
        Of the CPU, for the whole process; 0: of its own choice.
    """

    name = "nninteractive"

    def __init__(
        self,
        folder: Path | None,
        *,
        device: str = "auto",
        memory: int = 4096 * MIB,
        most: int = 16,
        threads: int = 0,
    ) -> None:
        self._folder, self._device_name = folder, device
        self._memory, self._most = memory, most
        self._threads = threads or default_threads()
        self._facts: Folder | None = None
        self._model: Model | None = None
        self._loading = threading.Lock()
        self._table = threading.RLock()
        self._sessions: list[LocalSession] = []
        self._thread = ThreadPoolExecutor(1, "nninteractive")

    def capabilities(self) -> Capabilities:
        facts, model = self._read(), self._model
        likely = (
            "cuda:0"
            if self._device_name == "auto" and has_gpu()
            else self._device_name.replace("auto", "cpu")
        )
        device = likely if model is None else str(model.device)
        return Capabilities(
            self.name,
            facts.prompts,
            flat_boxes_only=True,
            is_learned=True,
            device=device,
            licence=facts.licence if model is None else model.licence,
            is_slow=device == "cpu",
            reason=facts.reason,
        )

    def open(self, volume: EngineVolume) -> "LocalSession":
        """A session on *volume*; the image is prepared in the background, and the first prompt waits for it.

        Raises
        ------
        UnsuitableVolume, EngineUnavailable, EngineBusy
        """
        check_volume(volume)
        model = self._loaded()
        session = LocalSession(self, model, volume.grid.shape_kji)
        try:
            session.begin(volume, self.capabilities(), self._threads)
        except BaseException:
            session.close()
            raise
        return session

    @property
    def is_loaded(self) -> bool:
        return self._model is not None

    @property
    def nbytes(self) -> int:
        """What the sessions take, besides the network."""
        with self._table:
            return sum(session.nbytes for session in self._sessions)

    @property
    def count(self) -> int:
        return len(self._sessions)

    @property
    def waiting(self) -> int:
        """Predictions that have not begun."""
        return self._thread._work_queue.qsize()

    def unload(self) -> None:
        """Close all sessions and let the network go; the next :meth:`open` loads it again."""
        for session in self._listed():
            session.close()
        self._forget_model()

    def close(self) -> None:
        self.unload()
        self._thread.shutdown(wait=True, cancel_futures=True)

    # What sessions ask of their engine

    def predict(self, work: Callable[[], Answer]) -> "Future[Answer]":
        return self._thread.submit(work)

    def take_in(self, session: "LocalSession") -> None:
        if session.nbytes > self._memory:
            raise EngineUnavailable(
                _NO_ROOM, found=-(-session.nbytes // MIB), limit=max(1, self._memory // MIB)
            )
        with self._table:
            self._make_room(session.nbytes, 1)
            self._sessions.append(session)

    def leave(self, session: "LocalSession") -> None:
        with self._table, suppress(ValueError):
            self._sessions.remove(session)

    def settle(self, session: "LocalSession") -> None:
        """*session* has been used and may have grown: it is the last to go now, and others may have to."""
        with self._table:
            if session in self._sessions:
                self._sessions.remove(session)
                self._sessions.append(session)
            with suppress(EngineBusy):
                self._make_room(0, 0, keep=session)

    def lose_device(self) -> None:
        """After a fault of CUDA nothing that lies on the device can be used: all sessions are lost."""
        self._forget_model()
        for session in self._listed():
            session.close_if_idle()

    def _listed(self) -> "list[LocalSession]":
        with self._table:
            return list(self._sessions)

    def _read(self) -> Folder:
        facts = self._facts or read_folder(self._folder)
        # A folder that is not whole yet may be being filled.
        self._facts = None if facts.reason else facts
        return facts

    def _loaded(self) -> Model:
        if reason := self._read().reason:
            raise EngineUnavailable(reason.template, **reason.values)
        with self._loading:
            if self._model is None:
                assert self._folder is not None
                work = partial(load_model, self._folder, self._device_name, self._threads)
                self._model = self._thread.submit(work).result()
            return self._model

    def _forget_model(self) -> None:
        with self._loading:
            self._model = None

    def _make_room(self, needed: int, more: int, keep: "LocalSession | None" = None) -> None:
        """Close sessions that were not used for longest until these fit; those at work stay."""
        for victim in list(self._sessions):
            if len(self._sessions) + more <= self._most and self.nbytes + needed <= self._memory:
                return
            if victim is not keep:
                victim.close_if_idle()
        if len(self._sessions) + more > self._most or self.nbytes + needed > self._memory:
            raise EngineBusy(_ALL_BUSY, retry_after_s=5.0)


class LocalSession:
    """A session of the network in this process. It may be evicted between two calls: then SessionLost."""

    def __init__(self, engine: NnInteractive, model: Model, shape_kji: Index) -> None:
        self._engine, self._model = engine, model
        self._lock = threading.RLock()
        self._prompted: Prompted | None = None
        self._gate = threading.Lock()  # of the three below, held for moments only
        self._is_adding = self._is_called_off = False
        self._future: Future[MaskChange] | None = None
        self._fixed = bytes_of(shape_kji, model.patch_kji)
        self.nbytes = self._fixed
        self.used_at = time.monotonic()

    def begin(self, volume: EngineVolume, capabilities: Capabilities, threads: int) -> None:
        _, make_session = imported()
        with self._lock:
            self._engine.take_in(self)
            official = make_session(
                device=self._model.device,
                torch_n_threads=threads,
                interactions_storage="blosc2",  # a quarter of the dense channels, at the same speed
            )
            official.initialize_from_loaded_artifacts(self._model.artifacts)
            self._prompted = Prompted(official, volume, capabilities)

    def add(self, prompt: Prompt) -> MaskChange:
        with self._lock:
            prompted = self._alive()
            prompted.check(prompt)
            with self._gate:
                self._is_adding = True
            try:
                return self._guarded(lambda: self._predicted(prompted, prompt))
            finally:
                with self._gate:
                    self._is_adding, self._is_called_off, self._future = False, False, None

    def set_mask(self, mask: BoxMask) -> None:
        with self._lock:
            prompted = self._alive()
            prompted.check(Mask(mask))
            self._guarded(lambda: self._ready(prompted).set_mask(mask))

    def undo(self) -> MaskChange | None:
        with self._lock:
            return self._guarded(self._alive().undo)

    def reset(self) -> None:
        with self._lock:
            prompted = self._alive()
            self._guarded(lambda: self._ready(prompted).reset())

    def cancel(self) -> bool:
        """Give up the prompt that waits for its image or for the predicting thread; one that runs goes on."""
        with self._gate:
            if self._future is not None:
                return self._future.cancel()
            self._is_called_off = self._is_adding
            return self._is_adding

    def close(self) -> None:
        with self._lock:
            prompted, self._prompted = self._prompted, None
            self._engine.leave(self)
            if prompted is not None:
                let_go(prompted.official)

    def close_if_idle(self) -> None:
        """Close it unless it is at work in another thread."""
        if self._lock.acquire(blocking=False):
            try:
                self.close()
            finally:
                self._lock.release()

    def _alive(self) -> Prompted:
        if self._prompted is None:
            raise SessionLost(GONE)
        return self._prompted

    def _ready(self, prompted: Prompted) -> Prompted:
        drain(prompted.official)
        return prompted

    def _predicted(self, prompted: Prompted, prompt: Prompt) -> MaskChange:
        # The image is waited for here: in the thread that predicts all others would wait for it too.
        self._ready(prompted)
        with self._gate:
            if self._is_called_off:
                raise Cancelled()
            self._future = self._engine.predict(partial(prompted.add, prompt))
        try:
            return self._future.result()
        except CancelledError:
            raise Cancelled() from None

    def _guarded(self, work: Callable[[], Answer]) -> Answer:
        """What *work* gives; memory is counted again, and its faults are named."""
        try:
            answer = work()
        except EngineError:
            raise
        except Exception as error:
            raise self._named(error) from error
        self.used_at = time.monotonic()
        if self._prompted is not None:
            self.nbytes = self._fixed + _stored_bytes(self._prompted.official)
        self._engine.settle(self)
        return answer

    def _named(self, error: Exception) -> EngineError:
        words = str(error)
        _log.warning("nnInteractive failed: %s", type(error).__name__)
        if isinstance(error, MemoryError) or "out of memory" in words:
            self.close()
            return SessionLost(_NO_MEMORY)
        if type(error).__name__ == "AcceleratorError" or "CUDA error" in words or "cuDNN" in words:
            self.close()
            self._engine.lose_device()
            return SessionLost(_NO_DEVICE)
        # The session has taken back what the failed call had changed, the buffer too.
        return EngineError(_FAILED, found=type(error).__name__)


def bytes_of(shape_kji: Index, patch_kji: Index) -> int:
    """What a session takes before its first prompt, known from sizes alone.

    The image as float32, the mask, and the buffer through which one channel of the largest patch is read.
    """
    voxels = buffer = 1
    for count, patch in zip(shape_kji, patch_kji, strict=True):
        voxels *= count
        buffer *= min(4 * patch, count)
    return 5 * voxels + 2 * buffer


def drain(official: Any) -> None:
    """Wait for the image that is being prepared. Private, but the only wait there is.

    A session has one image in its life here: a second one before the first is ready deadlocks it for good, as
    both jobs fill its two workers and each waits for a third.
    """
    official._finish_preprocessing_and_initialize_interactions()


def let_go(official: Any) -> None:
    """Free what a session holds. Its preparation is waited for: it would bring back what is freed here."""
    for step in (partial(drain, official), official._reset_session):
        # A failed device or an image without values: there is nothing to save any more.
        with suppress(Exception):
            step()
    official.preprocess_future = None
    official.executor.shutdown(wait=False)


def _stored_bytes(official: Any) -> int:
    """The compressed prompt channels: they grow with prompts."""
    interactions = getattr(official, "interactions", None)
    return int(interactions.schunk.cbytes) if interactions is not None else 0
