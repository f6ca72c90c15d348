"""Accounts are made and found under one spelling of their name."""

import pytest
from flask import Flask

from app.archive.accounts.errors import AccountFault, NameTaken
from app.archive.accounts.people import create_user, find_user
from app.models import SYSTEM_ROLE, User, db

PASSWORD = "tres planos y un cubo"


@pytest.fixture(autouse=True)
def _in_application(app: Flask):  # type: ignore[no-untyped-def]
    with app.app_context():
        yield


def test_a_name_is_kept_in_lower_case() -> None:
    assert create_user(" Ana.Salgado ", PASSWORD).name == "ana.salgado"
    assert find_user("ANA.SALGADO") is not None
    with pytest.raises(NameTaken):
        create_user("ANA.salgado", PASSWORD)


@pytest.mark.parametrize(
    "name",
    ["", "a", ".ana", "ana salgado", "íñigo", "a" * 65, "an\na", "ana/../x", "<b>", "ana\x00", "ana|x"],
)
def test_a_name_that_cannot_be_typed_everywhere_is_refused(name: str) -> None:
    with pytest.raises(AccountFault) as caught:
        create_user(name, PASSWORD)
    assert caught.value.field == "name"


@pytest.mark.parametrize("role", ["system", "root", ""])
def test_only_peoples_roles_are_given(role: str) -> None:
    with pytest.raises(AccountFault):
        create_user("ana", PASSWORD, role=role)


def test_a_race_for_a_name_is_lost_politely(monkeypatch: pytest.MonkeyPatch) -> None:
    create_user("ana", PASSWORD)
    db.session.commit()
    monkeypatch.setattr("app.archive.accounts.people.is_name_taken", lambda _name: False)
    with pytest.raises(NameTaken):
        create_user("ana", PASSWORD)


def test_the_owner_of_the_demo_study_is_not_found_and_its_name_is_taken() -> None:
    db.session.add(User(name="demo", role=SYSTEM_ROLE))
    db.session.commit()
    assert find_user("demo") is None
    with pytest.raises(NameTaken):
        create_user("demo", PASSWORD)
