"""What several tests of series build on."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.imaging.dimensions import FrameDimensions
from app.imaging.slices import read_slice_headers
from tests.imaging.phantoms import ct_slice, write_file


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = write_file(tmp_path_factory.mktemp("one") / "im.dcm", ct_slice())
    return read_slice_headers(path)[0]


@pytest.fixture
def image(template):
    """A header with another place and other dimensions; numbers count up."""
    numbers = iter(range(1, 10**6))

    def make(position, *, size=None, dimensions=None, unit=None, **fields):
        number = next(numbers)
        fields = {
            "instance_number": number,
            "sop_instance_uid": f"1.2.{number}",
            "path": Path(f"/im{number}"),
        } | fields
        if size:
            fields["layout"] = replace(template.layout, rows=size[1], columns=size[0])
        if unit is not None:
            fields["rescale"] = replace(template.rescale, unit=unit)
        position = tuple(map(float, position)) if position is not None else None
        return replace(
            template, position=position, dimensions=FrameDimensions(**(dimensions or {})), **fields
        )

    return make
