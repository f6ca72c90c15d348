"""What administrators do with accounts. Each verb writes its audit row and commits both together."""

from dataclasses import dataclass
from typing import Any

from app.archive.accounts import links, people, registration, throttle
from app.archive.accounts.administrators import keep_one_without
from app.archive.audit import record
from app.archive.removal import remove_account
from app.models import OneTimeLink, User, db
from app.storage.store import Store


@dataclass(frozen=True)
class Actor:
    """The administrator, and from where."""

    id: str
    address: str

    def note(self, action: str, user_id: str, **detail: Any) -> None:
        """Add the audit row of what was done to an account."""
        record(
            action, actor_id=self.id, object_kind="user", object_id=user_id, address=self.address, **detail
        )


def create_account(
    actor: Actor, name: str, full_name: str, role: str, password: str | None
) -> tuple[User, str]:
    """A new account; without *password* with the secret of a link on which its owner chooses one."""
    user = people.create_user(name, password, role=role, full_name=full_name)
    actor.note("account_created", user.id, role=role, by="administrator")
    secret = ""
    if password is None:
        _link, secret = links.issue("reset", user=user, lifetime=links.FIRST_PASSWORD)
    db.session.commit()
    return user, secret


def change_profile(actor: Actor, user: User, full_name: str, role: str) -> None:
    """Another full name or role."""
    people.check_role(role)
    if role != "admin":
        keep_one_without(user)
    if role != user.role:
        actor.note("account_role_changed", user.id, was=user.role, now=role)
        user.role = role
    user.full_name = full_name.strip()[: people.FULL_NAME_LENGTH]
    db.session.commit()


def disable(actor: Actor, user: User) -> None:
    """Lock the account out, at its next request; nothing of it is lost."""
    keep_one_without(user)
    user.is_enabled = False
    people.end_sessions(user)
    actor.note("account_disabled", user.id)
    db.session.commit()


def enable(actor: Actor, user: User) -> None:
    """Let the account in again."""
    user.is_enabled = True
    actor.note("account_enabled", user.id)
    db.session.commit()


def end_sessions(actor: Actor, user: User) -> None:
    """Sign the account out everywhere. Its tokens stay."""
    people.end_sessions(user)
    actor.note("account_sessions_ended", user.id)
    db.session.commit()


def unlock(actor: Actor, user: User) -> None:
    """Forget the wrong passwords that were tried for the account."""
    throttle.unlock(user.name)
    actor.note("account_unlocked", user.id)
    db.session.commit()


def make_reset_link(actor: Actor, user: User) -> str:
    """The secret of a link on which the account's owner chooses a password."""
    lifetime = None if user.password_hash else links.FIRST_PASSWORD
    _link, secret = links.issue("reset", user=user, lifetime=lifetime)
    actor.note("account_reset_link_made", user.id)
    db.session.commit()
    return secret


def delete(actor: Actor, user: User, store: Store) -> None:
    """Remove the account with everything it stored."""
    keep_one_without(user)
    remove_account(user, store, actor_id=actor.id, address=actor.address)


def invite(actor: Actor, role: str) -> tuple[OneTimeLink, str]:
    """An invitation and its secret."""
    link, secret = links.issue("invitation", role=people.check_role(role))
    record(
        "account_invited",
        actor_id=actor.id,
        object_kind="link",
        object_id=link.id,
        address=actor.address,
        role=role,
    )
    db.session.commit()
    return link, secret


def revoke_invitation(actor: Actor, link_id: str) -> None:
    """End an open invitation."""
    link = links.revoke_invitation(link_id)
    record(
        "account_invitation_revoked",
        actor_id=actor.id,
        object_kind="link",
        object_id=link.id,
        address=actor.address,
    )
    db.session.commit()


def choose_registration(actor: Actor, mode: str) -> None:
    """Switch who may make an account."""
    registration.choose_registration_mode(mode)
    record("account_registration_chosen", actor_id=actor.id, address=actor.address, mode=mode)
    db.session.commit()
