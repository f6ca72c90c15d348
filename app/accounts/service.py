"""Accounts as the sign-in pages use them."""

from dataclasses import dataclass

from app.archive.accounts import throttle
from app.archive.accounts.passwords import hash_password, needs_rehash, verify
from app.archive.accounts.people import create_user, end_sessions, find_user, set_password
from app.models import User

__all__ = [
    "SignIn",
    "authenticate",
    "create_user",
    "end_sessions",
    "find_user",
    "hash_password",
    "set_password",
    "verify",
]


@dataclass(frozen=True)
class SignIn:
    """What came of an attempt: an account, or how long to wait, or neither."""

    user: User | None = None
    wait_seconds: int = 0
    tried_id: str = ""  # the account a wrong password was tried for, for the audit log alone


def authenticate(name: str, password: str, address: str) -> SignIn:
    """The account of *name* and *password*, unless too many attempts came before.

    Unknown, disabled and passwordless accounts cost the same time and look the same as a wrong password.
    """
    counters = throttle.sign_in_counters(name, address)
    wait = throttle.attempt(counters)
    if wait:
        return SignIn(wait_seconds=wait)
    user = find_user(name)
    matches = verify(user.password_hash if user else "", password)
    if user is None or not matches or not user.is_enabled:
        return SignIn(tried_id=user.id if user else "")
    throttle.take_back(counters)
    if needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return SignIn(user)
