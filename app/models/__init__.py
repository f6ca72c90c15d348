"""Tables and short queries."""

from app.models.accounts import (
    REGISTRATION_MODES,
    ROLES,
    SYSTEM_ROLE,
    ApiToken,
    AuditEntry,
    OneTimeLink,
    Setting,
    SignInThrottle,
    User,
)
from app.models.base import Base, db, new_id, utc_now
from app.models.imaging import SERIES_STATES, Instance, Patient, Series, Study
from app.models.jobs import JOB_STATES, Job

__all__ = [
    "JOB_STATES",
    "REGISTRATION_MODES",
    "ROLES",
    "SERIES_STATES",
    "SYSTEM_ROLE",
    "ApiToken",
    "AuditEntry",
    "Base",
    "Instance",
    "Job",
    "OneTimeLink",
    "Patient",
    "Series",
    "Setting",
    "SignInThrottle",
    "Study",
    "User",
    "db",
    "new_id",
    "utc_now",
]
