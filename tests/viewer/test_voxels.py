"""The stream of a volume's voxels: its order, its codings, how it goes on, ends and is refused."""

import gc
import json
import socket
import subprocess
import threading
import zlib
from typing import Any

import numpy as np
import pytest
from werkzeug.datastructures import Accept

from app.imaging.colormap import COLORMAPS
from app.viewer.codings import _zstd, chosen_coding, coded
from app.viewer.voxels import MOST_STREAMS, MOST_STREAMS_OF_ONE, Running
from tests.viewer.conftest import Reader
from tests.viewer.test_localpictures import put_volume, straight_affine

SIDE = 700
# A slice of 700 × 700 int16 is 980,000 bytes: slabs of three, the last of one.
TEN = np.random.default_rng(3).integers(-1000, 3000, (10, SIDE, SIDE)).astype(np.int16)


@pytest.fixture
def ten(volume: Reader) -> Reader:
    """Ten slices; the page may not have been there before."""
    put_volume(volume, TEN, straight_affine(), inverted=False)
    return volume


def bytes_of(*slabs: int) -> bytes:
    return b"".join(TEN[3 * slab : 3 * slab + 3].tobytes() for slab in slabs)


def test_the_volume_of_the_fixture(volume: Reader) -> None:
    answer = volume.get("voxels")
    assert answer.status_code == 200
    assert answer.mimetype == "application/octet-stream"
    assert json.loads(answer.headers["X-Triplano-Voxels"]) == {
        "dtype": "int16",
        "shape_ijk": [5, 4, 3],
        "slab_slices": 78643,
        "center": 1,
        "after": 0,
        "inverted": False,
        "revision": 1,
    }
    # i = 3, j = 2, k = 1 is stored 123, −1024 for HU.
    assert np.frombuffer(answer.data, "<i2").reshape(3, 4, 5)[1, 2, 3] == -901


def test_the_slab_of_the_centre_comes_first(ten: Reader) -> None:
    assert ten.get("voxels?center=4").data == bytes_of(1, 2, 0, 3)
    assert ten.get("voxels?center=9").data == bytes_of(3, 2, 1, 0)
    assert ten.get("voxels").data == bytes_of(1, 2, 0, 3)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_after_some_slabs_come_the_others(ten: Reader, after: int) -> None:
    answer = ten.get(f"voxels?center=4&after={after}")
    assert answer.data == bytes_of(*[1, 2, 0, 3][after:])
    assert answer.content_length == len(answer.data)
    assert json.loads(answer.headers["X-Triplano-Voxels"])["after"] == after


def test_gzip_is_one_member_whose_slabs_can_be_had_at_once(ten: Reader) -> None:
    answer = ten.get("voxels?center=4", headers={"Accept-Encoding": "gzip"}, buffered=False)
    assert answer.content_encoding == "gzip"
    unpack = zlib.decompressobj(31)
    got, firsts = b"", []
    for piece in answer.response:
        got += unpack.decompress(piece)
        firsts.append(len(got))
    assert got == bytes_of(1, 2, 0, 3)
    assert unpack.eof
    assert not unpack.unused_data
    assert 3 * 980_000 in firsts  # the first slab, before anything of the second


def unpacked(frames: bytes) -> bytes:
    """What the reference decoder reads, with the 8 MiB of window that RFC 9659 lets a browser have."""
    command = ["zstd", "--decompress", "--stdout", "--memory=8MB"]
    try:
        return subprocess.run(command, input=frames, capture_output=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("the command zstd is not installed")


def test_zstd_is_what_the_reference_decoder_reads(ten: Reader) -> None:
    answer = ten.get("voxels?center=4", headers={"Accept-Encoding": "zstd"})
    assert answer.content_encoding == "zstd"
    assert unpacked(answer.data) == bytes_of(1, 2, 0, 3)


class Line:
    """A line that takes its time, and the clock on the wall."""

    def __init__(self) -> None:
        self._now = 0.0

    def clock(self) -> float:
        return self._now

    def send(self, frame: bytes, bytes_a_second: float) -> None:
        self._now += len(frame) / bytes_a_second


@pytest.mark.parametrize(
    # Bytes a second, and which of four pieces of 1,000,000 equal bytes, and of one of 7, are packed.
    ("line", "are_packed"),
    [
        (10e6, [True, True, True, True, True]),
        # So few bytes pass in no time: nobody knows yet, then everybody does.
        (1e9, [True, False, False, False, False]),
    ],
)
def test_what_is_sent_quicker_than_packed_is_not_packed(line: float, are_packed: list[bool]) -> None:
    wire = Line()
    pieces = [np.full(size, 7, np.uint8) for size in (1_000_000,) * 4 + (7,)]
    frames = []
    for frame in _zstd(pieces, wire.clock):
        frames.append(frame)
        wire.send(frame, line)
    # 1,000,000 bytes as they are: 9 of head, and 3 for each of 8 blocks.
    assert [len(frame) < 1000 for frame in frames[:4]] == are_packed[:4]
    assert [len(frame) for frame in frames if len(frame) > 1000] == [1_000_033] * are_packed[:4].count(False)
    assert unpacked(b"".join(frames)) == b"\x07" * 4_000_007


def test_a_line_that_slows_down_is_noticed() -> None:
    line, sizes = Line(), []
    for frame in _zstd([np.zeros(1_000_000, np.uint8)] * 6, line.clock):
        sizes.append(len(frame))
        line.send(frame, 1e9 if len(sizes) <= 3 else 10e6)
    assert [size > 1000 for size in sizes] == [False, True, True, True, False, False]


def test_large_slices_travel_in_frames_of_four_mebibytes() -> None:
    piece = np.random.default_rng(5).integers(0, 256, 9 << 20, np.uint8)
    assert len(list(coded([piece], "zstd"))) == 3
    assert b"".join(coded([piece], "identity")) == piece.tobytes()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ([], "identity"),
        ([("gzip", 1.0)], "gzip"),
        ([("br", 1.0), ("gzip", 1.0), ("deflate", 1.0), ("zstd", 1.0)], "zstd"),
        ([("zstd", 0.5), ("gzip", 1.0)], "gzip"),
        ([("zstd", 0.0), ("gzip", 0.1)], "gzip"),
        ([("identity", 1.0), ("gzip", 0.5)], "identity"),
        ([("gzip", 0.0)], "identity"),
        ([("*", 0.0)], "identity"),
        ([("identity", 0.0), ("gzip", 0.2)], "gzip"),
        ([("br", 1.0)], "identity"),
    ],
)
def test_the_coding_is_the_one_the_client_likes_best(accepted: list[tuple[str, float]], coding: str) -> None:
    assert chosen_coding(Accept(accepted)) == coding


def test_an_address_with_its_revision_is_kept(ten: Reader) -> None:
    plain, named = ten.get("voxels"), ten.get("voxels?rev=1")
    assert plain.headers["Cache-Control"] == "private, no-cache"
    assert named.headers["Cache-Control"] == "private, max-age=2592000, immutable"
    assert "Accept-Encoding" in plain.vary
    etag = plain.headers["ETag"]
    again = ten.get("voxels", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert ten.get("voxels?after=1").headers["ETag"] != etag
    assert ten.get("voxels?center=0").headers["ETag"] != etag
    assert ten.get("voxels", headers={"Accept-Encoding": "gzip"}).headers["ETag"] != etag


def test_parts_of_two_revisions_are_never_joined(ten: Reader) -> None:
    answer = ten.get("voxels?rev=2&after=1")
    assert answer.status_code == 409
    assert "changed" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("center", "10"),
        ("center", "-1"),
        ("center", "x"),
        ("after", "4"),
        ("after", "1.5"),
        ("after", "9" * 30),
    ],
)
def test_parameters_without_sense_are_named(ten: Reader, field: str, text: str) -> None:
    answer = ten.get(f"voxels?{field}={text}")
    assert answer.status_code == 400
    assert answer.json["error"]["field"] == field


def test_a_stack_has_no_voxels_to_stream(stack: Reader) -> None:
    assert stack.get("voxels").status_code == 409


def test_a_missing_phase_is_not_found(volume: Reader) -> None:
    assert volume.get("voxels?phase=1").status_code == 404


def open_stream(reader: Reader) -> Any:
    """A stream of which one piece was read, as by a client that is still receiving."""
    answer = reader.get("voxels", buffered=False)
    assert answer.status_code == 200
    next(iter(answer.response))
    return answer


def test_one_account_has_few_streams_at_once_and_gets_its_place_back(
    ten: Reader, people: dict[str, Any]
) -> None:
    streams = [open_stream(ten) for _ in range(MOST_STREAMS_OF_ONE)]
    assert Running.count(people["alice"]) == 3
    refused = ten.get("voxels")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert "busy" in refused.json["error"]["message"]
    assert ten.client.head(f"/series/{ten.series_id}/voxels").status_code == 200  # holds nothing
    streams.pop().close()  # its client left
    assert ten.get("voxels").status_code == 200
    for stream in streams:
        stream.close()
    assert Running.count(people["alice"]) == 0


def test_all_accounts_together_leave_threads_for_others() -> None:
    running = [Running(f"user {n // 3}", iter((b"x",))) for n in range(MOST_STREAMS)]
    with pytest.raises(Exception, match="503"):
        Running("another", iter(()))
    running[0].close()
    running[0].close()
    again = Running("another", iter((b"y",)))
    assert list(again) == [b"y"]
    del running, again  # what was never closed, but forgotten
    assert Running.count("user 1") == 0


def test_forgotten_streams_are_tidied_up_under_the_lock_too() -> None:
    """Python may tidy up at any moment, also while streams are counted: that must not wait for itself."""

    def forget_one_each_time() -> None:
        for allocations in range(1, 40):
            stays = Running("one who stays", iter(()))
            gc.disable()
            gc.collect()
            forgotten = Running("one who is forgotten", iter(()))
            forgotten._pieces = iter([forgotten])  # a circle, as of an exception and its frames
            del forgotten
            # So many objects later it is tidied up: once or the other within what holds the lock.
            gc.set_threshold(allocations)
            gc.enable()
            stays.close()
            Running("another", iter(())).close()

    before = gc.get_threshold()
    gc.collect()
    gc.freeze()  # all that was there before is not looked through each time
    worker = threading.Thread(target=forget_one_each_time, daemon=True)
    try:
        worker.start()
        worker.join(30)
    finally:
        gc.set_threshold(*before)
        gc.enable()
        gc.unfreeze()
    assert not worker.is_alive()
    gc.collect()
    assert Running.count("one who is forgotten") == 0


def test_a_client_that_stays_and_takes_nothing_loses_its_place(volume: Reader) -> None:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        answer = volume.get("voxels", environ_overrides={"gunicorn.socket": mine})
        assert (answer.status_code, mine.gettimeout()) == (200, 120)
        mine.settimeout(0.05)
        with pytest.raises(TimeoutError):
            mine.sendall(bytes(1 << 24))  # as gunicorn sends each piece


def test_who_leaves_ends_the_work() -> None:
    taken = []

    def pieces() -> Any:
        for n in range(1000):
            taken.append(n)
            yield np.zeros(10, np.uint8)

    running = Running("somebody", coded(pieces(), "gzip"))
    next(running)
    running.close()
    assert list(running) == []
    assert len(taken) <= 2


def test_colour_maps_as_bytes(volume: Reader) -> None:
    answer = volume.client.get("/viewer/colormaps.json")
    assert set(answer.json) == set(COLORMAPS)
    # Hot Iron begins 0 0 0, 2 0 0 and ends in white.
    assert answer.json["pet"].startswith("AAAAAgAA")
    assert answer.json["pet"].endswith("////")
    assert "max-age" in answer.headers["Cache-Control"]
