"""Transfer syntaxes: one chest slice in fifteen of them, and eight oddities."""

import json
from functools import partial

import numpy as np

from app.imaging.dicomfile import inspect_file
from app.imaging.pixels import read_frame
from tests.conformance.case import Case, Finding, Work, refusal_of, require_near, require_same
from tests.conformance.references import pixels_by_simpleitk

FOLDER = "zoo/transfer-syntaxes"
PLAIN = "CTImage_LittleEndianExplicit_1.2.840.10008.1.2.1.dcm"
_ENCODINGS = "SimpleITK's decoder (GDCM's libraries)"
_UPLOAD = "as an upload it is refused, for it has no Study Instance UID"

# Lowest and highest modality value: as SimpleITK 2.5.7 decodes and rescales the file.
_CHEST = {
    "LittleEndianImplicit_1.2.840.10008.1.2": (-3024, 1378),
    "LittleEndianExplicit_1.2.840.10008.1.2.1": (-3024, 1378),
    "DeflatedExplicitVRLittleEndian_1.2.840.10008.1.2.1.99": (-3024, 1378),
    "BigEndianExplicit_1.2.840.10008.1.2.2": (-3024, 1378),
    "JPEGProcess1_1.2.840.10008.1.2.4.50": (-3083.352, 1349.4288),
    "JPEGProcess2_4_1.2.840.10008.1.2.4.51": (-3052.8786, 1369.6613),
    "JPEGProcess6_8_1.2.840.10008.1.2.4.53": (-3052.8786, 1369.6613),
    "JPEGProcess10_12_1.2.840.10008.1.2.4.55": (-3052.8786, 1369.6613),
    "JPEGProcess14_1.2.840.10008.1.2.4.57": (-3024, 1378),
    "JPEGProcess14SV1_1.2.840.10008.1.2.4.70": (-3024, 1378),
    "JPEGLSLossless_1.2.840.10008.1.2.4.80": (-3024, 1378),
    "JPEGLSLossy_1.2.840.10008.1.2.4.81": (-3025, 1377),
    "JPEG2000LosslessOnly_1.2.840.10008.1.2.4.90": (-3024, 1378),
    "JPEG2000_1.2.840.10008.1.2.4.91": (-3027, 1377),
    "RLELossless_1.2.840.10008.1.2.5": (-3024, 1378),
}
_OTHERS = {
    "CT_small.dcm": ("CT of 128 × 128, Explicit little endian", (-896, 1167), "HU"),
    "HTJ2KLossless_08_RGB.dcm": ("High-throughput JPEG 2000, colour", (0, 255), ""),
    "J2K_pixelrep_mismatch.dcm": ("JPEG 2000 whose header alone knows the sign", (-2000, 1896), "HU"),
    "JPEG-lossy.dcm": ("JPEG .51 of 12 bits, gamma camera", (0, 264), ""),
    "JPEGLSNearLossless_16.dcm": ("JPEG-LS near-lossless of 16 bits", (0, 65535), ""),
    "MR_small.dcm": ("MR of 64 × 64, Explicit little endian", (127, 2145), ""),
    "MR_small_bigendian.dcm": ("the same, Explicit big endian", (127, 2145), ""),
    "image_dfl.dcm": ("deflated", (0, 255), ""),
}
_WITHOUT_STUDY = ("HTJ2KLossless_08_RGB.dcm", "JPEGLSNearLossless_16.dcm")


def _values(work: Work, name: str, ends: tuple[float, float], unit: str) -> str:
    """Words for values that equal SimpleITK's."""
    path = work.data / FOLDER / name
    frame = read_frame(path)
    theirs = pixels_by_simpleitk(path)[0]
    require_same("size", frame.values.shape, theirs.shape)
    require_near("ends of the values", (frame.values.min(), frame.values.max()), ends, 1e-3)
    require_near("greatest difference", np.abs(frame.values.astype(np.float64) - theirs).max(), 0, 1e-3)
    require_same("unit", frame.unit, unit)
    return f"{ends[0]:g} to {ends[1]:g}{' ' + unit if unit else ''}, every pixel equal"


def _chest(work: Work, name: str, ends: tuple[float, float]) -> Finding:
    found = _values(work, name, ends, "HU")
    told = json.loads((work.data / FOLDER / "decode-reference.json").read_text())[name]
    if "min" not in told:
        return Finding(found, f"{_ENCODINGS}; no other decoder reads it (decode-reference.json)")
    slope, intercept = told["rescale"]
    # Two libjpegs may round one stored step apart.
    lossy = told["ts"].endswith((".50", ".51"))
    stored = (told["min"] * slope + intercept, told["max"] * slope + intercept)
    require_near("ends in decode-reference.json", ends, stored, slope + 1e-3 if lossy else 0)
    if lossy:  # rescaled by other numbers than the plain slice
        return Finding(found, f"{_ENCODINGS}; decode-reference.json (lowest and highest)")
    apart = told["max_abs_diff_stored_values_to_explicit_le"]
    frame, plain = read_frame(work.data / FOLDER / name), read_frame(work.data / FOLDER / PLAIN)
    require_same("most apart from the plain slice", _apart(frame.values, plain.values), apart)
    return Finding(f"{found}; from the plain slice at most {apart}", f"{_ENCODINGS}; decode-reference.json")


def _apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other).max())


def _other(work: Work, name: str, ends: tuple[float, float], unit: str) -> Finding:
    found = _values(work, name, ends, unit)
    path = work.data / FOLDER / name
    if name in _WITHOUT_STUDY:
        words = refusal_of(lambda: inspect_file(path), "MissingElement", "Study Instance UID (0020,000D)")
        return Finding(f"{found}; upload: {words}", _ENCODINGS, "refused by name")
    require_same("transfer syntax read", bool(inspect_file(path).transfer_syntax_uid), True)
    return Finding(found, _ENCODINGS)


def _expected(ends: tuple[float, float], unit: str, name: str) -> str:
    words = f"values from {ends[0]:g} to {ends[1]:g}{' ' + unit if unit else ''}"
    return f"{words}; {_UPLOAD}" if name in _WITHOUT_STUDY else words


CASES = [
    *(
        Case(
            f"{FOLDER}/CTImage_{syntax}.dcm",
            (f"{FOLDER}/CTImage_{syntax}.dcm", f"{FOLDER}/decode-reference.json"),
            f"one chest CT slice, {syntax.split('_1.2.840')[0]}",
            _expected(ends, "HU", ""),
            partial(_chest, name=f"CTImage_{syntax}.dcm", ends=ends),
        )
        for syntax, ends in _CHEST.items()
    ),
    *(
        Case(
            f"{FOLDER}/{name}",
            (f"{FOLDER}/{name}",),
            what,
            _expected(ends, unit, name),
            partial(_other, name=name, ends=ends, unit=unit),
        )
        for name, (what, ends, unit) in _OTHERS.items()
    ),
]
