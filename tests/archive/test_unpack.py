"""ZIPs, honest and hostile."""

import io
import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from app.archive.errors import Refused, StorageFull
from app.archive.incoming import IncomingFile, Refusal
from app.archive.unpack import Ignored, UnpackLimits, is_zip, unpack
from app.imaging.errors import LimitExceeded
from app.storage.store import Store
from tests.archive.conftest import dicom, zip_of

MIB = 1024 * 1024
LIMITS = UnpackLimits(max_bytes=200 * MIB, max_entry_bytes=100 * MIB, max_entries=50, max_ratio=100)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def unpacked(
    store: Store, packed: bytes, limits: UnpackLimits = LIMITS
) -> tuple[dict[str, bytes], dict[str, str], int]:
    """Contents by name, reasons by name, number of ignored entries."""
    path = store.incoming / "packed"
    path.write_bytes(packed)
    pieces = list(unpack(path, "a.zip", store, limits))
    files = {piece.name: piece.path.read_bytes() for piece in pieces if isinstance(piece, IncomingFile)}
    reasons = {piece.name: str(piece.reason) for piece in pieces if isinstance(piece, Refusal)}
    return files, reasons, sum(isinstance(piece, Ignored) for piece in pieces)


def entry(name: str, **attributes: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def zip_with(info: zipfile.ZipInfo, content: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, content, method)
        archive.writestr("good.dcm", b"good")
    return packed.getvalue()


def test_entries_come_out_under_generated_names(store: Store) -> None:
    files, reasons, _ = unpacked(store, zip_of({"CT/1.dcm": b"one", "CT/2.dcm": b"two", "CT/": b""}))
    assert (files, reasons) == ({"a.zip/CT/1.dcm": b"one", "a.zip/CT/2.dcm": b"two"}, {})
    assert not any("CT" in path.name for path in store.incoming.iterdir())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../evil.dcm", "The file's name leads out of its folder (..)."),
        ("/etc/cron.d/evil", "The file's name is an absolute path."),
        ("C:\\evil.dcm", "The file's name is an absolute path."),
        ("x" * 300, "The file's name has 300 characters; at most 255 are possible."),
    ],
)
def test_an_entry_of_a_hostile_name_costs_itself_alone(store: Store, name: str, reason: str) -> None:
    files, reasons, _ = unpacked(store, zip_with(zipfile.ZipInfo(name), b"evil"))
    assert files == {"a.zip/good.dcm": b"good"}
    assert reasons == {f"a.zip/{name}": reason}


def test_a_name_with_nul_is_refused(store: Store) -> None:
    packed = zip_with(zipfile.ZipInfo("abcd.dcm"), b"evil").replace(b"abcd.dcm", b"ab\0d.dcm")
    files, reasons, _ = unpacked(store, packed)
    assert files == {"a.zip/good.dcm": b"good"}
    assert list(reasons.values()) == ["The file's name holds a NUL character."]


def test_a_symbolic_link_is_not_followed(store: Store) -> None:
    link = entry("link", external_attr=(stat.S_IFLNK | 0o777) << 16)
    files, reasons, _ = unpacked(store, zip_with(link, b"/etc/passwd"))
    assert files == {"a.zip/good.dcm": b"good"}
    assert reasons == {"a.zip/link": "The ZIP entry is a symbolic link; links are not followed."}


def test_a_device_is_no_image(store: Store) -> None:
    device = entry("dev", external_attr=(stat.S_IFCHR | 0o666) << 16)
    assert "special file" in unpacked(store, zip_with(device, b""))[1]["a.zip/dev"]


def test_an_encrypted_entry_says_what_to_do(store: Store) -> None:
    packed = bytearray(zip_with(zipfile.ZipInfo("secret.dcm"), b"secret"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1
    files, reasons, _ = unpacked(store, bytes(packed))
    assert files == {"a.zip/good.dcm": b"good"}
    assert "encrypted" in reasons["a.zip/secret.dcm"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_bounded_are_refused(store: Store, method: int) -> None:
    files, reasons, _ = unpacked(store, zip_with(zipfile.ZipInfo("odd.dcm"), bytes(10**6), method))
    assert files == {"a.zip/good.dcm": b"good"}
    assert f"method {method}" in reasons["a.zip/odd.dcm"]


def test_two_entries_of_one_name_are_two_files(store: Store) -> None:
    path = store.incoming / "packed"
    path.write_bytes(zip_of({"same.dcm": b"one", "Same.dcm": b"two"}).replace(b"Same", b"same"))
    pieces = [piece for piece in unpack(path, "a.zip", store, LIMITS) if isinstance(piece, IncomingFile)]
    assert [piece.path.read_bytes() for piece in pieces] == [b"one", b"two"]


def test_system_files_are_passed_over(store: Store) -> None:
    packed = zip_of({"__MACOSX/._1.dcm": b"x", "CT/.DS_Store": b"x", "CT/Thumbs.db": b"x", "CT/1.dcm": b"1"})
    assert unpacked(store, packed) == ({"a.zip/CT/1.dcm": b"1"}, {}, 3)


def test_a_zip_in_a_zip_is_unpacked_and_a_third_level_is_not(store: Store) -> None:
    third = zip_of({"deep.dcm": b"deep"})
    packed = zip_of({"inner.zip": zip_of({"1.dcm": b"one", "third.zip": third})})
    files, reasons, _ = unpacked(store, packed)
    assert files == {"a.zip/inner.zip/1.dcm": b"one"}
    assert "Upload it by itself" in reasons["a.zip/inner.zip/third.zip"]
    assert len(list(store.incoming.iterdir())) == 2  # the ZIP itself and 1.dcm


def test_an_entry_that_explodes_is_a_bomb(store: Store) -> None:
    files, reasons, _ = unpacked(store, zip_of({"bomb.dcm": bytes(60 * MIB), "good.dcm": b"good"}))
    assert files == {"a.zip/good.dcm": b"good"}
    assert reasons["a.zip/bomb.dcm"].endswith("a ZIP bomb.")
    assert len(list(store.incoming.iterdir())) == 2


def test_blank_images_are_no_bomb(store: Store) -> None:
    blank = {f"{k}.dcm": bytes(512 * 1024) for k in range(40)}
    files, reasons, _ = unpacked(store, zip_of(blank))
    assert (len(files), reasons) == (40, {})


def test_many_small_bombs_are_one(store: Store) -> None:
    packed = zip_of({f"{k}.dcm": bytes(15 * MIB) for k in range(6)})
    with pytest.raises(LimitExceeded, match="unpacks to more than"):
        unpacked(store, packed)


def test_nested_bombs_share_the_limits(store: Store) -> None:
    inner = zip_of({f"{k}.dcm": bytes(15 * MIB) for k in range(3)})
    with pytest.raises(LimitExceeded, match="unpacks to more than"):
        unpacked(store, zip_of({f"{k}.zip": inner for k in range(3)}))
    with pytest.raises(LimitExceeded, match="more than 50 files"):
        unpacked(store, zip_of({f"{k}.zip": zip_of({f"{n}": b"" for n in range(20)}) for k in range(3)}))


def test_too_many_entries_are_refused_as_a_whole(store: Store) -> None:
    with pytest.raises(LimitExceeded, match="more than 50 files"):
        unpacked(store, zip_of({f"{k}": b"" for k in range(51)}))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("claimed", [1, 50 * MIB])
def test_a_forged_size_is_found_by_counting(store: Store, method: int, claimed: int) -> None:
    content = bytes(range(256)) * 40
    packed = bytearray(zip_of({"forged.dcm": content}, method))
    central = packed.index(b"PK\x01\x02")
    packed[central + 24 : central + 28] = struct.pack("<I", claimed)
    files, reasons, _ = unpacked(store, bytes(packed))
    assert files == {}
    assert "damaged" in reasons["a.zip/forged.dcm"]


def test_an_entry_over_the_limit_of_one_file_is_refused(store: Store) -> None:
    limits = UnpackLimits(max_bytes=MIB, max_entry_bytes=10, max_entries=5, max_ratio=100)
    files, reasons, _ = unpacked(store, zip_of({"long": b"12345678901", "short": b"1234567890"}), limits)
    assert files == {"a.zip/short": b"1234567890"}
    assert "larger than the 10\N{NO-BREAK SPACE}B" in reasons["a.zip/long"]


def test_a_zip_leaves_the_disk_its_reserve(store: Store) -> None:
    with pytest.raises(StorageFull):
        unpacked(store, zip_of({"a": bytes(MIB)}), replace(LIMITS, min_free=2**60))


def test_flipped_bits_are_noticed(store: Store) -> None:
    packed = zip_of({"1.dcm": b"unflipped"}, zipfile.ZIP_STORED).replace(b"unflipped", b"unflopped")
    assert "damaged" in unpacked(store, packed)[1]["a.zip/1.dcm"]


# A ZIP holds the minute it was made in: without a name of its own the case would be named after its bytes,
# and two test processes that began in different seconds would not agree on what there is to run.
@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(b"PK\x03\x04 and no more", id="a marker and no more"),
        pytest.param(zip_of({"1.dcm": bytes(5000)})[:-30], id="the end cut off"),
    ],
)
def test_half_a_zip_is_refused(store: Store, packed: bytes) -> None:
    with pytest.raises(Refused, match="damaged or incomplete"):
        unpacked(store, packed)


def test_an_empty_zip_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="holds no files"):
        unpacked(store, zip_of({}))


def test_a_zip_is_known_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    cases = {zip_of({"a": b""}): True, zip_of({}): True, dicom(): False, b"": False, b"PK": False}
    # A DICOM preamble may hold anything, a ZIP's beginning too.
    cases[b"PK\x03\x04" + dicom()[4:]] = False
    for content, expected in cases.items():
        path = tmp_path / "file.zip"
        path.write_bytes(content)
        assert is_zip(path) is expected
