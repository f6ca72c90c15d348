"""What the codes of the audit log mean. A code without words is shown as it is."""

from flask_babel import gettext as _


def action_names() -> dict[str, str]:
    """Code of an action → what it is called in the user's language."""
    return {
        "sign_in": _("Signed in"),
        "sign_in_failed": _("Sign-in failed"),
        "sign_out": _("Signed out"),
        "upload": _("Files uploaded"),
        "export": _("Copies exported"),
        "delete_study": _("Study deleted"),
        "delete_series": _("Series deleted"),
        "create_segmentation": _("Segmentation added"),
        "delete_segmentation": _("Segmentation deleted"),
        "delete_segment": _("Segment deleted"),
        "account_created": _("Account made"),
        "account_deleted": _("Account deleted"),
        "account_disabled": _("Account disabled"),
        "account_enabled": _("Account enabled"),
        "account_role_changed": _("Role changed"),
        "account_unlocked": _("Account unlocked"),
        "account_sessions_ended": _("Sessions ended"),
        "account_password_changed": _("Password changed"),
        "account_password_reset": _("Password set by a link"),
        "account_reset_link_made": _("Reset link made"),
        "account_token_created": _("API token made"),
        "account_token_revoked": _("API token revoked"),
        "account_invited": _("Invitation made"),
        "account_invitation_revoked": _("Invitation revoked"),
        "account_registration_chosen": _("Registration switched"),
    }
