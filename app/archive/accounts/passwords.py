"""Passwords: what is good enough, and how it is kept (argon2id).

A password is brought to Unicode form NFKC first, so that an "ñ" typed on another keyboard is the same.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.archive.accounts.errors import AccountFault
from app.imaging.errors import N_

MIN_LENGTH = 12
MAX_LENGTH = 256
_MIN_OWN_CHARACTERS = 6  # that are left when the account's name is taken out
_MIN_DISTINCT = 5
_KNOWN = Path(__file__).with_name("known_passwords.txt")
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # memory in KiB


def hash_password(password: str) -> str:
    """The argon2id hash of *password*."""
    return _hasher.hash(_normal(password))


def verify(stored: str, password: str) -> bool:
    """Whether *password* has the hash *stored*.

    An empty *stored* (no such account, or one without a password) costs the same time as a wrong password.
    """
    try:
        matches = _hasher.verify(stored or _decoy(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return matches and bool(stored)


def needs_rehash(stored: str) -> bool:
    """Whether *stored* was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def check_password(password: str, name: str = "") -> None:
    """Refuse what is short, known to everybody or the account's own name. No rules of composition."""
    if len(password) < MIN_LENGTH:
        raise _weak(N_("Use at least %(count)s characters. A sentence works well."), count=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise _weak(N_("Use at most %(count)s characters."), count=MAX_LENGTH)
    plain = _normal(password).casefold()
    if plain in known_passwords() or len(set(plain)) < _MIN_DISTINCT:
        raise _weak(N_("This password is among the first that are guessed. Choose another one."))
    if name and len(plain.replace(name.casefold(), "")) < _MIN_OWN_CHARACTERS:
        raise _weak(N_("The password must not be your user name."))


@lru_cache(maxsize=1)
def known_passwords() -> frozenset[str]:
    """Long passwords that head every list of guesses."""
    return frozenset(_KNOWN.read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher.hash("nobody has this password")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _weak(template: str, **values: object) -> AccountFault:
    return AccountFault(template, field="password", **values)
