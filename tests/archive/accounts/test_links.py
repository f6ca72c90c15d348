"""One-time links: what is kept of them, and that they work once."""

from datetime import timedelta

import pytest
from flask import Flask

from app.archive.accounts import links
from app.archive.accounts.errors import LinkSpent
from app.archive.accounts.people import create_user, set_password
from app.models import OneTimeLink, db, utc_now


@pytest.fixture(autouse=True)
def _in_application(app: Flask):  # type: ignore[no-untyped-def]
    with app.app_context():
        yield


def test_only_the_hash_is_kept() -> None:
    link, secret = links.issue("invitation")
    assert len(secret) == 43
    assert link.token_hash == links.hash_secret(secret)
    assert secret not in str({column.name: getattr(link, column.name) for column in link.__table__.columns})


@pytest.mark.parametrize(
    ("kind", "lifetime"),
    [("invitation", timedelta(days=14)), ("reset", timedelta(minutes=30)), ("setup", timedelta(days=1))],
)
def test_each_kind_ends_in_its_time(kind: str, lifetime: timedelta) -> None:
    link, secret = links.issue(kind)
    assert abs(link.expires_at - utc_now() - lifetime) < timedelta(seconds=5)
    link.expires_at = utc_now() - timedelta(seconds=1)
    db.session.commit()
    with pytest.raises(LinkSpent):
        links.find(kind, secret)


def test_a_link_is_spent_once() -> None:
    link, secret = links.issue("invitation")
    db.session.commit()
    links.spend(links.find("invitation", secret))
    db.session.commit()
    with pytest.raises(LinkSpent):
        links.spend(link)
    with pytest.raises(LinkSpent):
        links.find("invitation", secret)


def test_a_link_of_one_kind_is_none_of_another() -> None:
    _link, secret = links.issue("invitation")
    with pytest.raises(LinkSpent):
        links.find("reset", secret)


def test_a_new_setup_link_ends_the_one_before() -> None:
    _link, first = links.issue("setup", role="admin")
    _link, second = links.issue("setup", role="admin")
    with pytest.raises(LinkSpent):
        links.find("setup", first)
    assert links.find("setup", second).role == "admin"


def test_setup_ends_when_there_is_an_administrator() -> None:
    link, secret = links.issue("setup", role="admin")
    create_user("ada", "tres planos y un cubo", role="admin")
    db.session.commit()
    with pytest.raises(LinkSpent):
        links.find("setup", secret)
    with pytest.raises(LinkSpent):
        links.spend(link)


def test_reset_links_of_others_stay() -> None:
    alice = create_user("alice", "tres planos y un cubo")
    bob = create_user("bob", "tres planos y un cubo")
    _link, for_bob = links.issue("reset", user=bob)
    _link, first = links.issue("reset", user=alice)
    _link, second = links.issue("reset", user=alice)
    with pytest.raises(LinkSpent):
        links.find("reset", first)
    set_password(alice, "otra frase muy larga")
    with pytest.raises(LinkSpent):
        links.find("reset", second)
    assert links.find("reset", for_bob).user_id == bob.id


def test_open_invitations_leave_out_what_is_used_or_old() -> None:
    kept, _secret = links.issue("invitation", role="teacher")
    used, _secret = links.issue("invitation")
    links.spend(used)
    old, _secret = links.issue("invitation")
    old.expires_at = utc_now() - timedelta(days=1)
    links.issue("setup")
    db.session.commit()
    assert [link.id for link in links.open_invitations()] == [kept.id]
    assert db.session.query(OneTimeLink).count() == 4
