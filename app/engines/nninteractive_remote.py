"""nnInteractive on other machines: one lease a session, on the server of ours that has the fewest.

The client is thin (no torch) and imported at the first use. In a thread of its own it shows the server that
each lease is alive; after ten idle minutes a lease is forgotten all the same, and the caller opens another.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
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
from app.engines.nnlease import claim, facts_of, is_capacity, is_expired, retry_after_s, status_of
from app.engines.nnprompts import Prompted, kinds_taken, licence_word
from app.engines.volumes import check_volume
from app.imaging.errors import N_, Message
from app.imaging.segments import BoxMask

Answer = TypeVar("Answer")
_NO_SERVERS = N_("No server of nnInteractive has been set up.")
_NOT_INSTALLED = N_("The client of nnInteractive is not installed on this server.")
_NO_ANSWER = N_("No server of nnInteractive answers.")
_REFUSED = N_("The server of nnInteractive refuses the key that was set up for it.")
_OTHER_VERSION = N_("The server of nnInteractive has version %(found)s; this client speaks %(limit)s.")
_FULL = N_("All places on the servers of nnInteractive are taken; try again in %(seconds)s seconds.")
_TOO_LARGE = N_("The volume is larger than the server of nnInteractive takes.")
_REJECTED = N_("The server of nnInteractive could not take this (%(found)s); the mask is as it was.")
_LOST = N_("The server of nnInteractive has let this session go; it is opened again with the next prompt.")
_SPOKEN = "2"  # major version of the client that is pinned
_FACTS_S, _DOWN_S = 60.0, 15.0
_log = logging.getLogger(__name__)


@dataclass
class _Server:
    """One address, how many leases of ours it holds, and what was last heard of it."""

    url: str
    leases: int = 0
    rests_until: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    fault: Message | None = None
    asked_at: float = float("-inf")


class RemoteNnInteractive:
    """The engine. ``servers`` are addresses that the administrator trusts: ``api_key`` goes to each."""

    name = "remote"

    def __init__(
        self,
        servers: Sequence[str],
        *,
        api_key: str = "",
        read_timeout_s: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = [_Server(url.rstrip("/")) for url in servers]
        self._key, self._read_timeout_s, self._clock = api_key, read_timeout_s, clock
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def capabilities(self) -> Capabilities:
        """As the first server that answers says; they are asked at most once a minute, and not for long."""
        self._ask()
        facts = next((server.facts for server in self._servers if server.facts), {})
        reason = None if facts else self._reason()
        return Capabilities(
            self.name,
            kinds_taken(facts.get("supported_interactions") or {}) if facts else frozenset(),
            flat_boxes_only=True,
            is_learned=True,
            device="remote",
            licence=licence_word(facts.get("license")) if facts else "",
            reason=reason,
        )

    def open(self, volume: EngineVolume) -> "RemoteSession":
        """A session on the server with the fewest of ours.

        Raises
        ------
        UnsuitableVolume, EngineUnavailable, EngineBusy
        """
        check_volume(volume)
        capabilities = self.capabilities()
        waits: list[float] = []
        for server in self._ordered():
            try:
                lease = self._claim(server)
            except EngineBusy as busy:
                waits.append(busy.retry_after_s)
            except EngineUnavailable as fault:
                server.fault = fault.message
            else:
                return RemoteSession(self._leave, server, lease, volume, capabilities)
        if waits:
            raise EngineBusy(_FULL, retry_after_s=min(waits), seconds=round(min(waits)))
        reason = self._reason()
        raise EngineUnavailable(reason.template, **reason.values)

    @property
    def count(self) -> int:
        """Leases of this process, on all servers."""
        return sum(server.leases for server in self._servers)

    def close(self) -> None:
        """Nothing of its own to give back: its sessions are closed by those who hold them."""

    def _ordered(self) -> list[_Server]:
        now = self._clock()
        with self._lock:
            # One that was full or silent a moment ago is asked last, not never: it may be the only one.
            return sorted(self._servers, key=lambda server: (server.rests_until > now, server.leases))

    def _claim(self, server: _Server) -> Any:
        with self._lock:
            server.leases += 1  # before the answer, so that claims at once spread over the servers
        try:
            return claim(server.url, self._key, self._read_timeout_s)
        except Exception as error:
            wait = retry_after_s(error) if is_capacity(error) else _DOWN_S
            self._leave(server, rest_s=wait)
            raise self._named(error, wait) from error

    def _leave(self, server: _Server, rest_s: float = 0.0) -> None:
        with self._lock:
            server.leases -= 1
            if rest_s:
                server.rests_until = self._clock() + rest_s

    def _named(self, error: Exception, wait_s: float) -> EngineError:
        if is_capacity(error):
            return EngineBusy(_FULL, retry_after_s=wait_s, seconds=round(wait_s))
        if isinstance(error, ImportError):
            return EngineUnavailable(_NOT_INSTALLED)
        if status_of(error) in (401, 403):
            return EngineUnavailable(_REFUSED)
        _log.warning("a server of nnInteractive did not give a lease: %s", type(error).__name__)
        return EngineUnavailable(_NO_ANSWER)

    def _ask(self) -> None:
        """Ask the servers whose answer is old; one thread at a time, others take what is known."""
        if not self._asking.acquire(blocking=False):
            return
        try:
            for server in self._servers:
                age = self._clock() - server.asked_at
                if age >= (_FACTS_S if server.facts else _DOWN_S):
                    self._ask_one(server)
        finally:
            self._asking.release()

    def _ask_one(self, server: _Server) -> None:
        try:
            facts, fault = facts_of(server.url, self._key), None
            version = str(facts.get("inference_session_version", ""))
            if version.partition(".")[0] != _SPOKEN:
                facts, fault = {}, Message(_OTHER_VERSION, {"found": version[:20], "limit": f"{_SPOKEN}.x"})
        except Exception as error:
            # Whatever stands at that address: it is not one of their servers.
            facts, fault = {}, self._named(error, 0.0).message
        server.facts, server.fault, server.asked_at = facts, fault, self._clock()

    def _reason(self) -> Message:
        if not self._servers:
            return Message(_NO_SERVERS)
        return next((server.fault for server in self._servers if server.fault), None) or Message(_NO_ANSWER)


class RemoteSession:
    """A lease. After anything that leaves its state unknown it is given back, and SessionLost says so."""

    def __init__(
        self,
        leave: Callable[[_Server], None],
        server: _Server,
        lease: Any,
        volume: EngineVolume,
        capabilities: Capabilities,
    ) -> None:
        self._leave, self._server, self._lease = leave, server, lease
        self._lock = threading.RLock()
        self._is_open = True
        self._prompted: Prompted | None = None
        self.nbytes = int(volume.array.size)  # our copy of the mask; the image lies on the server
        try:
            self._prompted = self._guarded(lambda: Prompted(lease, volume, capabilities))
        except SessionLost as lost:
            raise EngineUnavailable(_NO_ANSWER) from lost
        except BaseException:
            self.close()
            raise

    def add(self, prompt: Prompt) -> MaskChange:
        with self._lock:
            prompted = self._alive()
            prompted.check(prompt)
            return self._guarded(lambda: prompted.add(prompt))

    def set_mask(self, mask: BoxMask) -> None:
        with self._lock:
            prompted = self._alive()
            prompted.check(Mask(mask))
            self._guarded(lambda: prompted.set_mask(mask))

    def undo(self) -> MaskChange | None:
        with self._lock:
            return self._guarded(self._alive().undo)

    def reset(self) -> None:
        with self._lock:
            self._guarded(self._alive().reset)

    def close(self) -> None:
        """Give the lease back; a server that does not answer takes ten seconds at most."""
        with self._lock:
            if not self._is_open:
                return
            self._is_open, self._prompted = False, None
            try:
                with suppress(Exception):
                    self._lease.close()
            finally:
                self._leave(self._server)

    def _alive(self) -> Prompted:
        if self._prompted is None:
            raise SessionLost(_LOST)
        return self._prompted

    def _guarded(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except Exception as error:
            raise self._named(error) from error

    def _named(self, error: Exception) -> EngineError:
        status = status_of(error)
        if status == 413:
            return EngineUnavailable(_TOO_LARGE)
        if status in (401, 403):
            return EngineUnavailable(_REFUSED)
        if status is not None and 400 <= status < 500 and not is_expired(error):
            return EngineError(_REJECTED, found=status)
        # Expired, timed out, or failed inside: the prompt may or may not have counted. A new lease that
        # starts from the stored mask is right in both cases.
        _log.warning("a session on a server of nnInteractive is lost: %s", type(error).__name__)
        self.close()
        return SessionLost(_LOST)
