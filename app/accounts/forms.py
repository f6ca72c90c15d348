"""The forms of the sign-in pages and of the account's own page."""

from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.archive.accounts.passwords import check_password
from app.archive.accounts.people import normal_name
from app.fields import full_name_field, told, validate_new_name


def _lower(value: str | None) -> str | None:
    return None if value is None else normal_name(value)


class SignInForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("User name"),
        validators=[
            InputRequired(_("Enter your user name.")),
            Length(max=64, message=_("A user name has at most 64 characters.")),
        ],
    )
    password = PasswordField(_("Password"), validators=[InputRequired(_("Enter your password."))])
    keep = BooleanField(_("Stay signed in on this computer, for up to 12 hours"))
    next = HiddenField()


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A password, typed twice. ``owner`` is the name of the account it is for."""

    owner = ""
    password = PasswordField(_("Password"), validators=[InputRequired(_("Enter a password."))])
    again = PasswordField(
        _("The password again"),
        validators=[
            InputRequired(_("Enter the password again.")),
            EqualTo("password", message=_("The two passwords differ.")),
        ],
    )

    def validate_password(self, field: Field) -> None:
        told(check_password, field.data, self.owner)


class JoinForm(NewPasswordForm):
    """Who makes an account."""

    name = StringField(_("User name"), filters=[_lower], validators=[InputRequired(_("Enter a user name."))])
    full_name = full_name_field()

    def validate_name(self, field: Field) -> None:
        validate_new_name(field)

    def validate_password(self, field: Field) -> None:
        told(check_password, field.data, self.name.data or "")


class ChangePasswordForm(NewPasswordForm):
    """The signed-in account's password, known and new."""

    current = PasswordField(_("Present password"), validators=[InputRequired(_("Enter your password."))])
    password = PasswordField(_("New password"), validators=[InputRequired(_("Enter a password."))])

    def validate_password(self, field: Field) -> None:
        told(check_password, field.data, current_user.name)


class ProfileForm(FlaskForm):  # type: ignore[misc]
    full_name = full_name_field()


class TokenForm(FlaskForm):  # type: ignore[misc]
    label = StringField(
        _("What the token is for"),
        validators=[
            InputRequired(_("Say what the token is for.")),
            Length(max=64, message=_("Use at most %(count)s characters.", count=64)),
        ],
    )
