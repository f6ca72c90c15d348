"""New UIDs and pseudonyms from the key of a run."""

import re

import pytest

from app.imaging.deid_uids import UidMap, pseudonym

KEY, OTHER = b"0123456789abcdef", b"fedcba9876543210"


def test_uid_is_the_same_in_one_run_and_another_in_the_next() -> None:
    new = UidMap(KEY).replacement("1.3.6.1.4.1.14519.5.2.1.7")
    assert UidMap(KEY).replacement("1.3.6.1.4.1.14519.5.2.1.7") == new
    assert UidMap(OTHER).replacement("1.3.6.1.4.1.14519.5.2.1.7") != new


def test_uid_is_a_number_of_128_bits_under_2_25() -> None:
    # The first 16 bytes of what `openssl dgst -sha256 -hmac 0123456789abcdef` gives for "uid:1.2.3".
    assert UidMap(KEY).replacement("1.2.3") == f"2.25.{int('bec0751ae2523d87f2a235f0ec765dac', 16)}"
    assert re.fullmatch(r"2\.25\.[1-9]\d{1,38}", UidMap(KEY).replacement("2.999.1"))


def test_uid_of_the_standard_stays() -> None:
    for uid in ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.4.1.1", ""):
        assert UidMap(KEY).replacement(uid) == uid


def test_uid_made_up_under_the_root_of_the_standard_goes() -> None:
    assert UidMap(KEY).replacement("1.2.840.10008.5.1.4.1.1.2.19610412.77").startswith("2.25.")


def test_map_knows_what_it_replaced() -> None:
    uids = UidMap(KEY)
    new = uids.replacement("2.999.1")
    assert dict(uids.seen()) == {"2.999.1": new}


def test_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        UidMap(b"short")


def test_pseudonym_differs_by_kind_and_key() -> None:
    values = {pseudonym(KEY, "pid", "7"), pseudonym(KEY, "study", "7"), pseudonym(OTHER, "pid", "7")}
    assert len(values) == 3
    assert all(re.fullmatch(r"[A-Z2-7]{10}", value) for value in values)
