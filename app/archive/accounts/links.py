"""Links that work once: the first administrator's setup, an invitation, a password reset.

Only the hash is kept: whoever reads the database cannot use an open link.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.archive.accounts.errors import LinkSpent
from app.archive.accounts.people import count_administrators
from app.archive.errors import NotFound
from app.models import OneTimeLink, User, db, utc_now

LIFETIMES = {"setup": timedelta(days=1), "invitation": timedelta(days=14), "reset": timedelta(minutes=30)}
FIRST_PASSWORD = timedelta(days=14)  # for an account that was made without one


def hash_secret(secret: str) -> str:
    """What is kept of a random 256-bit secret; it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(
    kind: str, *, user: User | None = None, role: str = "student", lifetime: timedelta | None = None
) -> tuple[OneTimeLink, str]:
    """A new link and its secret, which is told once. Earlier ones to set up, or to reset *user*, end."""
    if kind != "invitation":
        revoke_open(kind, user)
    secret = secrets.token_urlsafe(32)
    link = OneTimeLink(
        kind=kind,
        token_hash=hash_secret(secret),
        user_id=user.id if user else None,
        role=role,
        expires_at=utc_now() + (lifetime or LIFETIMES[kind]),
    )
    db.session.add(link)
    db.session.flush()
    return link, secret


def find(kind: str, secret: str) -> OneTimeLink:
    """The open link of this secret."""
    link: OneTimeLink | None = db.session.scalar(
        select(OneTimeLink).where(OneTimeLink.kind == kind, OneTimeLink.token_hash == hash_secret(secret))
    )
    if link is None or link.used_at is not None or link.expires_at <= utc_now():
        raise LinkSpent
    if kind == "setup" and count_administrators():
        raise LinkSpent
    return link


def spend(link: OneTimeLink) -> None:
    """Use the link up, in the caller's transaction. Of two who try at once, one gets :class:`LinkSpent`."""
    spent = db.session.scalar(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=utc_now())
        .returning(OneTimeLink.id)
        .execution_options(synchronize_session=False)
    )
    if spent is None or (link.kind == "setup" and count_administrators()):
        db.session.rollback()
        raise LinkSpent


def revoke_open(kind: str, user: User | None = None) -> None:
    """End the unused links of *kind*: those of *user*, or those that belong to nobody."""
    db.session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.kind == kind,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.user_id == user.id if user else OneTimeLink.user_id.is_(None),
        )
    )


def open_invitations() -> list[OneTimeLink]:
    """Invitations nobody used yet, the newest first."""
    chosen = select(OneTimeLink).where(
        OneTimeLink.kind == "invitation", OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > utc_now()
    )
    return list(db.session.scalars(chosen.order_by(OneTimeLink.created_at.desc())))


def revoke_invitation(link_id: str) -> OneTimeLink:
    """End an open invitation; what it was."""
    link = db.session.get(OneTimeLink, link_id)
    if link is None or link.kind != "invitation" or link.used_at is not None:
        raise NotFound
    db.session.delete(link)
    return link
