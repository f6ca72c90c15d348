"""Splitting a series with a look at what every split must hold."""

from app.imaging.parts import split_series


def split(headers):
    """The parts, after a check that no image was lost or doubled, in any order of the images."""
    parts = split_series(headers)
    given = sorted(header.sop_instance_uid + f"#{header.frame}" for header in headers)
    assert sorted(h.sop_instance_uid + f"#{h.frame}" for part in parts for h in part.headers) == given
    backwards = split_series(headers[::-1])
    assert [str(part.label) for part in backwards] == [str(part.label) for part in parts]
    return parts


def labels(parts):
    return [str(part.label) for part in parts]
