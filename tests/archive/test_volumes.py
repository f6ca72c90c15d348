"""Series become volumes, or stacks that say why not, with a picture; yesterday's never stand for today's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import RTStructureSetStorage, SecondaryCaptureImageStorage

from app.archive import jobs, running, stacking, volumes
from app.archive.errors import Conflict, NotFound
from app.archive.parts import main_volume
from app.imaging.errors import LimitExceeded, Message
from app.models import Job, Series, db
from tests.archive.conftest import Archive, dicom, series_of
from tests.shared_data import shared


def make(archive: Archive) -> Series:
    """Run the waiting jobs; the only series."""
    running.run_all(archive.store, archive.settings)
    db.session.expire_all()
    return archive.series


def reason(series: Series) -> str:
    return str(Message.from_json(series.reason or {"template": ""}))


def picture(series: Series, archive: Archive) -> np.ndarray:
    return np.asarray(Image.open(volumes.thumbnail_path(series, archive.store)))


def test_a_regular_series_becomes_a_volume(archive: Archive) -> None:
    archive.take(series_of(4))
    series = make(archive)
    volume = volumes.load(volumes.shown(series), archive.store)
    assert (series.state, series.reason) == ("ready", None)
    assert (volume.array.dtype, volume.array.shape) == (np.int16, (4, 4, 5))
    # k = 2, row 3, column 1 of the phantom: 100·2 + 10·3 + 1 − 1024
    assert volume.array[2, 3, 1] == -793
    assert volume.affine[:3, 3].tolist() == [10.0, -20.0, 30.0]
    summary = main_volume(series)
    assert summary is not None
    assert summary["shape_ijk"] == [5, 4, 4]
    sidecar = json.loads(archive.store.volume_header(series.id, 1).read_text())
    assert {name: sidecar[name] for name in summary} == summary


def test_a_volume_is_mapped_not_copied_and_opened_once(archive: Archive) -> None:
    archive.take(series_of(4))
    series = make(archive)
    first = volumes.load(volumes.shown(series), archive.store)
    assert isinstance(first.array, np.memmap)
    assert not first.array.flags.writeable
    assert volumes.load(volumes.shown(series), archive.store) is first


def test_before_the_job_there_is_nothing_to_load(archive: Archive) -> None:
    archive.take(series_of(4))
    with pytest.raises(Conflict, match="still being prepared"):
        volumes.load(volumes.shown(archive.series), archive.store)
    with pytest.raises(Conflict):
        volumes.stack_of(volumes.shown(archive.series), archive.store)
    job = volumes.job_of(archive.series)
    assert job is not None
    assert job.state == "queued"


def test_the_thumbnail_shows_the_middle_slice_in_true_proportions(archive: Archive) -> None:
    archive.take(series_of(4))
    thumbnail = picture(make(archive), archive)
    # 4 rows of 2 mm and 5 columns of 0.5 mm: 8 × 2.5 mm
    assert thumbnail.shape == (160, 50)
    # Slice 2, −824 … −790 HU, in the soft tissue window (−160 … 240) is black throughout.
    assert thumbnail.max() == 0


def test_the_thumbnail_uses_the_stored_window_and_means_of_blocks(archive: Archive) -> None:
    checks = np.where(np.indices((320, 320)).sum(0) % 2, 1100, 900).astype(np.int16)
    for k in range(3):
        archive.take({f"{k}": dicom(k, pixels=checks, spacing=(1, 1), WindowCenter=-24, WindowWidth=401)})
    thumbnail = picture(make(archive), archive)
    assert thumbnail.shape == (160, 160)
    # 900 and 1100 are −124 and 76 HU: greys 64 and 192 (window −224 … 176); the mean of a block is 128.
    assert set(thumbnail.ravel().tolist()) == {128}


def test_one_image_is_a_stack_and_says_why(archive: Archive) -> None:
    archive.take(series_of(1))
    series = make(archive)
    assert (series.state, main_volume(series)) == ("stack", None)
    assert reason(series) == "There is only 1 image; a volume needs at least 2."
    assert picture(series, archive).shape == (160, 50)
    with pytest.raises(Conflict, match="image by image"):
        volumes.load(volumes.shown(series), archive.store)


def test_a_stack_is_leafed_through_along_the_normal(archive: Archive) -> None:
    places = {0: 0.0, 1: 50.0, 2: 5.0}  # uneven: no volume; the second lies last
    for k, z in places.items():
        archive.take({f"{k}": dicom(k, position=(0, 0, z))})
    series = make(archive)
    assert reason(series).startswith("Uneven slice spacing")
    stack = volumes.stack_of(volumes.shown(series), archive.store)
    assert [(frame.frame, frame.rows, frame.columns) for frame in stack.frames] == [(0, 4, 5)] * 3
    corners = [
        int(volumes.stack_frame(volumes.shown(series), archive.store, n).values[0, 0]) for n in range(3)
    ]
    assert corners == [-1024, -824, -924]
    again = volumes.stack_frame(volumes.shown(series), archive.store, 1)
    assert volumes.stack_frame(volumes.shown(series), archive.store, 1) is again
    with pytest.raises(NotFound):
        volumes.stack_frame(volumes.shown(series), archive.store, 3)


def test_a_giant_image_is_not_decoded_beside_everybodys_requests(archive: Archive) -> None:
    side = 5800  # 67.3 million bytes, more than 64 MiB
    archive.take({"a": dicom(0, Rows=side, Columns=side, PixelData=bytes(side * side * 2))})
    series = make(archive)
    assert series.state == "stack"
    with pytest.raises(LimitExceeded):
        volumes.stack_frame(volumes.shown(series), archive.store, 0)


def test_a_colour_picture_is_a_stack_in_colour(archive: Archive) -> None:
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 200
    colour = dicom(
        0, pixels=np.zeros((8, 8), np.int16), SOPClassUID=SecondaryCaptureImageStorage,
        SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0, BitsAllocated=8,
        BitsStored=8, HighBit=7, PixelRepresentation=0, PixelData=red.tobytes(), spacing=(1, 1),
    )  # fmt: skip
    archive.take({"red.dcm": colour})
    series = make(archive)
    assert series.state == "stack"
    assert volumes.stack_frame(volumes.shown(series), archive.store, 0).is_colour
    assert picture(series, archive)[80, 80].tolist() == [200, 0, 0]


def test_contours_need_no_job(archive: Archive) -> None:
    archive.take({"rs.dcm": dicom(0, SOPClassUID=RTStructureSetStorage, Modality="RTSTRUCT", PixelData=None)})
    series = archive.series
    assert (series.state, series.has_pixels) == ("stack", False)
    assert "contours" in reason(series)
    assert db.session.scalar(db.select(db.func.count(Job.id))) == 0
    assert volumes.stack_of(volumes.shown(series), archive.store).frames == ()


def test_more_instances_make_a_new_volume_and_the_old_one_goes(archive: Archive) -> None:
    archive.take(series_of(3))
    assert make(archive).state == "ready"
    archive.take({"3": dicom(3)})
    series = archive.series
    assert (series.state, series.parts) == ("queued", None)
    with pytest.raises(Conflict):
        volumes.load(volumes.shown(series), archive.store)
    assert volumes.load(volumes.shown(make(archive)), archive.store).array.shape == (4, 4, 5)
    folder = archive.store.series_folder(series.id)
    assert sorted(path.name for path in folder.iterdir()) == [
        "stack-2-0.json",
        "thumbnail-2-0.png",
        "volume-2-0-0.json",
        "volume-2-0-0.npy",
    ]


def test_a_job_of_an_older_revision_does_nothing(archive: Archive) -> None:
    archive.take(series_of(3))
    archive.take({"3": dicom(3)})
    make(archive)
    assert db.session.scalars(db.select(Job.state).order_by(Job.created_at)).all() == ["cancelled", "done"]
    outdated = {"series_id": archive.series.id, "revision": 1}
    jobs.submit("volume", owner_id=archive.owner_id, key="late", arguments=outdated)
    db.session.commit()
    assert make(archive).state == "ready"
    assert db.session.scalars(db.select(Job.result).where(Job.key == "late")).one() == {"state": "outdated"}


def test_a_series_removed_during_the_job_leaves_no_files(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.take(series_of(3))
    series_id = archive.series.id

    def remove_then_split(headers: Any) -> Any:
        db.session.execute(db.delete(Series))
        db.session.commit()
        return original(headers)

    original = stacking.split_series
    monkeypatch.setattr(stacking, "split_series", remove_then_split)
    running.run_all(archive.store, archive.settings)
    assert not archive.store.series_folder(series_id).exists()


def test_the_series_says_why_its_job_failed(archive: Archive) -> None:
    archive.take(series_of(3))
    archive.originals()[0].unlink()
    series = make(archive)
    assert (series.state, reason(series)) == ("failed", "A file of the series is missing in the store.")


def test_a_series_is_not_left_running_when_its_job_is_given_up(archive: Archive) -> None:
    archive.take(series_of(3))
    claimed = jobs.claim()
    assert claimed is not None
    db.session.execute(db.update(Series).values(state="running"))
    db.session.commit()
    jobs.fail(claimed, Message("gone"))
    db.session.expire_all()
    assert (archive.series.state, reason(archive.series)) == ("failed", "gone")


def test_a_full_disk_fails_the_series(archive: Archive) -> None:
    archive.take(series_of(3))
    running.run_all(archive.store, {**archive.settings, "MIN_FREE_DISK": 2**60})
    db.session.expire_all()
    assert reason(archive.series) == "The server's disk is full. Tell whoever runs it."


def test_a_lost_array_is_a_conflict(archive: Archive) -> None:
    archive.take(series_of(3))
    series = make(archive)
    archive.store.volume_array(series.id, 1).unlink()
    with pytest.raises(Conflict, match="missing"):
        volumes.load(volumes.shown(series), archive.store)


def test_a_real_chest_is_one_volume(archive: Archive) -> None:
    packed: Path = shared("data/ct-chest-lung1-rtstruct/LUNG1-001-ct.zip")
    report = archive.take({"ct.zip": packed.read_bytes()})
    assert (report.accepted, len(report.refused)) == (134, 0)
    volume = volumes.load(volumes.shown(make(archive)), archive.store)
    assert volume.array.shape == (134, 512, 512)
    assert (volume.array.min(), volume.array.max()) == (-1024, 3034)
    assert volume.affine[2, 3] == pytest.approx(-681.5)
