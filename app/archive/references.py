"""Structure sets, segmentations and doses among the uploaded files that belong to a series.

They say so themselves, by the UID of the series or of its frame of reference. That is read from each file
once, by the child process, when somebody first looks; a file that cannot be read is not tried again.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.archive.access import series_for, visible_studies
from app.archive.errors import NotFound
from app.archive.labelparsing import read_reference
from app.imaging.errors import ImagingError
from app.imaging.references import KINDS
from app.models import Instance, InstanceReference, Series, Study, User, db
from app.storage.store import Store

_MOST_READ = 20
"""Files read in one request; those left over are read in the next."""
_READING_S = 5.0
"""After these no other file is begun: one that was made to be slow takes the child's whole time."""
_MOST_LISTED = 100


@dataclass(frozen=True)
class FoundObject:
    """An object that refers to a series, or to its frame of reference."""

    instance_id: str
    kind: str
    name: str
    series_id: str
    series_description: str
    path: Path


def found_for(
    user: User, series: Series, frame_uid: str, *, store: Store, settings: Mapping[str, Any]
) -> list[FoundObject]:
    """The objects among what *user* may read that refer to *series* or to the frame of reference *frame_uid*.

    Those that name the series come first.
    """
    _read_new(user, store, settings)
    rows = db.session.execute(
        select(InstanceReference, Instance, Series)
        .join(Instance, Instance.id == InstanceReference.instance_row_id)
        .join(Series, Series.id == Instance.series_row_id)
        .join(Study, Study.id == Series.study_row_id)
        .where(visible_studies(user), InstanceReference.fault.is_(None))
        .where(Instance.owner_id.in_((user.id, series.owner_id)))
        .order_by(Study.created_at, Series.number, Instance.instance_number, Instance.id)
    ).all()
    uid = series.series_instance_uid
    named, near = [], []
    for reference, instance, own in rows:
        if uid in reference.series_uids:
            named.append(_found(reference, instance, own, store))
        elif frame_uid and reference.frame_of_reference_uid == frame_uid:
            near.append(_found(reference, instance, own, store))
    return [*named, *near][:_MOST_LISTED]


def object_for(user: User, instance_id: str, store: Store) -> FoundObject:
    """The structure set, segmentation or dose, if *user* may read its series.

    Raises
    ------
    NotFound
    """
    # No id: a text that JSON can say and no database can be asked for.
    is_text = instance_id.isascii()
    instance = db.session.get(Instance, instance_id) if is_text else None
    if instance is None or instance.sop_class_uid not in KINDS:
        raise NotFound
    own = series_for(user, instance.series_row_id)
    kept = db.session.get(InstanceReference, instance_id)
    reference = kept or InstanceReference(kind=KINDS[instance.sop_class_uid], name="")
    return _found(reference, instance, own, store)


def _found(reference: InstanceReference, instance: Instance, own: Series, store: Store) -> FoundObject:
    return FoundObject(
        instance_id=instance.id,
        kind=reference.kind,
        name=reference.name,
        series_id=own.id,
        series_description=own.description,
        path=store.original(instance.owner_id, instance.sha256),
    )


def _read_new(user: User, store: Store, settings: Mapping[str, Any]) -> None:
    """Read what has not been read yet of the user's own and of everybody's."""
    rows = db.session.execute(
        select(Instance.id, Instance.owner_id, Instance.sha256, Instance.sop_class_uid)
        .join(Series, Series.id == Instance.series_row_id)
        .join(Study, Study.id == Series.study_row_id)
        .outerjoin(InstanceReference, InstanceReference.instance_row_id == Instance.id)
        .where(visible_studies(user), Instance.sop_class_uid.in_(KINDS))
        .where(InstanceReference.instance_row_id.is_(None))
        .limit(_MOST_READ)
    ).all()
    if not rows:
        return
    db.session.rollback()  # reading takes its time: no connection is held meanwhile
    deadline = time.monotonic() + _READING_S
    for instance_id, owner_id, sha256, sop_class in rows:
        _keep(_reference(instance_id, sop_class, store.original(owner_id, sha256), settings))
        if time.monotonic() > deadline:
            return


def _reference(
    instance_id: str, sop_class_uid: str, path: Path, settings: Mapping[str, Any]
) -> InstanceReference:
    try:
        read = read_reference(path, settings)
    except (ImagingError, FileNotFoundError) as fault:
        message = (
            fault.message.as_json() if isinstance(fault, ImagingError) else {"template": "", "values": {}}
        )
        return InstanceReference(instance_row_id=instance_id, kind=KINDS[sop_class_uid], fault=message)
    return InstanceReference(
        instance_row_id=instance_id,
        kind=str(read["kind"])[:16],
        name=str(read["name"])[:256],
        frame_of_reference_uid=str(read["frame_of_reference_uid"])[:64],
        series_uids=[str(uid) for uid in read["series_uids"]],
    )


def _keep(read: InstanceReference) -> None:
    """Enter what was read; what another request entered meanwhile, or removed, is none of ours. Commits."""
    try:
        db.session.add(read)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
