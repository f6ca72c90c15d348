"""There is always an administrator who can sign in, also when two requests remove two at once."""

from sqlalchemy import update

from app.archive.accounts.errors import LastAdministrator
from app.archive.accounts.people import count_administrators
from app.models import User, db


def keep_one_without(user: User) -> None:
    """Refuse what would leave nobody to administrate, were *user* gone. The caller changes and commits."""
    # Writing first makes the next request wait until this one commits, on SQLite for the database's one
    # writer, on PostgreSQL for these rows; only then does it count. Reading first would let both pass.
    db.session.execute(
        update(User)
        .where(User.role == "admin")
        .values(is_enabled=User.is_enabled)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(user)
    if user.is_admin and user.is_enabled and count_administrators() <= 1:
        db.session.rollback()
        raise LastAdministrator
