"""Personal tokens of the API: told once, kept as a hash, taken back by their owner."""

import secrets

from sqlalchemy import select

from app.archive.accounts.errors import AccountFault
from app.archive.accounts.links import hash_secret
from app.archive.errors import NotFound
from app.imaging.errors import N_
from app.models import ApiToken, User, db

MAX_TOKENS = 20
LABEL_LENGTH = 64


def create_token(user: User, label: str = "") -> str:
    """A new token of *user*. The prefix lets scanners of public code find a lost one."""
    if len(tokens_of(user)) >= MAX_TOKENS:
        raise AccountFault(N_("An account has at most %(count)s tokens. Revoke one first."), count=MAX_TOKENS)
    token = f"triplano_{secrets.token_urlsafe(32)}"
    db.session.add(
        ApiToken(user_id=user.id, token_hash=hash_secret(token), label=label.strip()[:LABEL_LENGTH])
    )
    db.session.flush()
    return token


def tokens_of(user: User) -> list[ApiToken]:
    """The tokens of *user*, the newest first."""
    return list(
        db.session.scalars(
            select(ApiToken).where(ApiToken.user_id == user.id).order_by(ApiToken.created_at.desc())
        )
    )


def revoke_token(user: User, token_id: str) -> None:
    """End a token of *user*."""
    token = db.session.get(ApiToken, token_id)
    if token is None or token.user_id != user.id:
        raise NotFound
    db.session.delete(token)
