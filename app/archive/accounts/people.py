"""Accounts: made, found, given another password. The caller commits."""

import re

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.archive.accounts.errors import AccountFault, NameTaken
from app.archive.accounts.passwords import check_password, hash_password
from app.imaging.errors import N_
from app.models import ROLES, SYSTEM_ROLE, OneTimeLink, User, db

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
FULL_NAME_LENGTH = 128


def normal_name(name: str) -> str:
    """The name under which an account is kept: sign-in does not mind capitals."""
    return name.strip().lower()


def check_name(name: str) -> str:
    """*name* in its kept form, if an account may be called so."""
    name = normal_name(name)
    if not _NAME.fullmatch(name):
        raise AccountFault(
            N_("Use 2 to 64 letters without accents, digits or . _ - @ +; a letter or a digit comes first."),
            field="name",
        )
    return name


def find_user(name: str) -> User | None:
    """The account called *name*; never the one that owns the demo study."""
    found: User | None = db.session.scalar(
        select(User).where(User.name == normal_name(name), User.role != SYSTEM_ROLE)
    )
    return found


def is_name_taken(name: str) -> bool:
    """Whether *name* is gone, also to an account that no list shows."""
    return db.session.scalar(select(User.id).where(User.name == normal_name(name))) is not None


def check_role(role: str) -> str:
    """*role*, if it is one that people have."""
    if role not in ROLES:
        raise AccountFault(N_("The role is one of student, teacher and admin."), field="role")
    return role


def create_user(name: str, password: str | None, *, role: str = "student", full_name: str = "") -> User:
    """A new account, flushed. Without *password* nobody can sign in until a reset link sets one."""
    name, role = check_name(name), check_role(role)
    if is_name_taken(name):
        raise NameTaken
    if password is not None:
        check_password(password, name)
    user = User(
        name=name,
        full_name=full_name.strip()[:FULL_NAME_LENGTH],
        role=role,
        password_hash="" if password is None else hash_password(password),
    )
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError:  # somebody else took the name since the check
        db.session.rollback()
        raise NameTaken from None
    return user


def set_password(user: User, password: str) -> None:
    """Another password: every open session and every unused reset link of the account ends."""
    check_password(password, user.name)
    user.password_hash = hash_password(password)
    end_sessions(user)
    db.session.execute(
        delete(OneTimeLink).where(OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None))
    )


def end_sessions(user: User) -> None:
    """Sign the account out everywhere: the cookies carry the version."""
    user.session_version = User.session_version + 1


def count_administrators() -> int:
    """How many administrators can sign in."""
    return (
        db.session.scalar(
            select(func.count()).select_from(User).where(User.role == "admin", User.is_enabled.is_(True))
        )
        or 0
    )
