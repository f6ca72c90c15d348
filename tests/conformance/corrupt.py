"""Broken files: each is refused by name, or read as another reader reads it."""

import time
from functools import partial

import numpy as np

from app.imaging.dicomfile import inspect_file
from app.imaging.errors import ImagingError
from app.imaging.formats.inspect import inspect_any
from app.imaging.pixels import read_frame
from app.imaging.slices import read_slice_headers
from tests.conformance.case import Case, Check, Differs, Finding, Work, refusal_of, require, require_same
from tests.conformance.references import pixels_by_simpleitk

FOLDER = "zoo/corrupt"
MOST_SECONDS = 2.0

# What it is, and the words of the refusal.
_REFUSED = {
    "3gb-bulk-data-truncated": (
        "claims 3 GB in 100 kB; its image elements hold two numbers for one",
        ("InvalidElement", "(0028,"),
    ),
    "ExplVR_BigEndNoMeta.dcm": ("RT Ion Plan, big endian, no meta information", ("RT Ion Plan Storage",)),
    "ExplVR_LitEndNoMeta.dcm": ("RT Ion Plan, no meta information", ("RT Ion Plan Storage",)),
    "GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm": (
        "implicit little endian whose sequence is big endian",
        ("InvalidElement", "(0008,2112)"),
    ),
    "MR_truncated.dcm": ("pixels 62 bytes short", ("TruncatedFile", "8130 of 8192 bytes")),
    "badVR.dcm": ("Number of Frames “1A”", ("InvalidElement", "Number of Frames (0028,0008)")),
    "dwv-test_bad.zip": ("no ZIP, though called so", ("NotDicom",)),
    "dwv-test_no-number-rows.dcm": ("no Rows, no SOP Class", ("MissingElement", "SOP Class UID (0008,0016)")),
    "meta_missing_tsyntax.dcm": ("no transfer syntax", ("MissingElement", "SOP Class UID (0008,0016)")),
    "no-meta-length-test.dcm": ("no group length; no pixels either", ("NoPixelData",)),
    "no_meta_group_length.dcm": ("no group length; no pixels either", ("NoPixelData",)),
    "reportsi.dcm": ("structured report", ("UnsupportedData", "Basic Text SR Storage")),
    "rtplan_truncated.dcm": ("plan that ends inside an element", ("TruncatedFile", "(300A,00B0)")),
}
_READ = {
    "bad_sequence.dcm": ("a sequence whose length is wrong", "HU"),
    "explicit_VR-UN.dcm": ("elements of VR UN", "HU"),
}


def _in_time(check: Check, work: Work) -> Finding:
    started = time.perf_counter()
    finding = check(work)
    took = time.perf_counter() - started
    require(took < MOST_SECONDS, f"took {took:.1f} s")
    return finding


def _refused(work: Work, name: str, words: tuple[str, ...]) -> Finding:
    path = work.data / FOLDER / name
    said = refusal_of(lambda: inspect_any(path), *words)
    for read in (read_slice_headers, read_frame):
        try:
            read(path)
        except ImagingError:
            continue
        raise Differs(f"refused as upload, and yet read by {read.__name__}")
    return Finding(said, "what the file is, by its bytes and the README", "refused by name")


def _read(work: Work, name: str, unit: str) -> Finding:
    path = work.data / FOLDER / name
    inspect_file(path)
    frame = read_frame(path)
    require_same("unit", frame.unit, unit)
    theirs = pixels_by_simpleitk(path)[0]
    require_same("values", bool(np.array_equal(frame.values, theirs)), True)
    return Finding(
        f"read, every pixel equal, {frame.values.min()} to {frame.values.max()} {unit}", "SimpleITK"
    )


def _pixels_refused(work: Work) -> Finding:
    """A file that is one until its pixels are asked for."""
    path = work.data / FOLDER / "JPEG2000-embedded-sequence-delimiter.dcm"
    require_same("frames", inspect_file(path).frames, 1)
    said = refusal_of(lambda: read_frame(path), "InvalidElement", "Pixel Data (7FE0,0010)")
    try:
        pixels_by_simpleitk(path)
    except RuntimeError:
        return Finding(f"listed; its picture: {said}", "SimpleITK refuses the stream too", "refused by name")
    raise Differs(f"{said}, which SimpleITK decodes")


def _short_frames(work: Work) -> Finding:
    """Its frames without the last marker are whole all the same."""
    path = work.data / FOLDER / "emri_small_jpeg_2k_lossless_too_short.dcm"
    theirs = pixels_by_simpleitk(work.data / "zoo/multiframe/emri_small.dcm")
    headers = read_slice_headers(path)
    require_same("frames", len(headers), 10)
    found, refused = 0, ""
    for header in headers:
        try:
            values = read_frame(path, header.frame).values
        except ImagingError as fault:
            refused = f"; frame {header.frame + 1}: {type(fault).__name__}: {fault}"
            continue
        require_same(f"frame {header.frame + 1}", bool(np.array_equal(values, theirs[header.frame])), True)
        found += 1
    return Finding(
        f"{found} of 10 frames, every pixel equal{refused}",
        "the same frames uncompressed, by SimpleITK",
        "refused by name" if refused else "agrees",
    )


def _structures(work: Work) -> Finding:
    facts = inspect_file(work.data / FOLDER / "rtstruct.dcm")
    require_same("what it is", (facts.modality, facts.has_pixels), ("RTSTRUCT", False))
    said = refusal_of(lambda: read_frame(work.data / FOLDER / "rtstruct.dcm"), "NoPixelData")
    return Finding(f"kept as an RT Structure Set; as a picture: {said}", "pydicom")


def _case(name: str, what: str, expected: str, check: Check) -> Case:
    in_time = partial(_in_time, check)
    return Case(f"{FOLDER}/{name}", (f"{FOLDER}/{name}",), what, f"{expected}; within 2 s", in_time)


CASES = [
    *(
        _case(name, what, f"refused: {', '.join(words)}", partial(_refused, name=name, words=words))
        for name, (what, words) in _REFUSED.items()
    ),
    *(
        _case(name, what, "read all the same", partial(_read, name=name, unit=unit))
        for name, (what, unit) in _READ.items()
    ),
    _case(
        "JPEG2000-embedded-sequence-delimiter.dcm",
        "JPEG 2000 with a sequence delimiter written over its header",
        "refused when its picture is asked for",
        _pixels_refused,
    ),
    _case(
        "emri_small_jpeg_2k_lossless_too_short.dcm",
        "10 frames of JPEG 2000, cut short",
        "the frames that are there, as emri_small.dcm has them",
        _short_frames,
    ),
    _case("rtstruct.dcm", "RT Structure Set without meta information", "kept; no picture", _structures),
]
