"""What is good enough as a password, and how it is kept."""

import unicodedata

import pytest

from app.archive.accounts import passwords
from app.archive.accounts.errors import AccountFault


def test_hash_is_argon2id_with_the_wanted_cost() -> None:
    assert passwords.hash_password("tres planos y una esfera").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_right_password_is_known_and_wrong_is_not() -> None:
    stored = passwords.hash_password("tres planos y una esfera")
    assert passwords.verify(stored, "tres planos y una esfera")
    assert not passwords.verify(stored, "tres planos y una esferb")
    assert not passwords.verify("", "")
    assert not passwords.verify("no hash at all", "tres planos y una esfera")


def test_the_same_letters_of_another_keyboard_are_the_same_password() -> None:
    composed, decomposed = "mañana será otro día", unicodedata.normalize("NFD", "mañana será otro día")
    assert composed != decomposed
    assert passwords.verify(passwords.hash_password(composed), decomposed)


def test_a_cheaper_hash_is_to_be_made_again() -> None:
    cheap = "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$kPLzvN9uzjRg6rE8cX5kpQ"
    assert passwords.needs_rehash(cheap)
    assert not passwords.needs_rehash(passwords.hash_password("tres planos y una esfera"))


@pytest.mark.parametrize(
    "password",
    [
        "once letras",  # 11
        "",
        "x" * 257,
        "contraseña123",
        "Password1234",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "mariana.rios",
        "mariana.rios1234",
        "mariana.riosmariana.rios",
    ],
)
def test_bad_password_is_refused(password: str) -> None:
    with pytest.raises(AccountFault) as caught:
        passwords.check_password(password, "mariana.rios")
    assert caught.value.field == "password"


@pytest.mark.parametrize("password", ["doce letras.", "correct battery of horses", "ñandú que corre lejos"])
def test_good_password_is_taken(password: str) -> None:
    passwords.check_password(password, "mariana.rios")


def test_known_passwords_are_those_that_length_alone_would_take() -> None:
    assert all(len(word) >= 12 and word == word.casefold() for word in passwords.known_passwords())
    assert len(passwords.known_passwords()) > 100
