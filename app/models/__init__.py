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
from app.models.segmentation import (
    SEGMENTATION_KINDS,
    InstanceReference,
    Segmentation,
    SegmentRow,
)
from app.models.workspace import Deletion, GreyCurve, Mark, ViewerPreference, Workspace

__all__ = [
    "JOB_STATES",
    "REGISTRATION_MODES",
    "ROLES",
    "SEGMENTATION_KINDS",
    "SERIES_STATES",
    "SYSTEM_ROLE",
    "ApiToken",
    "AuditEntry",
    "Base",
    "Deletion",
    "GreyCurve",
    "Instance",
    "InstanceReference",
    "Job",
    "Mark",
    "OneTimeLink",
    "Patient",
    "SegmentRow",
    "Segmentation",
    "Series",
    "Setting",
    "SignInThrottle",
    "Study",
    "User",
    "ViewerPreference",
    "Workspace",
    "db",
    "new_id",
    "utc_now",
]
