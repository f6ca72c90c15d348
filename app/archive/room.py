"""Whether there is room for more: of the request, of the account, of the disk."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.archive.amounts import size_text
from app.archive.errors import QuotaExceeded, StorageFull
from app.archive.incoming import DISK_FULL
from app.imaging.errors import N_, LimitExceeded
from app.models import Instance, Segmentation, db
from app.storage.store import Store

Settings = Mapping[str, Any]


def storage_used(owner_id: str) -> int:
    """Bytes of originals and of masks that the account keeps."""
    originals = select(func.coalesce(func.sum(Instance.size), 0)).where(Instance.owner_id == owner_id)
    drawn = select(func.coalesce(func.sum(Segmentation.size), 0)).where(Segmentation.user_id == owner_id)
    return int(db.session.scalar(originals) or 0) + int(db.session.scalar(drawn) or 0)


def check_room(owner_id: str, size: int, *, store: Store, settings: Settings) -> None:
    """Refuse an upload of *size* bytes before it is received.

    Raises
    ------
    StorageFull, QuotaExceeded, LimitExceeded
    """
    if size > settings["MAX_UPLOAD_SIZE"]:
        raise LimitExceeded(
            N_("The upload has %(found)s; at most %(limit)s are taken at once."),
            found=size_text(size),
            limit=size_text(settings["MAX_UPLOAD_SIZE"]),
        )
    check_disk(size, store, settings)
    check_quota(owner_id, size, settings)


def check_disk(size: int, store: Store, settings: Settings) -> None:
    """Refuse to write *size* bytes more when the disk would be (nearly) full.

    Raises
    ------
    StorageFull
    """
    if store.free_bytes() - size < settings["MIN_FREE_DISK"]:
        raise StorageFull(DISK_FULL)


def check_quota(owner_id: str, more: int, settings: Settings) -> None:
    """Refuse *more* bytes than the account may keep.

    Raises
    ------
    QuotaExceeded
    """
    wanted = storage_used(owner_id) + more
    if wanted > settings["STORAGE_QUOTA"]:
        raise QuotaExceeded(
            N_(
                "Your storage would hold %(wanted)s; %(limit)s are allowed. "
                "Delete a study you no longer need."
            ),
            wanted=size_text(wanted),
            limit=size_text(settings["STORAGE_QUOTA"]),
        )
