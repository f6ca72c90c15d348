"""Series of every kind, damaged in every way of :mod:`cases`: each comes to a named fault or a labelled end.

And nothing that a damaged file claims, millimetres, places, values with a unit, is other than the sound
one's without a word about it.
"""

import pytest

from tests.imaging.bad_input import cases
from tests.imaging.bad_input.judging import judge
from tests.imaging.bad_input.sound import DICOM, KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_sound_series_is_sound(reader, kind, sound_outcome):
    outcome = sound_outcome(kind)
    assert (outcome["wrong"], outcome["faults"]) == ([], [])
    single = kind in ("us", "jpeg", "palette", "overlays", "table", "dx")
    assert bool(outcome["claims"]["volumes"]) is not single


@pytest.mark.parametrize("kind", DICOM)
def test_each_element_missing_in_turn(reader, kind, sound_outcome):
    assert judge(reader, sound_outcome, kind, cases.missing(kind)) == []


@pytest.mark.parametrize("kind", DICOM)
def test_wrong_types(reader, kind, sound_outcome):
    assert judge(reader, sound_outcome, kind, cases.wrong_type(kind)) == []


@pytest.mark.parametrize("kind", DICOM)
def test_absurd_values(reader, kind, sound_outcome):
    assert judge(reader, sound_outcome, kind, cases.absurd(kind)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_cut_at_every_tenth(reader, kind, sound_outcome):
    assert judge(reader, sound_outcome, kind, cases.cut(kind)) == []


@pytest.mark.parametrize("kind", DICOM)
def test_nested_400_and_100000_deep(reader, kind, sound_outcome):
    assert judge(reader, sound_outcome, kind, cases.deep(kind)) == []


@pytest.mark.parametrize("kind", DICOM)
def test_giant_claims(reader, kind, sound_outcome):
    assert judge(reader, sound_outcome, kind, cases.giant(kind)) == []


@pytest.mark.parametrize("kind", ["nifti", "nrrd"])
def test_wild_headers_of_volume_files(reader, kind, sound_outcome):
    assert judge(reader, sound_outcome, kind, cases.wild_headers(kind)) == []
