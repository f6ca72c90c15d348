"""The forms of the administration."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from app.archive.accounts.passwords import check_password
from app.archive.accounts.people import normal_name
from app.fields import full_name_field, told, validate_new_name

ROLE_NAMES = {"student": _("Student"), "teacher": _("Teacher"), "admin": _("Administrator")}


def _role() -> SelectField:
    return SelectField(
        _("Role"),
        choices=[SelectChoice(value, label) for value, label in ROLE_NAMES.items()],
        validate_choice=False,  # its own message would be the library's English
        validators=[AnyOf(ROLE_NAMES, message=_("Choose one of the list."))],
    )


class NewAccountForm(FlaskForm):  # type: ignore[misc]
    """A new account: its owner chooses the password on a link, or the administrator gives one."""

    name = StringField(
        _("User name"),
        filters=[lambda value: None if value is None else normal_name(value)],
        validators=[InputRequired(_("Enter a user name."))],
    )
    full_name = full_name_field()
    role = _role()
    way = RadioField(
        _("Password"),
        choices=[
            SelectChoice("link", _("Make a link on which the person chooses one")),
            SelectChoice("password", _("Give one now")),
        ],
        default="link",
        validate_choice=False,
    )
    password = PasswordField(_("Password"))

    def validate_name(self, field: Field) -> None:
        validate_new_name(field)

    def validate_password(self, field: Field) -> None:
        if self.way.data == "password":
            told(check_password, field.data or "", self.name.data or "")

    @property
    def given_password(self) -> str | None:
        """The password, unless the person chooses it."""
        return self.password.data if self.way.data == "password" else None


class PersonForm(FlaskForm):  # type: ignore[misc]
    """What an administrator may change of a person."""

    full_name = full_name_field()
    role = _role()


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """Whom an invitation is for."""

    role = _role()
