"""Claiming a place on an nninteractive-server, and what the thin client does not tell: when to come again."""

from typing import Any

DEFAULT_WAIT_S = 10.0
_MOST_WAIT_S = 600.0
_CONNECT_S = 3.0
_FACTS_READ_S = 5.0


def claim(url: str, key: str, read_timeout_s: float) -> Any:
    """A session of the client's own class, on a lease of its own and with an HTTP client of its own.

    Raises whatever the client raises; nothing is left open then, and nothing claimed.
    """
    return _lease_class()(url, key, read_timeout_s)


def facts_of(url: str, key: str) -> dict[str, Any]:
    """What the server says of itself, without a lease."""
    import httpx

    timeout = httpx.Timeout(_FACTS_READ_S, connect=_CONNECT_S)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = httpx.get(f"{url}/capabilities", headers=headers, timeout=timeout)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("the server's facts are no object")
    return found


def is_capacity(error: Exception) -> bool:
    return type(error).__name__ == "ServerAtCapacityError"


def is_expired(error: Exception) -> bool:
    return type(error).__name__ == "SessionExpiredError"


def retry_after_s(error: Exception) -> float:
    """Seconds that a full server asked to wait."""
    wait = getattr(error, "retry_after_s", DEFAULT_WAIT_S)
    return float(min(max(wait, 1.0), _MOST_WAIT_S))


def status_of(error: Exception) -> int | None:
    """The HTTP status that the client raised for; None where there was no answer, or a lease error."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return int(status) if status is not None else None


_made: list[Any] = []


def _lease_class() -> Any:
    """The client's class with three gaps closed. Made at the first use: its module takes 0.2 s to import."""
    if _made:
        return _made[0]
    import threading

    from nnInteractive.inference.remote import nnInteractiveRemoteInferenceSession

    class Lease(nnInteractiveRemoteInferenceSession):  # type: ignore[misc]
        """Remembers Retry-After, and closes what it opened where the claim or the handshake fails."""

        def __init__(self, url: str, key: str, read_timeout_s: float) -> None:
            # The client's close() reads these; it sets them only after the claim.
            self._stop_heartbeat = threading.Event()
            self._heartbeat_thread = None
            self._lease_token = None
            self._wait = ""
            try:
                # An empty key is no key; None would be read from the environment.
                super().__init__(url, key, connect_timeout=_CONNECT_S, read_timeout=read_timeout_s)
            except BaseException as error:
                if hasattr(self, "_client"):
                    self.close()
                if self._wait.isascii() and self._wait.isdigit():
                    error.retry_after_s = float(self._wait)  # type: ignore[attr-defined]
                raise

        @property
        def _http(self) -> Any:
            return self._client

        @_http.setter
        def _http(self, client: Any) -> None:
            client.event_hooks["response"].append(self._remember)
            self._client = client

        def _remember(self, answer: Any) -> None:
            self._wait = answer.headers.get("Retry-After", "")

    _made.append(Lease)
    return Lease
