"""The job that makes the ZIP: copies, the last look, one file that is there whole or not at all.

The key of the run lives as long as the run: nobody can link two exports, or the copies to their
originals. One image is in memory at a time.
"""

import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app

from app.archive import audit
from app.archive.errors import NotFound
from app.archive.jobs import JobContext, handler
from app.deidentification.kept import forget_settings, kept_settings, working_folder
from app.deidentification.originals import path_of, read_limits
from app.deidentification.report import CSV_NAME, JSON_NAME, Entry, Report
from app.deidentification.residue import LastLook
from app.deidentification.selection import choose, instances_of
from app.deidentification.service import KIND
from app.imaging.deidentify import Deidentifier, export_name
from app.imaging.errors import N_, ImagingError, Message
from app.models import User, db, utc_now

try:
    from isal import isal_zlib as _deflate
except ImportError:  # no wheel for this machine: the same ZIP, eight times slower to pack
    import zlib as _deflate  # type: ignore[no-redef]

WRITING_SHARE = 0.85  # of the job's time; the rest is the last look and the packing
WRITING = N_("Writing copies, %(done)s of %(total)s")
PACKING = N_("Searching and packing, %(done)s of %(total)s")
MIB = 1024 * 1024


@dataclass(frozen=True)
class Planned:
    """One original, and the name its copy will have."""

    source: Path
    name: str
    modality: str


def give_up(arguments: Mapping[str, Any], _reason: Message) -> None:
    """Forget the settings of a job that failed or was called off."""
    forget_settings(current_app.extensions["store"], arguments["job"])


@handler(KIND, failed=give_up)
def export(context: JobContext) -> dict[str, Any]:
    """Make the ZIP of a job; the result names it."""
    settings = kept_settings(context.store, context.job_id)
    planned = plan(context)
    report = Report(settings)
    with working_folder(context.store, context.job_id) as folder:
        look = write_copies(context, planned, report, folder)
        packed = pack(context, report, look, folder)
        size = packed.stat().st_size
        context.progress(1.0, _summary(report, size))
        context.store.adopt(packed, context.store.job_result(context.job_id, ".zip"))
    forget_settings(context.store, context.job_id)
    _record(context, len(report.copied))
    return {
        "file": f"{context.job_id}.zip",
        "download_name": f"triplano-anonymised-{utc_now().date():%Y-%m-%d}.zip",
        "instances": len(report.copied),
        "refused": len(report.refused),
        "size": size,
    }


def plan(context: JobContext) -> list[Planned]:
    """Every image of the job's series with a generated name; the owner must still be allowed to read it.

    Raises
    ------
    NotFound
        A series, or the account, is gone.
    """
    owner = db.session.get(User, context.owner_id)
    if owner is None:
        raise NotFound
    chosen = choose(owner, (), context.arguments["series"])
    studies = list(dict.fromkeys(one.series.study_row_id for one in chosen))
    planned = [
        Planned(
            path_of(instance, context.store),
            export_name(series=number, image=image, study=studies.index(one.series.study_row_id) + 1),
            one.series.modality,
        )
        for number, one in enumerate(chosen, start=1)
        for image, instance in enumerate(instances_of(one.series), start=1)
    ]
    db.session.rollback()  # a long job must not hold a reading transaction open
    return planned


def write_copies(context: JobContext, planned: list[Planned], report: Report, folder: Path) -> LastLook:
    """Write the copies one by one; what they must not hold.

    An image that cannot be de-identified is refused in the report, and the others go on.

    Raises
    ------
    ImagingError
        Every image was refused: the reason of the first.
    """
    settings = report.settings
    deidentifier = Deidentifier(os.urandom(32), settings.preset, settings.overrides)
    look = LastLook(deidentifier)
    limits = read_limits(context.settings)
    first_fault: ImagingError | None = None
    for done, one in enumerate(planned):
        context.progress(WRITING_SHARE * done / len(planned), _step(WRITING, done, len(planned)))
        try:
            copy = deidentifier.file(one.source, folder / one.name, limits)
        except ImagingError as fault:
            (folder / one.name).unlink(missing_ok=True)
            first_fault = first_fault or fault
            report.entries.append(Entry(one.name, one.modality, refusal=fault.message))
        else:
            look.learn(copy)
            report.entries.append(Entry(one.name, one.modality, copy.counts, copy.warnings))
    if first_fault is not None and not report.copied:
        raise first_fault
    return look


def pack(context: JobContext, report: Report, look: LastLook, folder: Path) -> Path:
    """Search each copy and put it into the ZIP, with the report; the ZIP's path in *folder*.

    Raises
    ------
    ResidualIdentifier
        A copy, a name or the report still holds something of an original.
    """
    target = folder / "export.zip"
    total = len(report.copied)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for done, entry in enumerate(report.copied):
            share = WRITING_SHARE + (1 - WRITING_SHARE) * done / total
            context.progress(min(share, 0.99), _step(PACKING, done, total))
            copy = folder / entry.name
            report.notes.update(str(finding.message()) for finding in look.check_copy(copy, entry.name))
            add_file(archive, copy, entry.name)
            copy.unlink()
        blank = Report(report.settings)
        for name, text, fixed in (
            (JSON_NAME, report.as_json(), blank.as_json()),
            (CSV_NAME, report.as_csv(), blank.as_csv()),
        ):
            look.check_text(text, fixed)
            archive.writestr(name, text)
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return target


def add_file(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Put a file into *archive* under *name*, dated like every other: its own time tells of the run."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as target:
        if hasattr(target, "_compressor"):
            # zlib, which zipfile knows alone, packs 78 CT slices a second; isal 665, and as small.
            target._compressor = _deflate.compressobj(1, _deflate.DEFLATED, -_deflate.MAX_WBITS)
        shutil.copyfileobj(source, target, MIB)


def _step(template: str, done: int, total: int) -> Message:
    return Message(template, {"done": f"{done:,}", "total": f"{total:,}"})


def _summary(report: Report, size: int) -> Message:
    """What is in the ZIP, for the page."""
    values = {"images": f"{len(report.copied):,}", "size": _readable(size)}
    if report.refused:
        left_out = N_("%(images)s images, %(size)s; left out since they cannot be anonymised: %(refused)s")
        return Message(left_out, values | {"refused": f"{len(report.refused):,}"})
    if len(report.copied) == 1:
        return Message(N_("1 image, %(size)s"), values)
    return Message(N_("%(images)s images, %(size)s"), values)


def _readable(size: int) -> str:
    """Bytes as the page writes them."""
    value, units = float(size), ["B", "KB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.3g}\N{NO-BREAK SPACE}{units[0]}"


def _record(context: JobContext, instances: int) -> None:
    audit.record(
        "export",
        actor_id=context.owner_id,
        object_kind="job",
        object_id=context.job_id,
        series=list(context.arguments["series"]),
        instances=instances,
    )
    db.session.commit()
