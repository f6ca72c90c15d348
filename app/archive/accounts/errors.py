"""What can be wrong with an account, its name, its password or its link."""

from typing import Any

from app.archive.errors import Conflict, NotFound
from app.imaging.errors import N_, TriplanoError


class AccountFault(TriplanoError):
    """A value of an account that cannot be taken; ``field`` names it."""

    code = "bad_account"

    def __init__(self, template: str, /, *, field: str | None = None, **values: Any) -> None:
        super().__init__(template, **values)
        self.field = field


class NameTaken(Conflict):
    """There is an account of this name."""

    code = "name_taken"
    field = "name"

    def __init__(self) -> None:
        super().__init__(N_("There is already an account with this name. Choose another one."))


class LastAdministrator(Conflict):
    """Without this account nobody could administrate any more."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(
            N_("This is the last administrator. Make somebody else an administrator before you change it.")
        )


class LinkSpent(NotFound):
    """A one-time link that was used, replaced, is too old or never existed: a stranger cannot tell which."""

    code = "link_spent"

    def __init__(self) -> None:
        TriplanoError.__init__(
            self, N_("This link was already used, was replaced or is too old. Ask for a new one.")
        )
