"""Which segments lie in one array together, and with what values."""

import numpy as np
import pytest

from app.imaging import labellayers
from app.imaging.errors import LimitExceeded
from app.imaging.labellayers import pack_layers
from app.imaging.segments import BoxMask, Segment

SHAPE = (4, 5, 6)


def cube(number, low_kji, high_kji):
    mask = np.zeros(SHAPE, bool)
    mask[tuple(slice(a, b) for a, b in zip(low_kji, high_kji, strict=True))] = True
    return Segment(number, "", BoxMask.of(mask))


def test_segments_apart_share_a_layer_and_overlaps_open_another():
    layers = pack_layers(
        [cube(7, (0, 0, 0), (2, 2, 2)), cube(3, (1, 1, 1), (3, 3, 3)), cube(9, (2, 2, 2), (4, 5, 6))], SHAPE
    )
    assert [layer.numbers for layer in layers] == [(7, 9), (3,)]
    first, second = layers
    assert (first.origin_ijk, first.labels.shape) == ((0, 0, 0), (4, 5, 6))
    assert (first.labels == 1).sum() == 8
    assert (first.labels == 2).sum() == 24
    assert first.labels[1, 1, 1] == 1
    assert first.labels[2, 2, 2] == 2
    assert (second.origin_ijk, second.labels.shape, second.labels.min()) == ((1, 1, 1), (2, 2, 2), 1)


def test_boxes_that_overlap_without_a_common_voxel_share_a_layer():
    one, other = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    one[0, 0, 0] = one[3, 4, 5] = other[0, 0, 5] = other[3, 4, 0] = True
    (layer,) = pack_layers([Segment(1, "", BoxMask.of(one)), Segment(2, "", BoxMask.of(other))], SHAPE)
    assert layer.labels[0, 0].tolist() == [1, 0, 0, 0, 0, 2]
    assert layer.labels[3, 4].tolist() == [2, 0, 0, 0, 0, 1]


def test_an_empty_segment_keeps_its_value():
    empty = Segment(2, "", BoxMask.of(np.zeros(SHAPE, bool)))
    (layer,) = pack_layers([cube(1, (3, 4, 5), (4, 5, 6)), empty, cube(3, (3, 4, 4), (4, 5, 5))], SHAPE)
    assert layer.numbers == (1, 2, 3)
    assert layer.labels.tolist() == [[[3, 1]]]
    assert pack_layers([empty], SHAPE)[0].labels.size == 0
    assert pack_layers([], SHAPE) == ()


def test_a_layer_holds_no_more_than_a_byte_can_tell_apart():
    voxel = np.ones((1, 1, 1), bool)
    row = [Segment(n + 1, "", BoxMask((n, 0, 0), voxel)) for n in range(300)]
    layers = pack_layers(row, (1, 1, 300))
    assert [len(layer.numbers) for layer in layers] == [255, 45]
    assert layers[0].labels[0, 0, 254] == 255
    assert layers[1].origin_ijk == (255, 0, 0)


def test_layers_beyond_the_memory_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(labellayers, "MOST_LAYER_BYTES", 300)
    whole = [cube(n, (0, 0, 0), SHAPE) for n in range(3)]
    with pytest.raises(LimitExceeded, match="360 bytes"):
        pack_layers(whole, SHAPE)
