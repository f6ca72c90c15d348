"""Photometric interpretations: grey, colour, palettes, lookup tables, overlays, and how large a pixel is."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut

from app.imaging.overlays import read_overlays
from app.imaging.pixels import read_frame
from app.imaging.slices import read_slice_header
from app.imaging.voi import read_voi_luts
from app.imaging.window import to_grey
from tests.conformance.case import Case, Finding, Work, require, require_near, require_same
from tests.conformance.references import pixels_by_simpleitk

FOLDER = "zoo/photometric"


class Colour(NamedTuple):
    """A colour file: what it is, the sum of SimpleITK's RGB values, and how far two decoders may differ."""

    what: str
    total: int
    apart: int = 0


_COLOURS = {
    "ExplVR_BigEnd.dcm": Colour("RGB, big endian", 2470716),
    "OBXXXX1A_rle.dcm": Colour("PALETTE COLOR, RLE", 17918415),
    "SC_rgb_jpeg_dcmtk.dcm": Colour("YBR_FULL, JPEG baseline", 3832000),
    "SC_rgb_small_odd.dcm": Colour("RGB of 3 × 3: an odd number of bytes", 3477),
    "SC_ybr_full_422_uncompressed.dcm": Colour("YBR_FULL_422, uncompressed", 3832000),
    "SC_ybr_full_uncompressed.dcm": Colour("YBR_FULL, uncompressed", 3832000),
    "TestPattern_JPEG-Baseline_YBR422.dcm": Colour("YBR_FULL_422, JPEG baseline", 90946885, 1),
    "TestPattern_JPEG-Baseline_YBRFull.dcm": Colour("YBR_FULL, JPEG baseline", 90943527, 1),
    "TestPattern_JPEG-LS-Lossless.dcm": Colour("RGB, JPEG-LS", 90911541),
    "TestPattern_Palette_16.dcm": Colour("PALETTE COLOR with tables of 16 bits", 90902388),
    "YBR_FULL-RLE.dcm": Colour("YBR_FULL, RLE", 34519611),
    "color-pl.dcm": Colour("RGB, plane after plane (Planar Configuration 1)", 3931744),
    "color-px.dcm": Colour("RGB, pixel after pixel (Planar Configuration 0)", 3931744),
    "examples_jpeg2k.dcm": Colour("YBR_RCT, JPEG 2000", 31821736),
    "examples_palette.dcm": Colour("PALETTE COLOR", 17214150),
    "no-pixel-spacing.dcm": Colour("PALETTE COLOR, ultrasound without Pixel Spacing", 8398754),
}
# Millimetres between rows: of the ultrasound region, Physical Delta Y (0018,602E) in cm × 10.
_BY_REGION = {
    "OBXXXX1A_rle.dcm": 0.2622878766196998,
    "YBR_FULL-RLE.dcm": 0.09536785180637355,
    "no-pixel-spacing.dcm": 0.3305420890260027,
}


def _sum(values: NDArray[np.integer]) -> int:
    return int(values.sum(dtype=np.int64))


def _colour(work: Work, name: str, expected: Colour) -> Finding:
    path = work.data / FOLDER / name
    frame = read_frame(path)
    theirs = pixels_by_simpleitk(path)[0]
    require(frame.is_colour and frame.values.dtype == np.uint8, "not shown in colour")
    require_near("greatest difference", np.abs(frame.values.astype(int) - theirs).max(), 0, expected.apart)
    require_near("sum", _sum(frame.values), expected.total, frame.values.size * expected.apart)
    reference = "SimpleITK"
    if "PALETTE" in expected.what:
        dataset = pydicom.dcmread(path)
        looked_up = apply_color_lut(dataset.pixel_array, dataset)
        require_same("pydicom's colours", bool(np.array_equal(frame.values, looked_up >> 8)), True)
        reference += "; pydicom's apply_color_lut"
    agree = "every sample equal" if not expected.apart else "samples within 1, as of two libjpegs"
    words = f"colour, {agree}"
    if name in _BY_REGION:
        header = read_slice_header(path)
        require_same("spacing from", header.spacing_source, "region")
        require_near("spacing", header.spacing, (_BY_REGION[name],) * 2, 1e-12)
        words += f"; {_BY_REGION[name]:.4f} mm a pixel, said to come from the ultrasound region"
        reference += "; Physical Delta × 10 by hand"
    said = " ".join(map(str, read_slice_header(path).remarks))
    if said:
        return Finding(f"{words}; said: {said}", reference, "shown with a warning")
    return Finding(words, reference)


def _deep_colour(work: Work, name: str, bits: int) -> Finding:
    path = work.data / FOLDER / name
    frame = read_frame(path)
    expected = pydicom.dcmread(path).pixel_array >> (bits - 8)
    require_same("its 8 highest bits", bool(np.array_equal(frame.values, expected)), True)
    # The picture's bands by eye: red, pale red, green, …; SimpleITK mixes up the bytes of RLE of 32 bits.
    found = [frame.values[row, 50].tolist() for row in (5, 15, 25, 45, 75)]
    bands = [[255, 0, 0], [255, 128, 128], [0, 255, 0], [0, 0, 255], [64, 64, 64]]
    require_same("bands", found, bands)
    return Finding(
        f"colour, the 8 highest of {bits} bits, every sample equal; bands red, pale red, green, blue, grey",
        "pydicom; the test picture's known bands",
    )


def _inverted(work: Work, name: str, total: int, highest: int) -> Finding:
    path = work.data / FOLDER / name
    frame, header = read_frame(path), read_slice_header(path)
    require(frame.inverted and not frame.is_colour, "not marked as MONOCHROME1")
    require_same("sum", _sum(frame.values), total)
    require_same("highest", int(frame.values.max()), highest)
    # SimpleITK turns the values themselves over, within the 10 bits stored.
    theirs = 1023 - pixels_by_simpleitk(path)[0].astype(int)
    require_same("values", bool(np.array_equal(frame.values, theirs)), True)
    require_same("spacing", (header.spacing, header.spacing_source), (None, "none"))
    return Finding(
        "stored values kept, lowest to be shown white; pixels, no millimetres",
        "SimpleITK, whose values are 1023 − stored",
    )


def _modality_table(work: Work) -> Finding:
    path = work.data / FOLDER / "mlut_18.dcm"
    dataset, frame = pydicom.dcmread(path), read_frame(path)
    expected = apply_modality_lut(dataset.pixel_array, dataset)
    require_same("values", bool(np.array_equal(frame.values, expected)), True)
    for stored, by_hand in ((-2048, 0), (-1, 32759), (2047, 65535)):
        found = set(frame.values[dataset.pixel_array == stored].tolist())
        require_same(f"stored {stored}", found, {by_hand})
    return Finding("stored −2048, −1, 2047 give 0, 32759, 65535; every pixel equal", "pydicom; by hand")


def _voi_table(work: Work) -> Finding:
    path = work.data / FOLDER / "vlut_04.dcm"
    (lut,) = read_voi_luts(path)
    dataset, plane = pydicom.dcmread(path), read_frame(path).values
    looked_up = apply_voi_lut(dataset.pixel_array, dataset)
    require_same("table", bool(np.array_equal(lut.table.look_up(plane), looked_up)), True)
    # 257 × n of 65535 is n of 255.
    require_same("greys", bool(np.array_equal(to_grey(plane, lut), dataset.pixel_array)), True)
    return Finding(
        "table of 16 bits applied, every grey equal", "pydicom's apply_voi_lut; 257 n ÷ 65535 by hand"
    )


def _overlay(work: Work) -> Finding:
    path = work.data / FOLDER / "examples_overlay.dcm"
    (overlay,) = read_overlays(path)
    expected = pydicom.dcmread(path).overlay_array(0x6000)
    require_same("overlay", bool(np.array_equal(overlay.mask, expected)), True)
    frame = read_frame(path)
    require_same("values", bool(np.array_equal(frame.values, pixels_by_simpleitk(path)[0])), True)
    return Finding(
        f"overlay 6000 of {int(overlay.mask.sum())} pixels, beside the image; every value equal",
        "pydicom's overlay_array; SimpleITK",
    )


def _case(name: str, what: str, expected: str, check: Callable[[Work], Finding]) -> Case:
    return Case(f"{FOLDER}/{name}", (f"{FOLDER}/{name}",), what, expected, check)


CASES = [
    *(
        _case(
            name,
            one.what,
            f"colour, sum of samples {one.total}" + (" within one a sample" if one.apart else ""),
            partial(_colour, name=name, expected=one),
        )
        for name, one in _COLOURS.items()
    ),
    _case(
        "SC_rgb_16bit.dcm",
        "RGB of 16 bits",
        "colour",
        partial(_deep_colour, name="SC_rgb_16bit.dcm", bits=16),
    ),
    _case(
        "SC_rgb_rle_32bit.dcm",
        "RGB of 32 bits, RLE",
        "colour",
        partial(_deep_colour, name="SC_rgb_rle_32bit.dcm", bits=32),
    ),
    _case(
        "gdcm-CR-MONO1-10-chest.dcm",
        "MONOCHROME1 chest radiograph, 10 bits, no pixel spacing",
        "values 0 to 979, sum 97159572, inverted",
        partial(_inverted, name="gdcm-CR-MONO1-10-chest.dcm", total=97159572, highest=979),
    ),
    _case(
        "RG3_J2KI.dcm",
        "MONOCHROME1 chest radiograph, JPEG 2000, no pixel spacing",
        "values 0 to 1023, sum 1030622924, inverted",
        partial(_inverted, name="RG3_J2KI.dcm", total=1030622924, highest=1023),
    ),
    _case("mlut_18.dcm", "Modality LUT Sequence", "entry n of 4096 is n ÷ 4095 of 65535", _modality_table),
    _case("vlut_04.dcm", "VOI LUT Sequence", "the table's greys instead of a window", _voi_table),
    _case(
        "examples_overlay.dcm", "an overlay beside the pixels", "shown over the image, switchable", _overlay
    ),
]
