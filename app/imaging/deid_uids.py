"""New names for old ones: UIDs and pseudonyms derived from a key that belongs to one run.

The same input under the same key gives the same output, so that a CT and the RTSTRUCT and SEG which
refer to it keep fitting wherever and in whatever order they are copied. Without the key nothing can be
guessed back; numbers of patients are few enough that a plain hash could be.

References
----------
PS3.6 Annex A, the registry of UIDs.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType

from pydicom._uid_dict import UID_dictionary

SHORTEST_KEY = 16  # bytes


def _digest(run_key: bytes, text: str) -> bytes:
    return hmac.new(run_key, text.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()


def pseudonym(run_key: bytes, kind: str, original: str, length: int = 10) -> str:
    """Letters and digits (base32) that stand for an original value.

    Parameters
    ----------
    run_key : bytes
        The key of the run, at least 16 bytes.
    kind : str
        What is named ("pid", "study"); equal values of two kinds get different pseudonyms.
    original : str
        The original value; it cannot be found from the answer without the key.
    length : int, optional
        Number of characters, 8 to 16. Ten hold 50 bits.
    """
    if not 8 <= length <= 16:
        raise ValueError("a pseudonym has 8 to 16 characters")
    return base64.b32encode(_digest(run_key, f"{kind}:{original}"))[:length].decode("ascii")


class UidMap:
    """New UIDs of one run: ``2.25.`` and 128 bits of HMAC-SHA256 (PS3.5 B.2).

    Raises
    ------
    ValueError
        The key is shorter than 16 bytes.
    """

    def __init__(self, run_key: bytes) -> None:
        if len(run_key) < SHORTEST_KEY:
            raise ValueError(f"a run key has at least {SHORTEST_KEY} bytes")
        self._run_key = run_key
        self._known: dict[str, str] = {}

    def replacement(self, uid: str) -> str:
        """The UID that takes the place of *uid*; UIDs of the standard itself and nothing stay.

        The root 1.2.840.10008 alone makes no UID of the standard: some machines name their images under it.
        """
        if not uid or uid in UID_dictionary:
            return uid
        known = self._known.get(uid)
        if known is None:
            number = int.from_bytes(_digest(self._run_key, f"uid:{uid}")[:16], "big")
            known = self._known[uid] = f"2.25.{number}"
        return known

    def seen(self) -> Mapping[str, str]:
        """Old to new, for each UID replaced so far. It links to patients: treat it like them."""
        return MappingProxyType(self._known)
