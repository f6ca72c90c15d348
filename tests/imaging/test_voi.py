"""VOI and Modality LUTs: entries worked out by hand, and pydicom on the real files."""

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.imaging.errors import ImagingError, InvalidElement, MissingElement
from app.imaging.lookup import LookupTable
from app.imaging.pixels import read_frame
from app.imaging.voi import MAX_LUTS, VoiLut, read_voi_luts
from app.imaging.window import to_grey
from tests.imaging.phantoms import ct_slice, modality_table, write_file
from tests.shared_data import shared

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]


def lut_item(entries, first=0, bits=16, *, vr="US", data_vr="US", explanation=None, count=None):
    """One item of a LUT sequence; *entries* are words, or bytes as they are to be written."""
    item = Dataset()
    count = len(entries) if count is None else count
    item.add_new(0x00283002, vr, [count, first, bits])
    if explanation is not None:
        item.LUTExplanation = explanation
    item.add_new(0x00283006, data_vr, entries if isinstance(entries, bytes) else list(entries))
    return item


def luts_of(tmp_path, *items, **elements):
    return read_voi_luts(write_file(tmp_path / "one.dcm", ct_slice(VOILUTSequence=list(items), **elements)))


def words(lut):
    return lut.table.entries.tolist()


def test_inputs_beyond_the_table_take_its_ends():
    table = LookupTable(-2, 16, np.array([100, 200, 300], "<u2").tobytes())
    assert (table.first, table.last) == (-2, 0)
    inputs = np.array([-32768, -3, -2, -1, 0, 1, 32767], np.int16)
    assert table.look_up(inputs).tolist() == [100, 100, 100, 200, 300, 300, 300]


def test_differences_beyond_int16_do_not_wrap():
    # 30000 − (−32768) = 62768 does not fit the int16 that both came in.
    entries = np.arange(65536, dtype="<u2")
    table = LookupTable(-32768, 16, entries.tobytes())
    assert table.look_up(np.array([-32768, 0, 30000, 32767], np.int16)).tolist() == [0, 32768, 62768, 65535]


def test_fractions_go_to_the_nearest_entry():
    table = LookupTable(10, 8, np.array([1, 2, 3], "<u2").tobytes())
    assert table.look_up(np.array([9.0, 10.49, 10.5, 12.6, np.nan, np.inf, -np.inf])).tolist() == [
        1,
        1,
        2,
        3,
        1,
        3,
        1,
    ]


def test_greys_of_16_10_and_8_bits():
    # 32768 / 65535 × 255 = 127.50; 512 / 1023 × 255 = 127.62; 8 bits are greys already.
    plane = np.array([[0, 1, 2]], np.int16)
    for bits, entries, greys in (
        (16, [0, 32768, 65535], [0, 128, 255]),
        (10, [0, 512, 1023], [0, 128, 255]),
        (8, [3, 127, 200], [3, 127, 200]),
    ):
        lut = VoiLut(LookupTable(0, bits, np.array(entries, "<u2").tobytes()))
        assert to_grey(plane, lut).tolist() == [greys]
        assert to_grey(plane.astype(np.float32), lut).tolist() == [greys]
        assert to_grey(plane, lut, inverted=True).tolist() == [[255 - grey for grey in greys]]


def test_no_data_is_black_in_a_lut_too():
    lut = VoiLut(LookupTable(0, 8, np.array([50, 60], "<u2").tobytes()))
    assert to_grey(np.array([[np.nan, 0, 1]], np.float32), lut).tolist() == [[0, 50, 60]]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("vr", ["US", "SS"])
def test_a_first_value_below_zero_in_whatever_vr(tmp_path, syntax, vr):
    # HU may be negative, so 64512 written as US is −1024 (PS3.3 C.11.2.1.1).
    item = lut_item([7, 8, 9], first=-1024 if vr == "SS" else 64512, vr=vr)
    (lut,) = luts_of(tmp_path, item, transfer_syntax=syntax)
    assert (lut.table.first, words(lut), lut.table.bits) == (-1024, [7, 8, 9], 16)


def test_a_first_value_above_32767_of_unsigned_data_stays(tmp_path):
    pixels = np.array([[40000, 1]], np.uint16)
    (lut,) = luts_of(tmp_path, lut_item([1, 2], first=40000), pixels=pixels, intercept=0)
    assert lut.table.first == 40000


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_zero_entries_are_65536(tmp_path, syntax):
    data = np.arange(65536, dtype="<u2" if syntax != ExplicitVRBigEndian else ">u2").tobytes()
    (lut,) = luts_of(tmp_path, lut_item(data, count=0, data_vr="OW"), transfer_syntax=syntax)
    assert len(words(lut)) == 65536
    assert words(lut)[258] == 258


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_eight_bits_as_bytes_and_as_words(tmp_path, syntax):
    as_words = lut_item([5, 6, 7], bits=8)
    # Two entries in a word, the first in its low half; an odd count is padded.
    packed = b"\x05\x06\x07\x00" if syntax != ExplicitVRBigEndian else b"\x06\x05\x00\x07"
    as_bytes = lut_item(packed, bits=8, data_vr="OW", count=3)
    for lut in luts_of(tmp_path, as_words, as_bytes, transfer_syntax=syntax):
        assert (words(lut), lut.table.bits) == ([5, 6, 7], 8)


@pytest.mark.parametrize(
    ("stated", "highest", "bits"), [(8, 4095, 12), (12, 4095, 12), (0, 200, 8), (99, 4095, 16)]
)
def test_stated_bits_that_cannot_be_meant(tmp_path, stated, highest, bits):
    (lut,) = luts_of(tmp_path, lut_item([0, highest], bits=stated))
    assert lut.table.bits == bits


def test_several_tables_keep_order_and_explanation(tmp_path):
    found = luts_of(
        tmp_path,
        lut_item([1], explanation="NORMAL"),
        lut_item([2], explanation="HARDER\x07"),
        lut_item([3]),
    )
    assert [lut.explanation for lut in found] == ["NORMAL", "HARDER", ""]
    assert [words(lut) for lut in found] == [[1], [2], [3]]


def test_no_more_tables_than_the_limit(tmp_path):
    assert len(luts_of(tmp_path, *(lut_item([n]) for n in range(MAX_LUTS + 3)))) == MAX_LUTS


def test_most_images_have_none(tmp_path):
    assert read_voi_luts(write_file(tmp_path / "one.dcm", ct_slice())) == ()
    assert luts_of(tmp_path) == ()


def test_the_tables_of_a_frame_come_first(tmp_path):
    def group(value):
        frame, holder = Dataset(), Dataset()
        holder.VOILUTSequence = [lut_item([value])]
        frame.FrameVOILUTSequence = [holder] if value else []
        return frame

    groups = [group(11), group(0), group(13)]
    path = write_file(
        tmp_path / "one.dcm",
        ct_slice(
            pixels=np.zeros((6, 5), np.int16),
            Rows=2,
            NumberOfFrames=3,
            PerFrameFunctionalGroupsSequence=groups,
            SharedFunctionalGroupsSequence=[group(99)],
            VOILUTSequence=[lut_item([1])],
        ),
    )
    assert [words(read_voi_luts(path, frame)[0]) for frame in range(3)] == [[11], [99], [13]]


@pytest.mark.parametrize(
    ("change", "fault", "text"),
    [
        (lambda item: item.pop(0x00283002), MissingElement, r"\(0028,3002\) is missing"),
        (lambda item: item.pop(0x00283006), MissingElement, r"\(0028,3006\) is missing"),
        (lambda item: item.add_new(0x00283002, "US", [3, 0]), InvalidElement, "has 2 values; 3 are wanted"),
        (lambda item: item.add_new(0x00283002, "US", [9, 0, 16]), InvalidElement, "6 bytes, too few for 9"),
        (lambda item: item.add_new(0x00283002, "US", [0, 0, 16]), InvalidElement, "too few for 65536"),
    ],
)
def test_a_table_that_contradicts_itself_is_named(tmp_path, change, fault, text):
    item = lut_item([1, 2, 3])
    change(item)
    with pytest.raises(fault, match=text):
        luts_of(tmp_path, item)


def test_data_beyond_the_entries_are_not_read(tmp_path):
    (lut,) = luts_of(tmp_path, lut_item(bytes([7, 0]) + bytes(4_000_000), data_vr="OW", count=1))
    assert words(lut) == [7]


def test_an_explanation_in_the_character_set_of_the_file(tmp_path):
    item = lut_item([1], explanation="Żółć")
    (lut,) = luts_of(tmp_path, item, SpecificCharacterSet="ISO_IR 101")
    assert lut.explanation == "Żółć"


def test_a_frame_that_rescales_itself_below_zero(tmp_path):
    transformation, frame = Dataset(), Dataset()
    transformation.RescaleSlope, transformation.RescaleIntercept = 1, -1024
    frame.PixelValueTransformationSequence = [transformation]
    pixels = np.zeros((2, 2), np.uint16)
    groups = {"PerFrameFunctionalGroupsSequence": [frame]}
    item = lut_item([1], first=64512)
    (lut,) = luts_of(tmp_path, item, pixels=pixels, intercept=0, **groups)
    assert lut.table.first == -1024


def test_a_truncated_file_is_a_named_fault(tmp_path):
    whole = write_file(tmp_path / "one.dcm", ct_slice(VOILUTSequence=[lut_item([1, 2, 3])])).read_bytes()
    for tenth in range(1, 10):
        path = tmp_path / "cut.dcm"
        path.write_bytes(whole[: len(whole) * tenth // 10])
        try:
            read_voi_luts(path)
        except ImagingError:
            continue


def test_the_file_with_a_voi_lut_equals_pydicom():
    path = shared("data/zoo/photometric/vlut_04.dcm")
    (lut,) = read_voi_luts(path)
    assert (lut.table.first, lut.table.bits) == (0, 16)
    assert words(lut)[:4] == [0, 257, 514, 771]
    dataset = pydicom.dcmread(path)
    plane = read_frame(path).values
    np.testing.assert_array_equal(lut.table.look_up(plane), apply_voi_lut(dataset.pixel_array, dataset))
    # 257 × n of 65535 is n of 255: this table changes nothing.
    np.testing.assert_array_equal(to_grey(plane, lut), dataset.pixel_array)


def test_the_file_with_a_modality_lut_has_the_values_of_its_table():
    # 4096 entries from −2048; entry n is n of 4095 parts of 65535: −1 is entry 2047, 32759.5 cut.
    path = shared("data/zoo/photometric/mlut_18.dcm")
    dataset = pydicom.dcmread(path)
    stored = dataset.pixel_array
    frame = read_frame(path)
    assert (frame.values.dtype, frame.inverted, frame.unit) == (np.float32, False, "")
    for value, expected in ((-2048, 0), (-1, 32759), (2047, 65535)):
        assert set(frame.values[stored == value].tolist()) == {expected}
    np.testing.assert_array_equal(frame.values, apply_modality_lut(stored, dataset))
    assert read_voi_luts(path) == ()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_modality_lut_over_all_of_int16(tmp_path, syntax):
    # Stored −32768 is entry 0, 32767 the last one; differences do not fit 16 bits.
    pixels = np.array([[-32768, -1, 0, 30000, 32767]], np.int16)
    dataset = modality_table(ct_slice(pixels=pixels, transfer_syntax=syntax), [0])
    table = np.arange(65536, dtype=">u2" if syntax == ExplicitVRBigEndian else "<u2") // 2
    item = lut_item(
        table.astype(">u2" if syntax == ExplicitVRBigEndian else "<u2").tobytes(),
        first=-32768, vr="SS", data_vr="OW", count=0,
    )  # fmt: skip
    dataset.ModalityLUTSequence = [item]
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = pixels.astype(">i2").tobytes()
    frame = read_frame(write_file(tmp_path / "one.dcm", dataset))
    assert frame.values.tolist() == [[0, 16383, 16384, 31384, 32767]]


def test_a_modality_lut_of_twelve_bits_and_few_entries(tmp_path):
    pixels = np.array([[0, 1, 2, 255]], np.uint8)
    dataset = modality_table(ct_slice(pixels=pixels), [0])
    dataset.ModalityLUTSequence = [lut_item([10, 4000], first=1, bits=12)]
    frame = read_frame(write_file(tmp_path / "one.dcm", dataset))
    assert frame.values.tolist() == [[10, 10, 4000, 4000]]
