"""Form fields that more than one feature has: how an account and its owner are called."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Field, StringField
from wtforms.validators import Length, ValidationError

from app.archive.accounts.people import FULL_NAME_LENGTH, check_name, is_name_taken
from app.i18n import tell
from app.imaging.errors import TriplanoError


def full_name_field() -> StringField:
    """What an account's owner is called; may be empty."""
    too_long = _("A full name has at most %(count)s characters.", count=FULL_NAME_LENGTH)
    return StringField(
        _("Full name"),
        filters=[lambda value: value or ""],
        validators=[Length(max=FULL_NAME_LENGTH, message=too_long)],
    )


def validate_new_name(field: Field) -> None:
    """Refuse a name that no account may have, or that another one has."""
    told(check_name, field.data)
    if is_name_taken(field.data):
        raise ValidationError(_("There is already an account with this name. Choose another one."))


def told(check: Callable[..., Any], *arguments: Any) -> None:
    """Run a check of a lower floor; its fault becomes the field's message."""
    try:
        check(*arguments)
    except TriplanoError as fault:
        raise ValidationError(tell(fault.message)) from None
