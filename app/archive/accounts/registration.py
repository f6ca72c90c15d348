"""Who may make an account: everybody, those with an invitation, or nobody."""

from app.archive.accounts.errors import AccountFault
from app.imaging.errors import N_
from app.models import REGISTRATION_MODES, Setting, db

_KEY = "registration"


def registration_mode(default: str) -> str:
    """What an administrator chose, else *default* (the setting ``REGISTRATION``)."""
    row = db.session.get(Setting, _KEY)
    return row.value if row and row.value in REGISTRATION_MODES else default


def choose_registration_mode(mode: str) -> None:
    """Switch registration while the application runs."""
    if mode not in REGISTRATION_MODES:
        raise AccountFault(N_("Registration is open, by invitation or closed."), field="mode")
    db.session.merge(Setting(key=_KEY, value=mode))
